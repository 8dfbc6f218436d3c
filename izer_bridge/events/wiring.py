"""Builds the event targets from the settings."""

from contextlib import AsyncExitStack

from izer_bridge.config import Config, signing_secrets
from izer_bridge.events.deliver import EventCourier
from izer_bridge.events.http_target import HttpTarget, open_session
from izer_bridge.events.store.deliveries import SqlDeliveries
from izer_bridge.host.clock import CLOCK


async def build_event_courier(
    config: Config, ledger: SqlDeliveries, opened: AsyncExitStack
) -> EventCourier:
    """Anything to be closed is pushed on `opened`. Raises ConfigError for a missing secret."""
    session = await opened.enter_async_context(open_session())
    targets = {
        one.name: HttpTarget(one.url, signing_secrets(one.secrets), session, one.timeout_seconds)
        for one in config.events.targets
    }
    return EventCourier(ledger, targets, CLOCK)
