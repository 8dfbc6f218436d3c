"""Delivers events to their targets, each target by itself, so that none waits for another.

An event may arrive twice, with the same id: if the process died after the delivery and before
recording it, it is delivered again. It retries for over a day and then gives up.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog

from izer_bridge.domain.errors import GoneError, TransientError
from izer_bridge.domain.retry import DELIVERY_ATTEMPTS, delivery_seconds
from izer_bridge.events.http_target import HttpTarget
from izer_bridge.events.store.deliveries import Delivery, SqlDeliveries
from izer_bridge.host.clock import Clock
from izer_bridge.host.loop import Loop

log = structlog.get_logger(__name__)

_POLL_SECONDS = 1.0
_SIDE_BY_SIDE = 8
_SPARE_SECONDS = 15.0


class EventCourier:
    """Serves `targets`, by name, a few events at a time for each."""

    def __init__(
        self, ledger: SqlDeliveries, targets: Mapping[str, HttpTarget], clock: Clock
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._loops = [
            Loop(
                f"events-{name}", partial(self._serve, name, target), _POLL_SECONDS, to_the_end=True
            )
            for name, target in targets.items()
        ]

    def stop(self) -> None:
        """Look once more for due events; `run` ends when those are delivered."""
        for loop in self._loops:
            loop.stop()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for loop in self._loops:
                tasks.create_task(loop.run())

    async def _serve(self, name: str, target: HttpTarget) -> bool:
        lease = target.timeout_seconds + _SPARE_SECONDS
        claimed = await self._ledger.claim(name, _SIDE_BY_SIDE, lease)
        await asyncio.gather(*(self._bring(name, target, one) for one in claimed))
        return bool(claimed)

    async def _bring(self, name: str, target: HttpTarget, one: Delivery) -> None:
        """The error border for unexpected errors: the event is given up, with the reason."""
        try:
            await self._try(name, target, one)
        except TransientError as error:
            # Only the store raises it here: the lease runs out and the event is delivered again.
            log.warning("delivery_not_noted", id=one.event_id, target=name, error=str(error))
        except Exception as error:
            log.exception("delivery_failed", id=one.event_id, target=name)
            with suppress(TransientError):
                await self._ledger.bury(one, f"internal error: {type(error).__name__}")

    async def _try(self, name: str, target: HttpTarget, one: Delivery) -> None:
        try:
            await target.send(one.event_id, one.payload)
        except GoneError as error:
            log.error("event_target_shut", target=name, error=str(error), hint=_HINT.format(name))
            await self._ledger.shut(name, one, str(error))
        except TransientError as error:
            await self._failed(name, one, error)
        else:
            await self._ledger.delivered(one)
            log.debug("event_delivered", id=one.event_id, type=one.type, target=name)

    async def _failed(self, name: str, one: Delivery, error: TransientError) -> None:
        attempts = one.attempts + 1
        log.warning(
            "event_not_delivered",
            id=one.event_id,
            type=one.type,
            target=name,
            attempts=attempts,
            error=str(error),
        )
        if attempts >= DELIVERY_ATTEMPTS:
            await self._ledger.bury(one, str(error))
            return
        pause = delivery_seconds(
            attempts, self._clock.chance(), asked_for=error.retry_after_seconds
        )
        until = self._clock.now() + timedelta(seconds=pause)
        await self._ledger.postpone(one, until, str(error))


_HINT = "it gets nothing more until: izer-bridge events enable {}"
