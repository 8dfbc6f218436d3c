"""What a person is told about an escalation, read from the store."""

from typing import Any

from sqlalchemy import Row, Select, func, select

from izer_bridge.analysis.store.analyses import dangers_in
from izer_bridge.domain.escalation import Why
from izer_bridge.domain.identity import GROUP_SERVER, LID_SERVER
from izer_bridge.domain.message import NOT_SAID
from izer_bridge.escalation.owner_texts import WaitingCustomer
from izer_bridge.replies.store.answered import comes_after
from izer_bridge.store.tables import (
    analytics_results,
    escalations,
    media,
    webhook_messages,
)

_ESCALATIONS, _ROWS = escalations.c, webhook_messages.c
_LATER = webhook_messages.alias("later_message")
# The customer's messages after the first one.
_MORE = (
    select(func.count())
    .where(
        comes_after(_LATER, webhook_messages),
        _LATER.c.from_me.is_(False),
        _LATER.c.kind.not_in(NOT_SAID),
    )
    .scalar_subquery()
)


def cases(*columns: Any) -> Select[Any]:
    """A query for escalations' cases, with more `columns`."""
    return (
        select(
            *columns,
            _ESCALATIONS.id.label("escalation_id"),
            _ESCALATIONS.why,
            _ESCALATIONS.since,
            _ROWS.chat_name,
            _ROWS.chat_jid,
            _ROWS.sender_name,
            _ROWS.current_message,
            _ROWS.edited_text,
            media.c.words,
            analytics_results.c.danger,
            _ROWS.sender_jid,
            _ROWS.phone_number,
            _MORE.label("more"),
        )
        .select_from(escalations)
        .join(webhook_messages, _ROWS.id == _ESCALATIONS.webhook_message_id)
        .outerjoin(analytics_results, analytics_results.c.webhook_message_id == _ROWS.id)
        .outerjoin(media, media.c.webhook_message_id == _ROWS.id)
    )


def case_of(row: Row[Any]) -> WaitingCustomer:
    words = " ".join(filter(None, (row.words, row.edited_text or row.current_message)))
    return WaitingCustomer(
        escalation_id=row.escalation_id,
        why=Why(row.why),
        chat_name=row.chat_name,
        sender_name=row.sender_name,
        number=row.phone_number or None,
        is_lid_only=not row.phone_number and row.sender_jid.endswith(f"@{LID_SERVER}"),
        is_group=row.chat_jid.endswith(f"@{GROUP_SERVER}"),
        words=words,
        since=row.since,
        more=row.more,
        dangers=dangers_in(row.danger),
    )
