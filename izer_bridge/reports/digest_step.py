"""Sends the owner's digest at its time: once, and not when its figures are old."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.escalation import NoticeState
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.outgoing import MayBeHandedOverError
from izer_bridge.escalation.alarm_ports import Alarm, Channel
from izer_bridge.replies.ports import Notice
from izer_bridge.reports.api import ReportSource
from izer_bridge.reports.digest import (
    DigestPlan,
    DueDigest,
    WaitingNow,
    digest_text,
    due_now,
    subject,
)
from izer_bridge.reports.store.digests import SqlDigests

log = structlog.get_logger(__name__)
EVENT = "digest.made"


@dataclass(frozen=True, slots=True)
class DigestReader:
    """Where it goes: the owner's chat on WhatsApp, or a channel outside; one of the two."""

    chat: Jid | None
    channel: Channel | None


@dataclass(frozen=True, slots=True)
class Digests:
    """`account` is the linked one, None before the link; `sending` hints at the outbox."""

    plan: DigestPlan
    reader: DigestReader
    source: ReportSource
    waiting: Callable[[], Awaitable[WaitingNow]]
    ledger: SqlDigests
    account: Callable[[], str | None]
    sending: Callable[[], None]

    async def work(self) -> bool:
        """Send what is due. Raises TransientError if the store is away."""
        for one in due_now(self.plan, self.source.clock()):
            if not await self.ledger.is_done(one.name):
                await self._send(one)
        return False

    async def _send(self, one: DueDigest) -> None:
        account = self.account()
        if self.reader.chat is not None and account is not None:
            heading, text = await self._words(one)
            notice = Notice(one.name, account, self.reader.chat, text, expires_at=one.until)
            if await self.ledger.put_out(one.name, notice):
                self.sending()
                log.info("digest_written", period=str(one.period))
        elif self.reader.channel is not None and await self.ledger.claim(one.name):
            heading, text = await self._words(one)
            state, error = await self._outside(self.reader.channel, one, heading, text)
            await self.ledger.end(one.name, state, error)
            log.info("digest_told", period=str(one.period), outcome=str(state), error=error)

    async def _words(self, one: DueDigest) -> tuple[str, str]:
        report = await self.source.report(one.period)
        return subject(report), digest_text(report, await self.waiting())

    async def _outside(
        self, channel: Channel, one: DueDigest, heading: str, text: str
    ) -> tuple[NoticeState, str]:
        data = {"period": str(one.period)}
        try:
            await channel.deliver(Alarm(one.name, one.at, heading, text, data, EVENT))
        except TransientError as error:
            # It certainly has not arrived: the next look tries again, until it is too late.
            return NoticeState.WAITING, str(error)
        except MayBeHandedOverError as error:
            return NoticeState.UNCERTAIN, str(error)
        except PermanentError as error:
            return NoticeState.FAILED, str(error)
        return NoticeState.SENT, ""
