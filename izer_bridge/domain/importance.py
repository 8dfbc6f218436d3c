"""Who is a VIP, which groups are critical, and how their messages are treated; pure values."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from izer_bridge.domain.analysis import Analysis, Priority, due_within, raised
from izer_bridge.domain.identity import Jid, normalise_number

MOST_MINUTES = 7 * 24 * 60
_PEOPLE = (
    "expected a phone number in any spelling (0555 111 22 33, +44 20 7946 0958), "
    "or a LID (1234@lid)"
)
# Including the dot that lower case leaves of "İ" outside Turkey.
_TURKISH_I = str.maketrans({"İ": "i", "I": "i", "ı": "i", "\u0307": ""})


def folded(name: str) -> str:
    """A name for comparing: composed, without case, with every i the same, single spaces.

    Invisible characters, such as direction marks, are dropped.
    """
    composed = unicodedata.normalize("NFC", name).translate(_TURKISH_I).casefold()
    shown = "".join(one for one in composed if unicodedata.category(one) != "Cf")
    return " ".join(unicodedata.normalize("NFC", shown).split())


def person_key(text: str) -> str:
    """A customer's E.164 number or LID (`1234@lid`), from any spelling. Raises ValueError."""
    try:
        jid = Jid.parse(text) if "@" in text else None
        is_lid = jid is not None and jid.is_lid and jid.user.isdecimal()
        return str(jid) if is_lid else normalise_number(text)
    except ValueError:
        raise ValueError(_PEOPLE) from None


# Every recording reads the whole table, and parsing a number is slow.
@lru_cache(maxsize=4096)
def known_person(text: str) -> str | None:
    """The `person_key`, or None if it is neither a number nor a LID."""
    try:
        return person_key(text)
    except ValueError:
        return None


def group_key(text: str) -> str:
    """A group's JID unchanged, or its name folded; names contain spaces, and some an @."""
    return text.strip() if is_address(text) else folded(text)


def is_address(text: str) -> bool:
    """Whether it is a JID rather than a name."""
    try:
        return len(text.split()) == 1 and bool(Jid.parse(text))
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Treatment:
    """How messages of somebody important are treated.

    `priority` is the minimum after raising; a person who is not `is_raised` is important all the
    same. `agent` takes precedence over the routing rules.
    """

    priority: Priority = Priority.CRITICAL
    answer_within_minutes: int | None = None
    agent: str | None = None
    is_raised: bool = True


@dataclass(frozen=True, slots=True)
class Importance:
    """How one message is treated for its sender's and its group's sake; None: not important.

    Both count: the message is raised for either, to the higher priority and the shorter time.
    """

    customer: Treatment | None = None
    group: Treatment | None = None

    @property
    def is_vip(self) -> bool:
        return self.customer is not None

    @property
    def is_critical_group(self) -> bool:
        return self.group is not None

    @property
    def answer_within_minutes(self) -> int | None:
        found = [one.answer_within_minutes for one in (self.customer, self.group) if one]
        return min((minutes for minutes in found if minutes is not None), default=None)

    @property
    def preferred_agents(self) -> Sequence[tuple[str, str]]:
        """Agents, each with whose it is, the customer's before the group's."""
        both = (self.customer, "customer"), (self.group, "group")
        return [(how.agent, whose) for how, whose in both if how is not None and how.agent]


def raised_as_due(importance: Importance, analysis: Analysis) -> tuple[Analysis, str | None]:
    """The analysis, raised as its message's importance requires, and for whom, if it was."""
    reasons = {"important customer": importance.customer, "critical group": importance.group}
    raising = {reason: one for reason, one in reasons.items() if one and one.is_raised}
    if raising:
        analysis = raised(analysis, *(one.priority for one in raising.values()))
    if importance.answer_within_minutes is not None:
        analysis = due_within(analysis, importance.answer_within_minutes)
    return analysis, next(iter(raising), None)


Treatments = Mapping[str, Treatment | None]


@dataclass(frozen=True, slots=True)
class ImportanceRules:
    """Treatments by `person_key` and `group_key`; None says that somebody is not important.

    Keys missing here are decided by the rules `beneath`. `confirmed` are the JIDs of groups that
    the shop has confirmed to be what their name says.
    """

    people: Treatments
    groups: Treatments
    beneath: "ImportanceRules | None" = None
    confirmed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, people: Iterable[str], groups: Iterable[str]) -> Self:
        """All treated the same, from any spelling."""
        usual = Treatment()
        return cls.treating(((one, usual) for one in people), ((one, usual) for one in groups))

    @classmethod
    def treating(
        cls,
        people: Iterable[tuple[str, Treatment | None]],
        groups: Iterable[tuple[str, Treatment | None]],
    ) -> Self:
        """From any spelling; what is neither a number nor a JID matches nobody.

        If two refer to the same person or group, the later counts.
        """
        return cls(
            {known: how for text, how in people if (known := known_person(text))},
            {known: how for text, how in groups if (known := group_key(text))},
        )

    def above(self, beneath: "ImportanceRules") -> "ImportanceRules":
        return replace(self, beneath=beneath)

    def of_person(self, number: str | None, lid: str | None) -> Treatment | None:
        """For an E.164 number and a LID's digits, as far as known."""
        for key in (number, lid and f"{lid}@lid"):
            if key and key in self.people:
                return self.people[key]
        return self.beneath.of_person(number, lid) if self.beneath else None

    def of_group(self, jid: Jid, name: str, *, is_own: bool) -> Treatment | None:
        """Anybody may name a group: a name counts only for the shop's own and confirmed groups.

        `is_own`: the shop is an admin of it, or there is only a name to go by.
        """
        if is_own or str(jid) in self.confirmed:
            return self._of_keys((str(jid), folded(name)))
        return self._of_keys((str(jid),))

    def awaits_confirmation(self, jid: Jid, name: str) -> bool:
        """Whether a group that is not the shop's own would count if it were."""
        own, known = (self.of_group(jid, name, is_own=one) for one in (True, False))
        return own is not None and known is None

    def _of_keys(self, keys: Sequence[str]) -> Treatment | None:
        """The first treatment found in these rules, else the one in those beneath."""
        for key in keys:
            if key in self.groups:
                return self.groups[key]
        return self.beneath._of_keys(keys) if self.beneath else None
