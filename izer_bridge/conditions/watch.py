"""Checks the bridge now and then, and on request; reports beginnings and ends, once.

It decides nothing (`decide`), and queries nothing itself (`health_facts`).
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from izer_bridge import __version__
from izer_bridge.conditions.decide import conditions
from izer_bridge.conditions.facts import ConditionFacts, WaitingFacts
from izer_bridge.conditions.file import ConditionFile
from izer_bridge.conditions.health_facts import LiveFacts
from izer_bridge.conditions.ports import Health, Sending
from izer_bridge.domain.condition import Condition, ConditionChanges, Severity, changed
from izer_bridge.domain.link_state import LinkState
from izer_bridge.host.clock import Clock
from izer_bridge.host.loop import Loop

log = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0
_LEVELS = {Severity.ERROR: logging.ERROR, Severity.WARNING: logging.WARNING}


class HealthWatch:
    """See `ports.HealthSource`. `file` is what commands read if the API does not answer; `holding`
    is what was wrong at the latest look, the worst first.
    """

    def __init__(
        self,
        facts: LiveFacts,
        file: ConditionFile,
        zone: ZoneInfo,
        clock: Clock,
    ) -> None:
        self._facts = facts
        self._file = file
        self._zone = zone
        self._clock = clock
        self._holding: Sequence[Condition] = file.read()
        self._started_at = time.monotonic()
        self._looks = 0
        self._latest = 0
        self._loop = Loop("conditions", self._step, LOOK_SECONDS)

    @property
    def holding(self) -> Sequence[Condition]:
        return self._holding

    async def run(self) -> None:
        await self._loop.run()

    def stop(self) -> None:
        self._loop.stop()

    async def _step(self) -> bool:
        await self.health()
        return False

    async def health(self) -> Health:
        self._looks += 1
        look = self._looks
        facts = await self._facts.now()
        # A look that began before one whose result is known is out of date.
        if look > self._latest:
            self._latest = look
            self._take(facts)
        return self._health(facts)

    def _take(self, facts: ConditionFacts) -> None:
        now = self._clock.now()
        seen = conditions(facts, self._zone, now)
        self._holding, changes = changed(self._holding, seen, now)
        if changes:
            _tell(changes, now)
            self._file.write(self._holding)

    def _health(self, facts: ConditionFacts) -> Health:
        parts, waiting = self._facts.parts, facts.waiting
        last_event_at, now = parts.link.last_event_at, time.monotonic()
        status = parts.link.status
        return Health(
            link_state=str(status.state),
            link_sentence=status.sentence,
            is_linked=status.is_linked,
            is_store_ok=facts.store is not None and facts.store.is_ok,
            store_damage=facts.store.damage if facts.store else "",
            is_inbox_ok=_takes_messages(facts),
            inbox_depth=parts.inbox.depth(),
            set_aside=facts.inbox.set_aside if facts.inbox else None,
            last_event_age_seconds=None if last_event_at is None else now - last_event_at,
            version=__version__,
            uptime_seconds=now - self._started_at,
            open_gaps=waiting.gaps.count if waiting else None,
            in_danger=waiting.in_danger.count if waiting else None,
            agents=facts.agents or {},
            sending=_sending(waiting) if waiting else None,
            disks=facts.host.disks if facts.host else (),
            conditions=self._holding,
        )


def _takes_messages(facts: ConditionFacts) -> bool:
    """Not while the inbox refuses, nor while the link is left because the disk would."""
    is_held = facts.link is not None and facts.link.status.state is LinkState.HELD
    return facts.inbox is not None and facts.inbox.is_writable and not is_held


def _sending(waiting: WaitingFacts) -> Sending:
    until = None if waiting.stop is None else waiting.stop.until
    return Sending(until, waiting.paused_chats, waiting.uncertain.count)


def _tell(changes: ConditionChanges, now: datetime) -> None:
    for one in changes.begun:
        log.log(
            _LEVELS[one.severity],
            "condition_began",
            **_named(one),
            sentence=one.sentence,
            remedy=one.remedy,
        )
    for one in changes.ended:
        lasted = round((now - one.since).total_seconds()) if one.since else None
        log.info("condition_ended", **_named(one), lasted_seconds=lasted)


def _named(one: Condition) -> dict[str, str]:
    return {"condition": str(one.name), **({"about": one.about} if one.about else {})}
