"""Reads what customers and the shop wrote in a period, for `reports/customers.py`."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from izer_bridge.domain.identity import GROUP_SERVER
from izer_bridge.domain.message import NOT_SAID, Origin
from izer_bridge.people.store.own_chats import own_chats
from izer_bridge.reports.customers import ChatLine, Customers, count
from izer_bridge.store.tables import analytics_results, chats, webhook_messages

_ROWS, _RESULTS = webhook_messages.c, analytics_results.c


def since(connection: Connection, begin: datetime, own_people: Collection[str]) -> Customers:
    """In direct chats; old messages that a phone sent at linking are not news."""
    query = (
        select(_ROWS.chat_id, _ROWS.chat_time, _ROWS.from_me, _RESULTS.action_required)
        .join(chats, chats.c.id == _ROWS.chat_id)
        .outerjoin(analytics_results, _RESULTS.webhook_message_id == _ROWS.id)
        .where(
            _ROWS.created_at >= begin,
            _ROWS.chat_time >= begin,
            _ROWS.origin != str(Origin.HISTORY),
            _ROWS.is_automatic.is_(False),
            _ROWS.kind.not_in(NOT_SAID),
            chats.c.contact_id.is_not(None),
            _ROWS.chat_jid.not_like(f"%@{GROUP_SERVER}"),
            _ROWS.chat_id.not_in(own_chats(own_people)),
        )
        .order_by(_ROWS.chat_time, _ROWS.id)
    )
    return count(
        ChatLine(row.chat_id, row.chat_time, row.from_me, row.action_required is not False)
        for row in connection.execute(query)
    )
