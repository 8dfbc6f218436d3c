"""`izer-bridge vip` and `izer-bridge group`: who is important, in the store and in the settings."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from izer_bridge.config import Config, Important
from izer_bridge.console.console import Printer
from izer_bridge.console.listing import fixed, number, text
from izer_bridge.domain.analysis import Priority
from izer_bridge.domain.errors import ConfigError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import MOST_MINUTES, Treatment, group_key, person_key
from izer_bridge.people.store.important import (
    CriticalGroups,
    CustomerType,
    ImportanceRow,
    ImportantCustomers,
    Wish,
)
from izer_bridge.store.text import NAME_LENGTH

E = TypeVar("E", bound=StrEnum)


def wish(
    agents: Collection[str],
    *,
    name: str | None = None,
    customer_type: str | None = None,
    priority: str | None = None,
    answer_within_minutes: int | None = None,
    agent: str | None = None,
    is_raised: bool | None = None,
) -> Wish:
    """Parse what was typed; `agents` are the existing names. Raises ConfigError that says so."""
    if answer_within_minutes is not None and not 1 <= answer_within_minutes <= MOST_MINUTES:
        raise ConfigError(
            f"--answer-within {answer_within_minutes}: allowed: 1 to {MOST_MINUTES} minutes"
        )
    if agent is not None and agent not in agents:
        raise ConfigError(f"--agent {agent!r}: allowed: {', '.join(agents)}")
    return Wish(
        name=name,
        customer_type=_one_of(CustomerType, "--type", customer_type),
        priority=_one_of(Priority, "--priority", priority),
        answer_within_minutes=answer_within_minutes,
        agent=agent,
        is_raised=is_raised,
    )


def _one_of(allowed: type[E], option: str, text: str | None) -> E | None:
    if text is None:
        return None
    try:
        return allowed(text)
    except ValueError:
        raise ConfigError(f"{option} {text!r}: allowed: {', '.join(allowed)}") from None


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a list. `address` is a number, LID or JID, or empty; `source` is its origin."""

    address: str
    name: str
    customer_type: str | None
    treatment: Treatment
    source: str


@dataclass(frozen=True, slots=True)
class Register:
    """The important customers, or the critical groups, of `open_store` and of the settings.

    `read` normalises what the operator typed and raises ValueError; `key` compares.
    """

    open_store: Callable[[], ImportantCustomers | CriticalGroups]
    read: Callable[[str], str]
    key: Callable[[str], str]
    settings: Sequence[Shown]
    what: str

    async def put(self, text: str, wish: Wish) -> str:
        """Make somebody important, or change how; returns who it is. Raises ConfigError."""
        who = self._who(text)
        async with self.open_store() as store:
            await store.put(who, wish)
        return who

    async def remove(self, text: str) -> str:
        """Make somebody unimportant; returns who it is. Raises ConfigError if they already were."""
        who = self._who(text)
        async with self.open_store() as store:
            if not self._is_there(who, await store.list()):
                raise ConfigError(f"{who} is not there; see: izer-bridge {self.what} list")
            await store.remove(who)
        return who

    async def show(self, console: Printer, *, as_json: bool) -> None:
        """Print who is important now."""
        async with self.open_store() as store:
            entries = await store.list()
        shown = [
            Shown(one.address, one.name, one.customer_type, one.treatment, "store")
            for one in entries
            if one.is_active
        ]
        shown += self._settings_beside(entries)
        if as_json:
            console.json([self._plain(one) for one in shown])
        elif shown:
            self._print(shown, console)
        else:
            console.print("There are none.")

    def _who(self, text: str) -> str:
        try:
            return self.read(text)
        except ValueError as error:
            raise ConfigError(str(error)) from None

    def _is_there(self, who: str, entries: Sequence[ImportanceRow]) -> bool:
        speaking = [one for one in entries if one.speaks_of(who)]
        if speaking:
            return any(one.is_active for one in speaking)
        return any(self._key_of(one) == self.key(who) for one in self.settings)

    def _settings_beside(self, entries: Iterable[ImportanceRow]) -> list[Shown]:
        """The settings that no row overrules; of two for the same one the later counts."""
        overruled = {key for one in entries for key in one.keys}
        by_key = {self._key_of(one): one for one in self.settings}
        return [one for key, one in by_key.items() if key not in overruled]

    def _key_of(self, shown: Shown) -> str:
        return self.key(shown.address or shown.name)

    def _plain(self, one: Shown) -> dict[str, object]:
        how = one.treatment
        is_vip = self.what == "vip"
        return {
            ("customer" if is_vip else "jid"): one.address or None,
            "name": one.name,
            **({"type": one.customer_type} if is_vip else {}),
            "priority": str(how.priority),
            "answer_within_minutes": how.answer_within_minutes,
            "agent": how.agent,
            "escalate": how.is_raised,
            "source": one.source,
        }

    def _print(self, shown: Sequence[Shown], console: Printer) -> None:
        is_vip = self.what == "vip"
        columns = [text("name"), text("number or LID" if is_vip else "jid")]
        columns += [fixed("type", from_width=100)] if is_vip else []
        columns += [
            fixed("priority"),
            number("within"),
            text("agent"),
            fixed("raised"),
            fixed("from"),
        ]
        console.listing(
            columns,
            [
                (
                    *(one.name, one.address),
                    *((one.customer_type or "",) if is_vip else ()),
                    *(str(one.treatment.priority), _within(one.treatment.answer_within_minutes)),
                    *(one.treatment.agent or "", "yes" if one.treatment.is_raised else "no"),
                    one.source,
                )
                for one in shown
            ],
        )


def _within(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes} min"


def customers(config: Config) -> Register:
    """The important customers."""
    numbers = [Shown(number, "", "vip", Treatment(), "settings") for number in config.vip.numbers]
    treated = [
        Shown(one.number, one.name, "vip", one.treatment(), "settings")
        for one in config.vip.customers
    ]
    url = config.store_url
    return Register(lambda: ImportantCustomers(url), person_key, str, numbers + treated, "vip")


def groups(config: Config) -> Register:
    """The critical groups."""
    usual = Important()
    named = [(group, usual) for group in config.groups.critical]
    named += [(one.group, one) for one in config.groups.rules]
    settings = [_shown_group(group, how.treatment()) for group, how in named]
    url = config.store_url
    return Register(lambda: CriticalGroups(url), _group, group_key, settings, "group")


def _shown_group(group: str, how: Treatment) -> Shown:
    address, name = (group, "") if "@" in group else ("", group)
    return Shown(address, name, None, how, "settings")


def _group(text: str) -> str:
    """A name or JID in its stored form. Raises ValueError."""
    text = text.strip()
    if "@" in text and not Jid.parse(text).is_group:
        raise ValueError(f"{text!r} is no group; expected a name, or a JID such as 1203…@g.us")
    if not 1 <= len(text) <= NAME_LENGTH:
        raise ValueError(f"expected the name of a group, of 1 to {NAME_LENGTH} characters")
    return text
