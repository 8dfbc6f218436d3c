"""An agent behind its limits: concurrent calls, time per call, and no calls while it is down."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from izer_bridge.agents.circuit_breaker import Breaker, BreakerState
from izer_bridge.agents.ports import Agent
from izer_bridge.domain.errors import NotCalledError, PermanentError, TransientError
from izer_bridge.domain.retry import LONGEST_ASKED_SECONDS

log = structlog.get_logger(__name__)

_BUSY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """`timeout_seconds` bounds a whole call, and also the wait for a turn before it."""

    timeout_seconds: float = 30.0
    # Half of the chats that are worked side by side.
    max_concurrent: int = 16
    # One failure is an accident and five are an outage; a restart is over after half a minute.
    breaker_failures: int = 5
    breaker_pause_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class AgentCondition:
    """An agent's condition. `retry_in_seconds` is set while it is not called."""

    state: BreakerState
    failures_in_a_row: int
    calls_under_way: int
    retry_in_seconds: float | None


class GuardedAgent:
    """The agent `name`; `milliseconds` is a monotonic clock.

    Only failures that a retry may help count: an agent that refuses is up.
    """

    def __init__(
        self, name: str, agent: Agent, limits: Limits, milliseconds: Callable[[], float]
    ) -> None:
        self._name = name
        self._agent = agent
        self._limits = limits
        self._milliseconds = milliseconds
        self._breaker = Breaker(limits.breaker_failures, limits.breaker_pause_seconds)
        self._room = asyncio.Semaphore(limits.max_concurrent)
        self._under_way = 0

    @property
    def url(self) -> str | None:
        return self._agent.url

    @property
    def timeout_seconds(self) -> float:
        return self._limits.timeout_seconds

    @property
    def is_down(self) -> bool:
        """Whether a call would not be made now."""
        return self._breaker.wait_seconds(self._now()) > 0

    @property
    def condition(self) -> AgentCondition:
        now = self._now()
        return AgentCondition(
            state=self._breaker.state(now),
            failures_in_a_row=self._breaker.failures,
            calls_under_way=self._under_way,
            retry_in_seconds=self._breaker.wait_seconds(now) or None,
        )

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn to call, and hold it.

        Raises NotCalledError if that takes longer than a call may, or while the agent is down.
        """
        await self._enter()
        try:
            self._under_way += 1
            if wait := self._breaker.begin(self._now()):
                raise NotCalledError(
                    f"agent {self._name} is not called: it failed "
                    f"{self._breaker.failures} times in a row",
                    retry_after_seconds=wait,
                )
            try:
                yield
            finally:
                # A caller that never called must not hold the half-open slot.
                self._breaker.given_up()
        finally:
            self._under_way -= 1
            self._room.release()

    async def _enter(self) -> None:
        """Raises NotCalledError if nobody makes room in time."""
        if not self._room.locked():
            # Immediately, without a task watched by a timer.
            await self._room.acquire()
            return
        try:
            await asyncio.wait_for(self._room.acquire(), self._limits.timeout_seconds)
        except TimeoutError:
            raise NotCalledError(
                f"agent {self._name} is busy: {self._limits.max_concurrent} calls are under way",
                retry_after_seconds=_BUSY_SECONDS,
            ) from None

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """Call, within a `turn`. Raises TransientError and PermanentError."""
        try:
            async with asyncio.timeout(self._limits.timeout_seconds):
                answer = await self._agent.process(body, idempotency_key)
        except TimeoutError:
            self._failed(None)
            raise TransientError(
                f"agent {self._name} did not answer within {self._limits.timeout_seconds:g} s"
            ) from None
        except TransientError as error:
            self._failed(error.retry_after_seconds)
            raise
        except PermanentError:
            self._succeeded()
            raise
        self._succeeded()
        return answer

    def _failed(self, asked_for: float | None) -> None:
        if self._breaker.failed(self._now(), min(asked_for or 0.0, LONGEST_ASKED_SECONDS)):
            log.warning("agent_down", agent=self._name, failures=self._breaker.failures)

    def _succeeded(self) -> None:
        if self._breaker.state(self._now()) is not BreakerState.CLOSED:
            log.info("agent_up", agent=self._name)
        self._breaker.succeeded()

    def _now(self) -> float:
        return self._milliseconds() / 1000


@dataclass(frozen=True, slots=True)
class InTurn:
    """A guarded agent for callers that know no turns: each call waits for its own."""

    guarded: GuardedAgent

    @property
    def url(self) -> str | None:
        return self.guarded.url

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """Raises NotCalledError in addition to the agent's errors."""
        async with self.guarded.turn():
            return await self.guarded.process(body, idempotency_key)
