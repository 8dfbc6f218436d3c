"""Stores events for subscribers, in the transaction that they report."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from izer_bridge.domain.event import NOBODY, DeliveryState, EventType, Subscriptions
from izer_bridge.store.tables import event_deliveries, events
from izer_bridge.store.text import dump_json

_OPTION = "izer_subscriptions"
Told = tuple[Mapping[str, Any], Mapping[str, Any]]


def telling(subscriptions: Subscriptions) -> Mapping[str, Any]:
    """The options that make transactions know the subscriptions."""
    return {_OPTION: subscriptions}


def emit(
    connection: Connection,
    kind: EventType,
    data: Mapping[str, Any],
    *,
    at: datetime,
    texts: Mapping[str, Any] | None = None,
) -> None:
    """Store an event for every target that wants this type; nothing happens if there is none.

    `data` and `texts` are JSON; what people wrote goes into `texts`, which the operator may keep
    from leaving the store. Call it where a repeated transaction would produce the same.
    """
    emit_all(connection, kind, [(data, texts or {})], at=at)


def emit_all(
    connection: Connection, kind: EventType, told: Iterable[Told], *, at: datetime
) -> None:
    """As `emit`, for many; `told` is read only if somebody wants it."""
    subscriptions = _subscriptions(connection)
    targets = subscriptions.wanting(kind)
    if not targets:
        return
    rows = [
        {
            "id": f"evt_{int(at.timestamp() * 1000):011x}{secrets.token_hex(10)}",
            "type": str(kind),
            "payload": _payload(kind, data, texts if subscriptions.with_texts else {}, at),
            "created_at": at,
        }
        for data, texts in told
    ]
    if not rows:
        return
    connection.execute(insert(events), rows)
    connection.execute(
        insert(event_deliveries),
        [
            {
                "event_id": row["id"],
                "target": target,
                "state": str(DeliveryState.PENDING),
                "next_attempt_at": at,
                "updated_at": at,
            }
            for row in rows
            for target in targets
        ],
    )


def _subscriptions(connection: Connection) -> Subscriptions:
    options = connection.engine.get_execution_options()
    found: Subscriptions = options.get(_OPTION, NOBODY)
    return found


def _payload(
    kind: EventType, data: Mapping[str, Any], texts: Mapping[str, Any], at: datetime
) -> str:
    return dump_json({"type": str(kind), "timestamp": at.isoformat(), "data": {**data, **texts}})
