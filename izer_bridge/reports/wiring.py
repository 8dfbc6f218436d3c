"""Builds the digest from the settings."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from izer_bridge.config import Config
from izer_bridge.conversations.conversation import UNANSWERED
from izer_bridge.conversations.ports import ConversationDesk
from izer_bridge.conversations.wiring import clock_rules
from izer_bridge.domain.escalation import Target
from izer_bridge.escalation.step import Ladder
from izer_bridge.host.loop import Loop
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.reports.api import ReportSource
from izer_bridge.reports.digest import WaitingNow, plan_of
from izer_bridge.reports.digest_step import DigestReader, Digests
from izer_bridge.reports.store.digests import SqlDigests
from izer_bridge.store.database import Database

_LOOK_SECONDS = 60.0


def report_source(
    config: Config, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
) -> ReportSource:
    return ReportSource(store, clock, config.shop.zone, clock_rules(config))


def build_digests(
    config: Config,
    ledger: SqlLedger,
    desk: ConversationDesk,
    ladder: Ladder,
    account: Callable[[], str | None],
    sending: Callable[[], None],
) -> Sequence[Loop]:
    """The loop that sends them; none if none are wanted. `sending` hints at the outbox."""
    plan = plan_of(config.reports.digest, config.shop.zone)
    if not plan.periods:
        return ()
    owner = ladder.chats.get(Target.OWNER)
    reader = DigestReader(owner, None if owner else ladder.channels.get(Target.EMAIL))

    async def waiting() -> WaitingNow:
        counts = await desk.counts()
        return WaitingNow(sum(counts.by_status.get(one, 0) for one in UNANSWERED), counts.breached)

    source = report_source(config, ledger.store, ledger.clock)
    sent = SqlDigests(ledger.store, ledger.clock)
    digests = Digests(plan, reader, source, waiting, sent, account, sending)
    return [Loop("digests", digests.work, _LOOK_SECONDS, delayed="digest_delayed")]
