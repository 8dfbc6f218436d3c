"""Builds conversations from the settings: the rules of their clock, the desk, and who is told."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from izer_bridge.config import Config
from izer_bridge.conversations.clock import AT_ONCE, ClockRules
from izer_bridge.conversations.feed import ConversationFeed
from izer_bridge.conversations.store.desk import SqlConversations
from izer_bridge.conversations.upkeep import ConversationUpkeep
from izer_bridge.host.loop import Hint, Loop
from izer_bridge.store.database import Database


@dataclass(frozen=True, slots=True)
class ConversationParts:
    """Where conversations are decided, and who is told of changes; its `loops` must run.

    `changed` hints that boards may have something to show.
    """

    desk: SqlConversations
    feed: ConversationFeed
    loops: Sequence[Loop]
    changed: Hint


def clock_rules(config: Config) -> ClockRules:
    urgent = config.escalation.urgent_within_minutes
    return ClockRules(
        config.business_hours.clock(config.shop.zone),
        timedelta(minutes=urgent) if urgent else AT_ONCE,
        automatic_stops=config.waiting.automatic_answer == "stops",
        own_people=config.own_people,
    )


def build_conversations(
    config: Config,
    store: Callable[[], Awaitable[Database]],
    clock: Callable[[], datetime],
    changed: Hint,
) -> ConversationParts:
    desk = SqlConversations(store, clock, clock_rules(config))
    feed = ConversationFeed(desk, clock, changed)
    upkeep = ConversationUpkeep(desk.begin_missing, desk.close_silent, clock)
    return ConversationParts(desk, feed, [feed.loop(), upkeep.loop()], changed)
