"""A sender as the owner sees them: what nobody can choose comes before the self-chosen name.

A stranger may use a customer's name, and put a number into it. So the number comes first, where no
name can be, and anything that a stranger has chosen is between «».
"""

from dataclasses import dataclass

from izer_bridge.domain.quoted_text import excerpt

_LONGEST_NAME = 80
# So that no name ends before its end.
_INNER = str.maketrans("«»", "‹›")


@dataclass(frozen=True, slots=True)
class Correspondent:
    """`number` is E.164, empty if none is known; `group` is its name, None in a direct chat.

    `is_lid_only`: WhatsApp identifies them by a LID and has not told the number.
    """

    name: str
    number: str
    is_lid_only: bool = False
    group: str | None = None

    def __str__(self) -> str:
        """The chat: the group, or the writer."""
        return self.writer if self.group is None else f"grup {_chosen(self.group)}".rstrip()

    @property
    def writer(self) -> str:
        unknown = "numarası gizli (yalnızca LID)" if self.is_lid_only else "numarası bilinmiyor"
        return f"{self.number or unknown} {_chosen(self.name)}".rstrip()

    @property
    def in_group(self) -> str:
        """A line that names the writer within a group; empty in a direct chat, which is theirs."""
        return "" if self.group is None else f"Yazan: {self.writer}"


def _chosen(name: str) -> str:
    shown = excerpt(name, _LONGEST_NAME).translate(_INNER)
    return f"«{shown}»" if shown else ""
