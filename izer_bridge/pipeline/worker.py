"""Claims ledger rows and moves each along its states; the store is the queue."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from functools import partial
from types import MappingProxyType
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from izer_bridge.agents.dispatch import Call, call, facts_of, request_body
from izer_bridge.agents.limits import GuardedAgent
from izer_bridge.agents.routing import Facts, Route, Rule, around, preferred_route, route
from izer_bridge.analysis.analyse import Analysing, analyse
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.errors import BridgeError, NotCalledError, PermanentError, TransientError
from izer_bridge.domain.escalation import Due
from izer_bridge.domain.idempotency import idempotency_key, trace_id
from izer_bridge.domain.message import EarlierVerdict, Subject
from izer_bridge.domain.message_state import State
from izer_bridge.domain.retry import DISPATCH_ATTEMPTS, LONGEST_ASKED_SECONDS, retry_seconds
from izer_bridge.domain.work import AnalysisRecord, Attempt, Work, Worked
from izer_bridge.escalation.decide import Deadlines
from izer_bridge.host.clock import Clock
from izer_bridge.host.loop import Loop
from izer_bridge.pipeline.claiming import Claiming
from izer_bridge.pipeline.ports import Ledger
from izer_bridge.pipeline.signals import WorkSignals

log = structlog.get_logger(__name__)

_POLL_SECONDS = 1.0
# Per chat at once: analysing these takes a fraction of a second and ends in one transaction.
_RUN = 50


@dataclass(frozen=True, slots=True)
class Steps:
    """What the steps work with.

    `when_down` names the agent that stands in for one that is down; if empty, the message waits.
    Rules read the clock in `zone`; without one, the server's. Without `deadlines` nobody needs to
    answer in time. `here` names the agents that answer immediately, within this process.
    """

    rules: Sequence[Rule]
    agents: Mapping[str, GuardedAgent]
    analysing: Analysing
    when_down: str = ""
    zone: tzinfo | None = None
    deadlines: Deadlines | None = None
    here: Collection[str] = ()

    @property
    def is_local(self) -> bool:
        """Whether some messages need nobody outside this process."""
        return self.analysing.remote is None and bool(self.here)


class Worker:
    """Works up to `width` chats side by side, the messages of a chat in their order."""

    def __init__(
        self,
        ledger: Ledger,
        steps: Steps,
        clock: Clock,
        width: int,
        signals: WorkSignals,
    ) -> None:
        self._ledger = ledger
        self._steps = steps
        self._clock = clock
        self._width = width
        self._signals = signals
        self._loop = Loop("worker", self._begin_some, _POLL_SECONDS, hint=signals.hint)
        self._claiming = Claiming(self._claim, signals.hint, signals.calm)
        self._is_running = False
        self._run = _RUN if steps.is_local else 1
        self._running: dict[asyncio.Task[bool], Sequence[Work]] = {}

    def stop(self) -> None:
        """Claim nothing more; `run` ends when the work in progress has ended."""
        self._loop.stop()

    async def run(self) -> None:
        self._is_running = True
        try:
            await self._loop.run()
        except asyncio.CancelledError:
            self._claiming.cancel()
            for task in self._running:
                task.cancel()
            raise
        finally:
            self._is_running = False
            await self._claiming.ended()
            await asyncio.gather(*self._running, return_exceptions=True)

    def claim_beside(self) -> None:
        """Claim in the transaction that the caller, who records messages, is about to start."""
        if self._is_running and not self._loop.is_stopping:
            self._claiming.beside()

    async def _begin_some(self) -> bool:
        """Raises TransientError."""
        await self._claiming.at_a_hint()
        return False

    async def _claim(self, seen: int) -> None:
        """Begin what is free; `seen` is how many hints were given for it."""
        free = self._width - len(self._running)
        if free <= 0:
            return
        claimed = await self._ledger.claim(
            free,
            [work.row_id for run in self._running.values() for work in run],
            run=self._run,
            context=self._steps.analysing.context_messages,
        )
        runs = _by_chat(claimed)
        for run in runs:
            task = asyncio.create_task(self._work_on(run))
            self._running[task] = run
            may_have_more = len(runs) == free or len(run) == self._run
            task.add_done_callback(partial(self._finished, seen, may_have_more))

    def _finished(self, seen: int, may_have_more: bool, task: asyncio.Task[bool]) -> None:
        """Look again if this chat, or messages that arrived since the claim, left work to do."""
        del self._running[task]
        is_all = not task.cancelled() and task.exception() is None and task.result()
        if may_have_more or not is_all or self._signals.hint.given != seen:
            self._claiming.look_again()

    async def _work_on(self, run: Sequence[Work]) -> bool:
        """Work a chat's messages: as many as possible together, then one step by step; release the
        rest.

        Returns whether all were worked together.
        """
        began = self._clock.milliseconds()
        worked = await self._at_once(run)
        rest = run[len(worked) :]
        if worked and not await self._finished_together(worked, began):
            rest = run
        if rest:
            with _named(rest[0]):
                await self._within_borders(rest[0])
        if rest[1:]:
            with suppress(TransientError):
                await self._ledger.give_back(rest[1:])
        return not rest

    async def _at_once(self, run: Sequence[Work]) -> list[Worked]:
        """The first of them that need nobody outside; if one fails, its separate steps show why."""
        done: list[Worked] = []
        # What the store does not know yet of those before.
        in_hand: dict[int, EarlierVerdict] = {}
        if self._steps.is_local:
            for work in run:
                with _named(work), suppress(Exception):
                    if (worked := await self._answered_here(work, in_hand)) is not None:
                        done.append(worked)
                        in_hand[work.row_id] = worked.verdict
                        continue
                break
        return done

    async def _answered_here(
        self, work: Work, in_hand: Mapping[int, EarlierVerdict]
    ) -> Worked | None:
        if work.state is not State.RECORDED:
            return None
        subject = work.subject
        record = await self._judged(work, subject)
        chosen = self._chosen(
            work, facts_of(work.message, subject, record.analysis, self._steps.zone)
        )
        if chosen.agent not in self._steps.here:
            return None
        attempt, error = await self._asked(work, subject, record.analysis, chosen, in_hand)
        return Worked(work, record, attempt) if error is None else None

    async def _finished_together(self, worked: Sequence[Worked], began: float) -> bool:
        """Whether they are settled; if the store refuses the run, each goes step by step."""
        try:
            await self._ledger.finish(worked)
        except Exception as error:  # noqa: BLE001 - the steps meet it again, and name it
            log.warning("run_taken_apart", count=len(worked), kind=type(error).__name__)
            return False
        seconds = (self._clock.milliseconds() - began) / 1000
        for one in worked:
            with _named(one.work):
                _report(one.work, one.record.analysis, one.attempt)
            self._signals.worked("worked", seconds)
            self._signals.rested(one.work.row_id)
        return True

    async def _within_borders(self, work: Work) -> None:
        """The one error border for unexpected errors: the row is buried, with the error's name."""
        began, outcome = self._clock.milliseconds(), "worked"
        try:
            await self._advance(work)
        except TransientError as error:
            outcome = "interrupted"
            # The lease runs out and the row is claimed again.
            log.warning("work_interrupted", error=str(error))
        except Exception as error:
            outcome = "failed"
            log.exception("work_failed")
            with suppress(TransientError):
                await self._ledger.bury(work, f"internal error: {type(error).__name__}")
        finally:
            self._signals.worked(outcome, (self._clock.milliseconds() - began) / 1000)
            self._signals.rested(work.row_id)

    async def _advance(self, work: Work) -> None:
        subject, attempt = work.subject, None
        if work.state is State.RECORDED:
            record = await self._judged(work, subject)
            await self._ledger.analysed(work, record)
            work = replace(work, state=State.ANALYSED, analysis=record.analysis)
        if work.state is State.ANALYSED:
            attempt = await self._dispatched(work, subject)
            if attempt is None:
                return
            work = replace(work, state=State.DISPATCHED)
        await self._ledger.settle(work, attempt)

    async def _judged(self, work: Work, subject: Subject) -> AnalysisRecord:
        steps, began = self._steps, self._clock.milliseconds()
        by = steps.analysing
        record = await analyse(subject, work.importance, by.remote, by.model, by.spending)
        took = round(self._clock.milliseconds() - began)
        return replace(record, due=self._due(work, record.analysis), milliseconds=took)

    def _due(self, work: Work, analysis: Analysis) -> Due | None:
        deadlines = self._steps.deadlines
        if deadlines is None:
            return None
        return deadlines.of(work.message, work.importance, analysis, self._clock.now())

    async def _dispatched(self, work: Work, subject: Subject) -> Attempt | None:
        """Call the agent once; None if the row was given back or buried."""
        if work.analysis is None:
            raise PermanentError(f"row {work.row_id} is {work.state} without an analysis")
        chosen = self._chosen(
            work, facts_of(work.message, subject, work.analysis, self._steps.zone)
        )
        try:
            attempt, error = await self._asked(work, subject, work.analysis, chosen)
        except NotCalledError as not_called:
            await self._wait_for_agent(work, not_called)
            return None
        await self._ledger.attempted(work, attempt, State.DISPATCHED if error is None else None)
        if error is None:
            _report(work, work.analysis, attempt)
            return attempt
        log.warning(
            "agent_failed",
            agent=chosen.agent,
            error=str(error),
            trace_id=trace_id(idempotency_key(work.message)),
        )
        await self._try_later_or_bury(work, error)
        return None

    async def _asked(
        self,
        work: Work,
        subject: Subject,
        analysis: Analysis,
        chosen: Route,
        in_hand: Mapping[int, EarlierVerdict] = MappingProxyType({}),
    ) -> tuple[Attempt, BridgeError | None]:
        """Raises NotCalledError if the agent is busy or down."""
        agent, key = self._steps.agents[chosen.agent], idempotency_key(work.message)
        async with agent.turn():
            now = self._clock.now()
            try_now = Call(key, now, now + timedelta(seconds=agent.timeout_seconds))
            body = request_body(subject, analysis, chosen, try_now, in_hand)
            return await call(agent, chosen, body, key, self._clock.milliseconds)

    async def _wait_for_agent(self, work: Work, error: NotCalledError) -> None:
        """Give the row back without counting an attempt; each a little later, not all at once."""
        pause = (error.retry_after_seconds or 0.0) + 1.0 + self._clock.chance()
        until = self._clock.now() + timedelta(seconds=min(pause, LONGEST_ASKED_SECONDS))
        log.info("agent_not_called", error=str(error))
        await self._ledger.postpone(work, until, str(error))

    async def _try_later_or_bury(self, work: Work, error: BridgeError) -> None:
        # Counting continues when the operator revives a dead letter: a new round begins.
        failures = (work.attempts + 1) % DISPATCH_ATTEMPTS
        if isinstance(error, TransientError) and failures:
            pause = retry_seconds(
                failures, self._clock.chance(), asked_for=error.retry_after_seconds
            )
            until = self._clock.now() + timedelta(seconds=pause)
            await self._ledger.postpone(work, until, str(error))
        else:
            await self._ledger.bury(work, str(error))

    def _chosen(self, work: Work, facts: Facts) -> Route:
        steps = self._steps
        for agent, whose in work.importance.preferred_agents:
            if agent not in steps.agents:
                log.warning("preferred_agent_unknown", of=whose, agent=agent)
        preferred = preferred_route(work.importance, steps.agents)
        down = {name for name, agent in steps.agents.items() if agent.is_down}
        return around(preferred or route(steps.rules, facts), steps.when_down, down)


def _named(work: Work) -> AbstractContextManager[Any]:
    """Every log line about a message names the message."""
    return bound_contextvars(id=work.message.message_id, row=work.row_id)


def _by_chat(works: Sequence[Work]) -> Collection[Sequence[Work]]:
    runs: dict[int, list[Work]] = {}
    for work in works:
        runs.setdefault(work.chat_id, []).append(work)
    return runs.values()


def _report(work: Work, analysis: Analysis, attempt: Attempt) -> None:
    log.info(
        "message_dispatched",
        urgency=analysis.urgency_score,
        category=str(analysis.category),
        vip=work.importance.is_vip,
        agent=attempt.agent,
        ms=attempt.response_time_ms,
        trace_id=trace_id(idempotency_key(work.message)),
        **({} if attempt.error is None else {"unusable": attempt.error}),
    )
