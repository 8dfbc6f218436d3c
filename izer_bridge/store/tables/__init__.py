"""The tables: the replaced system's seven with all their columns, and the ledger's additions."""

from izer_bridge.store.tables.base import metadata
from izer_bridge.store.tables.conversations import conversations
from izer_bridge.store.tables.escalations import escalation_notices, escalations
from izer_bridge.store.tables.events import event_deliveries, events, shut_event_targets
from izer_bridge.store.tables.messages import (
    agent_calls,
    agent_steps,
    analytics_results,
    chats,
    contacts,
    media,
    posted_history,
    unread_messages,
    webhook_messages,
)
from izer_bridge.store.tables.proof import gaps, message_chain
from izer_bridge.store.tables.removals import removals
from izer_bridge.store.tables.replies import (
    chat_pauses,
    early_receipts,
    outbox,
    outbox_files,
    send_breakers,
)
from izer_bridge.store.tables.reports import digests
from izer_bridge.store.tables.search import search_words, stale_words
from izer_bridge.store.tables.shop import (
    confirmed_groups,
    critical_groups,
    important_customers,
    labels,
    system_stats,
)
from izer_bridge.store.tables.staff import api_answers, staff, staff_sessions

__all__ = [
    "agent_calls",
    "agent_steps",
    "analytics_results",
    "api_answers",
    "chat_pauses",
    "chats",
    "confirmed_groups",
    "contacts",
    "conversations",
    "critical_groups",
    "digests",
    "early_receipts",
    "escalation_notices",
    "escalations",
    "event_deliveries",
    "events",
    "gaps",
    "important_customers",
    "labels",
    "media",
    "message_chain",
    "metadata",
    "outbox",
    "outbox_files",
    "posted_history",
    "removals",
    "search_words",
    "send_breakers",
    "shut_event_targets",
    "staff",
    "staff_sessions",
    "stale_words",
    "system_stats",
    "unread_messages",
    "webhook_messages",
]
