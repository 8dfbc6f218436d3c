"""The tables: the replaced system's seven with all their columns, and what the ledger adds."""

from izer_bridge.store.tables.base import metadata
from izer_bridge.store.tables.events import event_deliveries, events, shut_event_targets
from izer_bridge.store.tables.messages import (
    agent_routing,
    analytics_results,
    chats,
    contacts,
    media,
    message_history,
    webhook_messages,
)
from izer_bridge.store.tables.proof import gaps, message_chain
from izer_bridge.store.tables.removals import removals
from izer_bridge.store.tables.shop import critical_groups, important_customers, system_stats

__all__ = [
    "agent_routing",
    "analytics_results",
    "chats",
    "contacts",
    "critical_groups",
    "event_deliveries",
    "events",
    "gaps",
    "important_customers",
    "media",
    "message_chain",
    "message_history",
    "metadata",
    "removals",
    "shut_event_targets",
    "system_stats",
    "webhook_messages",
]
