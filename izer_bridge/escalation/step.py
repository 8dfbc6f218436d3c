"""Notifies one person after the other about waiting customers; the store knows who was notified.

It reads the store again and again, so a restart simply continues.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from izer_bridge.domain.business_hours import BusinessHours
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.escalation import Level, NoticeState, Target
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.outgoing import MayBeHandedOverError
from izer_bridge.domain.retry import backoff_seconds
from izer_bridge.escalation.alarm_ports import Alarm, Channel
from izer_bridge.escalation.owner_texts import as_event, subject, text
from izer_bridge.escalation.plan import climb, follow
from izer_bridge.escalation.ports import (
    NoticeUnderWay,
    OpenEscalation,
    OutsideNotice,
    WhatsAppCondition,
)
from izer_bridge.escalation.store.escalations import SqlEscalations
from izer_bridge.host.clock import Clock
from izer_bridge.host.loop import Loop

log = structlog.get_logger(__name__)

_POLL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Ladder:
    """Whom to notify and how long to wait between two: `step` of business hours.

    `chats` are the owner's and the second number's on WhatsApp, `channels` lead outside it.
    """

    hours: BusinessHours
    step: timedelta
    chats: Mapping[Target, Jid]
    channels: Mapping[Target, Channel]

    @property
    def targets(self) -> frozenset[Target]:
        return frozenset({*self.chats, *self.channels})


class Escalations:
    """Runs until it is stopped; without anybody to notify it only sees who was answered."""

    def __init__(
        self, ledger: SqlEscalations, ladder: Ladder, whatsapp: WhatsAppCondition, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._ladder = ladder
        self._whatsapp = whatsapp
        self._clock = clock
        self._has_begun = False
        self._loop = Loop("escalations", self._look, _POLL_SECONDS)

    def stop(self) -> None:
        self._loop.stop()

    async def run(self) -> None:
        await self._loop.run()

    async def _look(self) -> bool:
        if not self._has_begun:
            await self._take_over()
            self._has_begun = True
        await self.work()
        return False

    async def work(self) -> None:
        """Everything that is due now, once. Raises TransientError if the store is away."""
        account = self._whatsapp.account
        unusable = self._whatsapp.unusable or await self._ledger.limited(account)
        for notice in await self._ledger.under_way(account):
            await self._follow(notice, unusable)
        # Passing over a level makes the next one due.
        while due := await self._ledger.due(account):
            for one in due:
                await self._go_up(one, unusable)
        outside = await self._ledger.outside(account)
        await asyncio.gather(*(self._tell_in_borders(notice) for notice in outside))

    async def _take_over(self) -> None:
        if count := await self._ledger.abandoned():
            log.warning("escalation_notices_uncertain", count=count)

    async def _go_up(self, one: OpenEscalation, unusable: str | None) -> None:
        rung = climb(one.level, self._ladder.targets, unusable)
        if rung.level is None:
            await self._ledger.end_ladder(one)
            if one.level is Level.WAITING:
                hint = "see: izer-bridge escalations list, and escalation.owner in config.toml"
                log.warning(
                    "nobody_to_tell", escalation=one.row_id, row=one.message_row_id, hint=hint
                )
            return
        if rung.passed_over is not None:
            await self._ledger.pass_over(one, rung.level, rung.passed_over)
        elif rung.on_whatsapp is not None:
            words = text(one.case, self._clock.now(), self._ladder.hours.zone)
            chat = self._ladder.chats[rung.on_whatsapp]
            await self._ledger.tell_on_whatsapp(one, rung.level, chat, words)
        else:
            await self._ledger.tell_outside(one, rung.level, rung.outside)
        log.warning(
            "escalated", escalation=one.row_id, row=one.message_row_id, to=rung.level.name.lower()
        )

    async def _follow(self, notice: NoticeUnderWay, unusable: str | None) -> None:
        ladder = self._ladder
        then = follow(notice, unusable, ladder.hours, ladder.step, self._clock.now())
        if then is None:
            return
        if then.is_withdrawn:
            await self._ledger.withdraw(notice, then.error, then.next_at)
        else:
            await self._ledger.settle(notice, then.state, then.error, then.next_at)

    async def _tell_in_borders(self, notice: OutsideNotice) -> None:
        """The error border of one notice: others are sent beside it meanwhile."""
        try:
            await self._tell(notice)
        except TransientError as error:
            log.warning("store_unavailable", error=str(error))
        except Exception as error:
            log.exception("escalation_notice_failed", to=str(notice.target))
            why = f"internal error: {type(error).__name__}"
            with suppress(TransientError):
                await self._ledger.told(notice, NoticeState.FAILED, why)

    async def _tell(self, notice: OutsideNotice) -> None:
        if not await self._ledger.begin(notice):
            return
        channel = self._ladder.channels.get(notice.target)
        if channel is None:
            await self._ledger.told(notice, NoticeState.FAILED, "it is no longer in the settings")
            return
        state, error = NoticeState.SENT, ""
        try:
            await channel.deliver(_alarm(notice, self._clock.now(), self._ladder))
        except TransientError as failure:
            pause = timedelta(seconds=backoff_seconds(notice.attempts + 1))
            await self._ledger.postpone(notice, self._clock.now() + pause, str(failure))
            log.warning("escalation_notice_delayed", to=str(notice.target), error=str(failure))
            return
        except MayBeHandedOverError as failure:
            state, error = NoticeState.UNCERTAIN, str(failure)
        except PermanentError as failure:
            state, error = NoticeState.FAILED, str(failure)
        await self._ledger.told(notice, state, error)
        log.warning("escalation_told", to=str(notice.target), outcome=str(state), error=error)


def _alarm(notice: OutsideNotice, now: datetime, ladder: Ladder) -> Alarm:
    case = notice.case
    return Alarm(
        key=f"escalation:{case.escalation_id}:{notice.target}",
        at=notice.since,
        subject=subject(case, now),
        text=text(case, now, ladder.hours.zone),
        data=as_event(case, now),
    )
