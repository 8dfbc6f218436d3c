"""What is wrong, for a command: from the bridge, or else from its files and the store.

It changes none of them.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from izer_bridge.conditions.decide import conditions, silent, stopped
from izer_bridge.conditions.disk_space import disk_space
from izer_bridge.conditions.facts import (
    ConditionFacts,
    DayFacts,
    HostFacts,
    InboxFacts,
    StoreFacts,
    WaitingFacts,
)
from izer_bridge.conditions.file import FILE, ConditionFile
from izer_bridge.conditions.link_conditions import LINK_NAMES
from izer_bridge.conditions.store.waiting import StoredWaiting
from izer_bridge.config import Config
from izer_bridge.domain.condition import Condition, ConditionName, changed, in_order
from izer_bridge.domain.errors import (
    BridgeError,
    ConfigError,
    DamagedStoreError,
    TransientError,
    UnpreparedStoreError,
)
from izer_bridge.inbox.set_aside import kinds_in

# Nobody knows whether a stopped bridge would reach WhatsApp.
_LASTING = LINK_NAMES - {ConditionName.DISCONNECTED, ConditionName.WHATSAPP_SILENT}


def said_by(health: Mapping[str, Any]) -> Sequence[Condition]:
    """What a running bridge reports, without another version's conditions unknown here."""
    found = []
    for one in health.get("conditions", ()):
        with suppress(ValueError, KeyError, TypeError):
            found.append(Condition.of_json(one))
    return in_order(found)


async def conditions_without(
    settings: Config, why: str, process: int | None
) -> Sequence[Condition]:
    """`process` holds the state directory, but no bridge answers; `why` says how that was seen."""
    file = ConditionFile(settings.state_dir / FILE)
    if process is not None:
        kept = file.read()
        is_told = any(one.name is ConditionName.PORT_TAKEN for one in kept)
        return in_order([*kept, *([] if is_told else [silent(process, why)])])
    now = datetime.now(UTC)
    before = [one for one in file.read() if one.name in _LASTING]
    seen = conditions(await _facts(settings, now), settings.shop.zone, now)
    return in_order([*changed(before, seen, now)[0], stopped(why)])


async def _facts(settings: Config, now: datetime) -> ConditionFacts:
    store, waiting, day = await _of_store(settings, now)
    try:
        host = HostFacts(disk_space(settings.places))
    except TransientError:
        host = HostFacts()
    return ConditionFacts(
        host=host, inbox=_of_inbox(settings), store=store, waiting=waiting, day=day
    )


def _of_inbox(settings: Config) -> InboxFacts | None:
    file = settings.state_dir / "inbox.db"
    try:
        return InboxFacts(is_writable=True, set_aside=kinds_in(file) if file.is_file() else {})
    except BridgeError:
        return None


async def _of_store(
    settings: Config, now: datetime
) -> tuple[StoreFacts | None, WaitingFacts | None, DayFacts | None]:
    try:
        async with StoredWaiting(settings.store_url) as stored:
            return (
                StoreFacts(is_ok=True),
                await stored.now(now),
                await stored.of_day(now, settings.openai.budget),
            )
    except (ConfigError, UnpreparedStoreError):  # before the first start; its message says more
        return None, None, None
    except DamagedStoreError as error:
        return StoreFacts(is_ok=False, damage=str(error)), None, None
    except TransientError:
        return StoreFacts(is_ok=False), None, None
