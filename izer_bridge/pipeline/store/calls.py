"""Makes a call one row, though its ringing and its entry in the chat's log have different ids.

The signs that a row stands for are kept in its `context_info`, so that a restart separates none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from izer_bridge.domain.call import FARTHEST, CallSign, Told, nearest
from izer_bridge.domain.message import Kind, Message
from izer_bridge.pipeline.recording_plan import Known
from izer_bridge.store.message_key import KEY_COLUMNS, KNOWN_COLUMNS, Key
from izer_bridge.store.tables import webhook_messages

_ROWS = webhook_messages.c
_KINDS = (str(Kind.CALL), str(Kind.PROTOCOL))
_MOST = 100


@dataclass(frozen=True, slots=True)
class Twin:
    """The row that another sign of the call has; `known` if it is written already."""

    row: dict[str, Any]
    known: Known | None = None

    @property
    def signs(self) -> Mapping[str, Any]:
        return (self.row["context_info"] or {}).get("call") or {}


def as_stored(message: Message, sign: CallSign) -> dict[str, Any]:
    told = {"id": message.message_id, "at": message.sent_at.isoformat()}
    return {_sort(sign): {**asdict(sign), **told}}


def twin_of(
    connection: Connection,
    sign: CallSign,
    row: Mapping[str, Any],
    new: Iterable[dict[str, Any]],
) -> Twin | None:
    """`row` is what the sign would be by itself; `new` are the chat's rows yet to be written.

    Two rows are better than none: a sign that fits two calls is joined to neither.
    """
    at = row["chat_time"]
    written = connection.execute(
        select(*KEY_COLUMNS, *KNOWN_COLUMNS, _ROWS.context_info)
        .where(
            _ROWS.chat_id == row["chat_id"],
            _ROWS.chat_time.between(at - FARTHEST, at + FARTHEST),
            _ROWS.kind.in_(_KINDS),
        )
        .order_by(_ROWS.chat_time.desc())
        .limit(_MOST)
    )
    twins = [
        *(Twin(one, Known.of(one)) for one in map(dict[str, Any], written.mappings())),
        *map(Twin, new),
    ]
    writer = Key.of(row).writer
    twins = [one for one in twins if one.signs and Key.of(one.row).writer == writer]
    ids = [[one.row["message_id"], *(each["id"] for each in one.signs.values())] for one in twins]
    same = [one for one, known in zip(twins, ids, strict=True) if row["message_id"] in known]
    if same:
        return same[0]
    # A call has one sign of each kind: a row that already has this kind is another call.
    twins = [one for one in twins if _sort(sign) not in one.signs]
    place = nearest((sign, at), [_told(each) for one in twins for each in one.signs.values()])
    return None if place is None else twins[place]


def join(connection: Connection, twin: Twin, row: dict[str, Any]) -> None:
    """Turn `row` into the twin's, and let both carry all signs."""
    around = twin.row["context_info"]
    row["message_id"] = twin.row["message_id"]
    row["context_info"]["call"] |= twin.signs
    if around["call"] != row["context_info"]["call"]:
        twin.row["context_info"] = around | {"call": row["context_info"]["call"]}
        if twin.known is not None:
            connection.execute(
                update(webhook_messages)
                .where(_ROWS.id == twin.known.id)
                .values(context_info=twin.row["context_info"])
            )


def _sort(sign: CallSign) -> str:
    return "entry" if sign.is_entry else "ringing"


def _told(stored: Mapping[str, Any]) -> Told:
    sign = {name: value for name, value in stored.items() if name not in ("id", "at")}
    return CallSign(**sign), datetime.fromisoformat(stored["at"])
