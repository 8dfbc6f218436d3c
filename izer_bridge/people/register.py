"""Who is important, in the store and in the settings: a row of the store overrules a setting."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from izer_bridge.config import Config, Important
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import Treatment, group_key, person_key
from izer_bridge.people.store.important import (
    CriticalGroups,
    ImportanceRow,
    ImportantCustomers,
    Wish,
)
from izer_bridge.store.text import NAME_LENGTH

OpenRegister = Callable[[], AbstractAsyncContextManager[ImportantCustomers | CriticalGroups]]


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a list. `address` is a number, LID or JID, or empty; `source` is its origin.

    Who changed it last, and when, is known of the store's.
    """

    address: str
    name: str
    customer_type: str | None
    treatment: Treatment
    source: str
    changed_by: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """The important customers, or the critical groups, of `open_store` and of the settings.

    `read` normalises what somebody wrote and raises ValueError; `key` compares.
    """

    open_store: OpenRegister
    read: Callable[[str], str]
    key: Callable[[str], str]
    settings: Sequence[Shown]

    async def put(self, text: str, wish: Wish, by: str) -> str:
        """Make somebody important, or change how; returns who it is. Raises ValueError."""
        who = self.read(text)
        async with self.open_store() as store:
            await store.put(who, wish, by)
        return who

    async def remove(self, text: str, by: str) -> str:
        """Make somebody unimportant; returns who it is. Raises ValueError, and LookupError if they
        already were.
        """
        who = self.read(text)
        async with self.open_store() as store:
            if not self._is_there(who, await store.list()):
                raise LookupError(f"{who} is not there")
            await store.remove(who, by)
        return who

    async def listed(self) -> Sequence[Shown]:
        """Who is important now."""
        async with self.open_store() as store:
            entries = await store.list()
        shown = [
            Shown(
                *(one.address, one.name, one.customer_type, one.treatment, "store"),
                *(one.changed_by, one.changed_at),
            )
            for one in entries
            if one.is_active
        ]
        return shown + self._settings_beside(entries)

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


def customer_register(config: Config, open_store: OpenRegister) -> Register:
    """The important customers."""
    numbers = [Shown(number, "", "vip", Treatment(), "settings") for number in config.vip.numbers]
    treated = [
        Shown(one.number, one.name, "vip", one.treatment(), "settings")
        for one in config.vip.customers
    ]
    return Register(open_store, person_key, str, numbers + treated)


def group_register(config: Config, open_store: OpenRegister) -> Register:
    """The critical groups."""
    usual = Important()
    named = [(group, usual) for group in config.groups.critical]
    named += [(one.group, one) for one in config.groups.rules]
    settings = [_shown_group(group, how.treatment()) for group, how in named]
    return Register(open_store, _group, group_key, settings)


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
