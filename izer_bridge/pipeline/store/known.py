"""What the store knows of messages that are about to be recorded, read at once.

Alone, most messages find nothing of it, and a question each would take three ways to the server.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, literal, null, select, union_all

from izer_bridge.domain.message import Kind
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.pipeline.recording_plan import Known
from izer_bridge.store.message_key import KEY_COLUMNS, KNOWN_COLUMNS, Key
from izer_bridge.store.tables import gaps, webhook_messages

CHANGES = (Kind.EDIT, Kind.REVOKE)

_ROWS = webhook_messages.c
_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_READ = (
    *(*KEY_COLUMNS, *KNOWN_COLUMNS),
    *(_ROWS.target_id, _ROWS.chat_jid, _ROWS.chat_time, _ROWS.context_info),
)
_ROW, _CHANGE, _GAP = "row", "change", "gap"
_KNOWN = union_all(
    select(literal(_ROW).label("what"), *_READ).where(_ROWS.message_id.in_(_IDS)),
    select(literal(_CHANGE), *_READ).where(
        _ROWS.target_id.in_(_IDS),
        _ROWS.kind.in_(list(map(str, CHANGES))),
        _ROWS.skip_reason != str(SkipReason.REFUSED),
    ),
    select(literal(_GAP), gaps.c.message_id, *(null() for _ in _READ[1:])).where(
        gaps.c.message_id.in_(_IDS), gaps.c.closed_at.is_(None)
    ),
)


@dataclass(frozen=True, slots=True)
class AlreadyKnown:
    """Their rows, changes that came before the messages they refer to, oldest first, and the ids
    of those that were missed.
    """

    rows: dict[Key, Known] = field(default_factory=dict)
    changes: list[Mapping[str, Any]] = field(default_factory=list)
    missed: set[str] = field(default_factory=set)


def known_of(connection: Connection, message_ids: Collection[str]) -> AlreadyKnown:
    known = AlreadyKnown()
    for row in map(dict[str, Any], connection.execute(_KNOWN, {"ids": message_ids}).mappings()):
        if row["what"] == _ROW:
            known.rows[Key.of(row)] = Known.of(row)
        elif row["what"] == _CHANGE:
            known.changes.append(row)
        else:
            known.missed.add(row["message_id"])
    known.changes.sort(key=lambda one: (one["chat_time"], one["id"]))
    return known
