"""Decides which edits and revokes of one recording count, and applies them.

A change whose message is not here yet waits in its row until that message arrives.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from izer_bridge.domain.event import EventType
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.pipeline.store import rejudge
from izer_bridge.pipeline.store.known import CHANGES
from izer_bridge.pipeline.taking_back import Side, refusal
from izer_bridge.replies.store import takeover
from izer_bridge.store import changed_hours
from izer_bridge.store.message_key import KEY_COLUMNS, Key
from izer_bridge.store.tables import webhook_messages
from izer_bridge.store.text import identifier

_ROWS = webhook_messages.c
_EVENTS = {Kind.EDIT: EventType.MESSAGE_EDITED, Kind.REVOKE: EventType.MESSAGE_REVOKED}
_NewRows = Mapping[Key, Mapping[str, Any]]


def _refused(why: str) -> dict[str, Any]:
    return {"skip_reason": str(SkipReason.REFUSED), "last_error": why}


@dataclass
class Changes:
    """`note` each message with its row, `judge` before the rows are written, then `carry_out`.

    `told` is what subscribers are to be told, `revoked_in` are the chats where a message was taken
    back.
    """

    connection: Connection
    now: datetime
    told: dict[EventType, list[Message]] = field(default_factory=dict)
    revoked_in: set[int] = field(default_factory=set)
    _noted: list[tuple[Message, dict[str, Any]]] = field(default_factory=list)
    _wrong: list[dict[str, Any]] = field(default_factory=list)
    # By id and chat: several writers may use the same id there.
    _targets: dict[tuple[str, int], list[Key]] = field(default_factory=dict)
    _earlier: Sequence[Mapping[str, Any]] = ()

    def open(self, messages: Sequence[Message], earlier: Sequence[Mapping[str, Any]]) -> None:
        """Look up the writers of the messages to be changed; `earlier` changes wait for theirs."""
        self._earlier = earlier
        targets = {
            identifier(one.target_id) for one in messages if one.target_id and one.kind in CHANGES
        }
        if not targets:
            return
        found = self.connection.execute(
            select(*KEY_COLUMNS).where(_ROWS.message_id.in_(targets)).order_by(_ROWS.id)
        )
        for one in found:
            self._may_be_meant(Key.of(one._asdict()))

    def note(self, message: Message, row: dict[str, Any]) -> None:
        if message.target_id and message.kind in CHANGES:
            self._noted.append((message, row))

    def judge(self, new: _NewRows) -> None:
        """Mark the rows of changes that do not count, and drop these changes."""
        if self._noted:
            self._may_all_be_meant(new)
        counting = []
        for message, row in sorted(self._noted, key=lambda one: one[0].sent_at):
            why = self._refusal(row, message.by_admin)
            if why is None:
                counting.append((message, row))
            else:
                row |= _refused(why)
                self._wrong.append(row)
        self._noted = counting

    def carry_out(self, new: _NewRows, filled: Collection[Key]) -> None:
        """Apply changes to existing messages, and apply waiting changes to new ones.

        `filled` are existing rows whose content has arrived now.
        """
        for row in self._wrong:
            # A row that is filled was written before this recording judged it.
            if Key.of(row) not in new:
                self._refuse(Key.of(row).is_row, row["last_error"])
        for message, row in self._noted:
            is_done = self._change(row)
            is_news = Key.of(row) in new or Key.of(row) in filled
            if is_done and is_news and message.origin is not Origin.HISTORY:
                self.told.setdefault(_EVENTS[message.kind], []).append(message)
                if message.kind is Kind.EDIT:
                    rejudge.judge_again(self.connection, self._target(row), self.now)
        for waiting in self._waiting(new):
            by_admin = (waiting["context_info"] or {}).get("by_admin")
            why = self._refusal(waiting, by_admin)
            if why is None:
                self._change(waiting)
            else:
                self._refuse(_ROWS.id == waiting["id"], why)

    def _refuse(self, which: ColumnElement[bool], why: str) -> None:
        changed_hours.mark_rows(self.connection, which, self.now)
        self.connection.execute(update(webhook_messages).where(which).values(**_refused(why)))

    def _may_all_be_meant(self, new: _NewRows) -> None:
        for key in new:
            self._may_be_meant(key)

    def _may_be_meant(self, key: Key) -> None:
        meant = self._targets.setdefault((key.message_id, key.chat_id), [])
        if key not in meant:
            meant.append(key)

    def _target(self, row: Mapping[str, Any]) -> Key | None:
        """The key of the message to be changed: of two with that id, the writer's own."""
        meant = self._targets.get((row["target_id"], row["chat_id"]), [])
        own = Key.of(row)._replace(message_id=row["target_id"])
        return own if own in meant else next(iter(meant), None)

    def _refusal(self, row: Mapping[str, Any], by_admin: bool | None) -> str | None:
        target = self._target(row)
        if target is None:
            return None
        return refusal(
            Kind(row["kind"]),
            Side(row["from_me"], row["sender_id"]),
            Side(target.is_ours, target.writer),
            is_group=Jid.parse(row["chat_jid"]).is_group,
            by_admin=by_admin,
        )

    def _waiting(self, new: _NewRows) -> Sequence[Mapping[str, Any]]:
        """Earlier changes that refer to messages being written now, oldest first."""
        waiting = [row for row in self._earlier if Key.of(row) not in new]
        if waiting:
            self._may_all_be_meant(new)
        return [row for row in waiting if self._target(row) in new]

    def _change(self, row: Mapping[str, Any]) -> bool:
        """False if the message is not here yet, or a later edit has overtaken this change."""
        key = self._target(row)
        target = key and self.connection.scalar(select(_ROWS.id).where(key.is_row))
        if target is None or self._is_overtaken(row):
            return False
        is_edit = row["kind"] == Kind.EDIT
        edited = {"edited_text": row["current_message"]}
        self.connection.execute(
            update(webhook_messages)
            .where(_ROWS.id == target)
            .values(**edited if is_edit else {"revoked_at": row["chat_time"]})
        )
        takeover.withdraw(self.connection, target, self.now)
        if not is_edit:
            self.revoked_in.add(row["chat_id"])
        return True

    def _is_overtaken(self, row: Mapping[str, Any]) -> bool:
        """Offline messages arrive in any order: of one writer's edits the one sent last stands."""
        if row["kind"] != Kind.EDIT:
            return False
        later = self.connection.scalar(
            select(_ROWS.id)
            .where(_ROWS.target_id == row["target_id"], _ROWS.chat_id == row["chat_id"])
            .where(_ROWS.from_me == row["from_me"], _ROWS.sender_id == row["sender_id"])
            .where(_ROWS.kind == str(Kind.EDIT), _ROWS.chat_time > row["chat_time"])
            .where(_ROWS.skip_reason != str(SkipReason.REFUSED))
            .limit(1)
        )
        return later is not None
