"""Asks OpenAI later about messages judged locally: it was away, or the budget was used up.

Nothing is sent to agents again; the store keeps both analyses.
"""

from datetime import timedelta

import structlog
from structlog.contextvars import bound_contextvars

from izer_bridge.analysis.analyse import Analysing, analyse
from izer_bridge.analysis.ports import OpinionLedger
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.work import Work
from izer_bridge.host.clock import Clock
from izer_bridge.host.loop import Loop

log = structlog.get_logger(__name__)

_AT_ONCE = 20
# Each look is an index query: nobody waits for the second opinion, least of all after an hour's
# outage.
_LOOK_SECONDS = 60.0


class SecondOpinions:
    """Looks again and again at what was judged within the last `hours`."""

    def __init__(self, ledger: OpinionLedger, by: Analysing, clock: Clock, hours: int) -> None:
        self._ledger = ledger
        self._by = by
        self._clock = clock
        self._reach = timedelta(hours=hours)
        self._loop = Loop("second-opinions", self._look, _LOOK_SECONDS)

    def stop(self) -> None:
        self._loop.stop()

    async def run(self) -> None:
        """Run until told to stop; ends at once with nobody to ask, or no time span to cover."""
        if self._by.remote is not None and self._reach:
            await self._loop.run()

    async def _look(self) -> bool:
        await self.ask_about_all()
        return False

    async def ask_about_all(self) -> None:
        """One after the other, until none is left, OpenAI is away, or the budget is used up.

        Raises TransientError if the store is away.
        """
        while not self._loop.is_stopping and await self._by.spending.refusal() is None:
            since = self._clock.now() - self._reach
            judged = await self._ledger.wanted(since, _AT_ONCE, self._by.context_messages)
            if not judged:
                return
            for one in judged:
                message = one.message
                with bound_contextvars(id=message.message_id, row=one.row_id):
                    if self._loop.is_stopping or not await self._is_answered(one):
                        return

    async def _is_answered(self, one: Work) -> bool:
        by, row_id = self._by, one.row_id
        subject = one.subject
        record = await analyse(subject, one.importance, by.remote, by.model, by.spending)
        if record.analyser != "openai":
            # A message answered twice in an unreadable form has been paid for and is done.
            is_done = record.is_final or record.usage is not None
            if is_done:
                await self._ledger.refused(row_id, record)
            return is_done
        await self._ledger.given(row_id, record)
        log.info("analysed_again", changed=_changed(one.analysis, record.analysis))
        return True


def _changed(then: Analysis | None, now: Analysis) -> str:
    """The names of the differing fields, never a message's words."""
    names = ("urgency_score", "category", "sentiment", "priority_level", "action_required")
    different = [name for name in names if getattr(then, name, None) != getattr(now, name)]
    return ",".join(different) or "nothing"
