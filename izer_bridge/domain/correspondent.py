"""Who wrote, as the owner reads it: by what nobody can choose before what they call themselves.

A stranger may bear a customer's name, and put a number into it. So the number stands first, where
no name comes, and whatever a stranger has chosen stands between «».
"""

from dataclasses import dataclass

from izer_bridge.domain.quoted_text import excerpt

_LONGEST_NAME = 80
# So that no name ends before its end.
_INNER = str.maketrans("«»", "‹›")


@dataclass(frozen=True, slots=True)
class Correspondent:
    """`number` is E.164, empty where none is known; `group` is its name, None in a direct chat.

    `is_lid_only`: WhatsApp names them by a LID and has not told the number.
    """

    name: str
    number: str
    is_lid_only: bool = False
    group: str | None = None

    def __str__(self) -> str:
        """The chat: the group, or who wrote."""
        return self.writer if self.group is None else f"grup {_chosen(self.group)}".rstrip()

    @property
    def writer(self) -> str:
        unknown = "numarası gizli (yalnızca LID)" if self.is_lid_only else "numarası bilinmiyor"
        return f"{self.number or unknown} {_chosen(self.name)}".rstrip()

    @property
    def in_group(self) -> str:
        """A line that names who of a group wrote; empty in a direct chat, which is theirs."""
        return "" if self.group is None else f"Yazan: {self.writer}"


def _chosen(name: str) -> str:
    shown = excerpt(name, _LONGEST_NAME).translate(_INNER)
    return f"«{shown}»" if shown else ""
