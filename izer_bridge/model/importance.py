"""Who is a VIP and which groups are critical, from the settings and the two tables."""

from collections.abc import Iterable
from dataclasses import dataclass

from izer_bridge.model.identity import Jid, normalise_number

_TURKISH_I = str.maketrans({"İ": "i", "I": "i", "ı": "i"})


def folded(name: str) -> str:
    """A name for comparing: without case, with every i the same, single blanks."""
    return " ".join(name.translate(_TURKISH_I).casefold().split())


@dataclass(frozen=True, slots=True)
class ImportanceRules:
    """`people` are E.164 numbers and LIDs (`1234@lid`), `groups` folded names and JIDs."""

    people: frozenset[str]
    groups: frozenset[str]

    @classmethod
    def of(cls, people: Iterable[str], groups: Iterable[str]) -> "ImportanceRules":
        """From any spelling; what is neither a number nor a JID matches nobody."""
        return cls(
            frozenset(known for text in people if (known := _person(text))),
            frozenset(text.strip() if "@" in text else folded(text) for text in groups),
        )

    def and_also(self, other: "ImportanceRules") -> "ImportanceRules":
        return ImportanceRules(self.people | other.people, self.groups | other.groups)

    def is_vip(self, number: str | None, lid: str | None) -> bool:
        return number in self.people or (lid is not None and f"{lid}@lid" in self.people)

    def is_critical_group(self, jid: Jid, name: str) -> bool:
        return str(jid) in self.groups or (bool(name) and folded(name) in self.groups)


def _person(text: str) -> str | None:
    try:
        if "@" not in text:
            return normalise_number(text)
        jid = Jid.parse(text)
        return jid.number or str(jid)
    except ValueError:
        return None
