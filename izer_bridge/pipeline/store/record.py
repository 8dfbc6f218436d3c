"""Records messages, each once, with its chat and sender, screened and marked as important.

A message may have been recorded before, in part or whole: one that only history knew and that now
arrives live is worked after all, and a group's first event, which contains only keys, is filled by
the second one with the same id.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.conversations.store import follow
from izer_bridge.domain.call import CallSign
from izer_bridge.domain.context_info import with_names
from izer_bridge.domain.event import EventType
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Media, Message, Origin, Unread
from izer_bridge.domain.message_state import SkipReason, State
from izer_bridge.domain.skip import skip_reason
from izer_bridge.events import payloads
from izer_bridge.events.store.emit import emit_all
from izer_bridge.media import store as media_store
from izer_bridge.people.store import important
from izer_bridge.people.store.contacts import Contacts
from izer_bridge.pipeline.automatic import AutomaticTexts
from izer_bridge.pipeline.ports import Screened, Skipped
from izer_bridge.pipeline.recording_plan import Entry, Known, beginning_of, entry_of
from izer_bridge.pipeline.store import (
    automatic,
    calls,
    context_columns,
    gaps,
    hash_chain,
    unread,
    votes,
)
from izer_bridge.pipeline.store.disappearing import Timers
from izer_bridge.pipeline.store.edits import Changes
from izer_bridge.pipeline.store.envelopes import Envelope, Envelopes, Written
from izer_bridge.pipeline.store.known import AlreadyKnown, known_of
from izer_bridge.pipeline.store.leases import NO_LEASE
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.store import takeover
from izer_bridge.replies.store.owner_verdicts import OwnersDecisions
from izer_bridge.store import changed_hours, fitting, full_text
from izer_bridge.store.bulk import insert_all
from izer_bridge.store.message_key import Key
from izer_bridge.store.tables import webhook_messages
from izer_bridge.store.text import clean, identifier
from izer_bridge.store.text import name as fitting_name

_ROWS = webhook_messages.c


@dataclass(frozen=True, slots=True)
class Screening:
    """How messages are screened: the settings' VIPs and groups, whether all groups count, replies.

    `automatic` are the texts that the shop's app sends automatically; `clock` says what stops a
    waiting customer's.
    """

    rules: ImportanceRules
    analyse_groups: bool
    replies: ReplyPolicy = field(default_factory=ReplyPolicy)
    automatic: AutomaticTexts = field(default_factory=AutomaticTexts)
    clock: ClockRules = field(default_factory=ClockRules)


def record(
    connection: Connection,
    messages: Sequence[Message],
    screening: Screening,
    now: datetime,
    raw: Mapping[str, Any] | None = None,
) -> Screened:
    """Record `messages` in their order; `raw` is the request that a webhook's message came in."""
    messages = [fitting.message(one) for one in messages]
    rules = important.rules(connection).above(screening.rules)
    screening = replace(screening, rules=rules)
    messages = votes.named(connection, messages)
    book = _Book(connection, screening, now, raw)
    for message, written in zip(messages, book.open(messages), strict=True):
        book.enter(message, written)
    book.close()
    gaps.close_those_of(connection, book.missed(messages), now)
    return book.screened()


class _Book:
    """The state of one recording: what is known, and the rows to be inserted together."""

    def __init__(
        self,
        connection: Connection,
        screening: Screening,
        now: datetime,
        raw: Mapping[str, Any] | None,
    ) -> None:
        self._connection = connection
        self._screening = screening
        self._now = now
        self._raw = raw
        self._merged: set[int] = set()
        self._contacts = Contacts(connection, now, self._move_chat)
        self._envelopes = Envelopes(connection, now, self._contacts, screening.rules)
        self._known = AlreadyKnown()
        self._new: dict[Key, dict[str, Any]] = {}
        self._filled: list[dict[str, Any]] = []
        self._media: dict[Key, Media] = {}
        self._unread: dict[Key, Unread] = {}
        self._changes = Changes(connection, now)
        self._names: dict[str, str] = {}
        self._timers = Timers(connection)
        self._owners = OwnersDecisions(screening.replies.owner, {}, screening.replies.quiet)
        self._decisions: list[tuple[Message, int]] = []

    def _move_chat(self, connection: Connection, old: int, new: int) -> None:
        takeover.move_chat(connection, old, new)
        follow.move_chat(connection, old, new)
        self._merged.add(new)

    def open(self, messages: Sequence[Message]) -> Sequence[Written]:
        written = self._envelopes.open(messages)
        self._names = context_columns.names_in(self._connection, messages)
        identifiers = {identifier(message.message_id) for message in messages}
        self._known = known_of(self._connection, identifiers)
        self._changes.open(messages, self._known.changes)
        self._owners = OwnersDecisions.load(self._connection, self._screening.replies, messages)
        return written

    def enter(self, message: Message, written: Written) -> None:
        envelope = self._envelopes.of(written)
        chat_id = envelope.chat.id
        is_decision = self._owners.is_decision(message, envelope.partner, envelope.sender)
        row = self._row(message, envelope, is_decision=is_decision)
        row["is_automatic"] = automatic.is_automatic(
            self._connection, message, chat_id, self._new_in(chat_id), self._screening.automatic
        )
        if message.call is not None:
            self._join(message.call, row)
        if self._write(message, row) and is_decision:
            self._decisions.append((message, chat_id))
        if message.unread is not None:
            self._unread[Key.of(row)] = message.unread
        self._changes.note(message, row)
        self._timers.note(chat_id, message.timer)

    def _write(self, message: Message, row: dict[str, Any]) -> bool:
        """Whether it is the first of its key here, or better than what the store has."""
        key = Key.of(row)
        known, new = self._known.rows.get(key), self._new.get(key)
        entry = entry_of(message, Known.of(new) if known is None and new else known)
        if entry in (Entry.NEW, Entry.REPLACES):
            self._expect_media(key, message, row)
            if known is not None:
                self._replace(known, row)
            else:
                self._new[key] = row
            return new is None
        if entry is Entry.SETTLES:
            if known is not None:
                self._settle(known)
            elif new is not None:
                new["next_attempt_at"] = None
        return False

    def _new_in(self, chat_id: int) -> Iterator[dict[str, Any]]:
        """The chat's rows to be inserted; few messages need them."""
        return (row for key, row in self._new.items() if key.chat_id == chat_id)

    def _join(self, sign: CallSign, row: dict[str, Any]) -> None:
        """Turn the row into that of the call's other signs, under whatever id those arrived."""
        new = self._new_in(row["chat_id"])
        twin = calls.twin_of(self._connection, sign, row, new)
        if twin is not None:
            calls.join(self._connection, twin, row)
            if twin.known is not None:
                self._known.rows.setdefault(Key.of(row), twin.known)

    def _replace(self, known: Known, row: dict[str, Any]) -> None:
        """Results that belonged to the previous row do not belong to this message."""
        if known.state != State.SKIPPED:
            takeover.withdraw(self._connection, known.id, self._now)
        changed_hours.mark_rows(self._connection, _ROWS.id == known.id, self._now)
        self._connection.execute(
            update(webhook_messages).where(_ROWS.id == known.id).values(**row, **NO_LEASE)
        )
        full_text.mark_stale(self._connection, [known.id])
        self._filled.append(row)
        self._known.rows[Key.of(row)] = replace(Known.of(row), id=known.id)

    def _settle(self, known: Known) -> None:
        """The call has stopped ringing, and nobody took it."""
        self._connection.execute(
            update(webhook_messages)
            .where(_ROWS.id == known.id, _ROWS.state == str(State.RECORDED))
            .values(next_attempt_at=None)
        )

    def close(self) -> None:
        """Insert the new rows, then apply edits and revokes to the messages they refer to."""
        self._changes.judge(self._new)
        if self._new:
            insert_all(self._connection, webhook_messages, list(self._new.values()))
        written = [*self._new.values(), *self._filled]
        self._extend_chains(written)
        pause = self._screening.replies.human_pause
        takeover.take_over(self._connection, written, pause, self._now)
        if self._media:
            media_store.expect(self._connection, self._media, self._now)
        if self._unread:
            unread.keep(self._connection, self._unread, self._now)
        for message, chat_id in self._decisions:
            self._owners.carry_out(self._connection, message, chat_id, self._now)
        self._changes.carry_out(self._new, {Key.of(row) for row in self._filled})
        again = self._merged | self._changes.revoked_in | {row["chat_id"] for row in self._filled}
        rows, rules = self._contacts.conversations, self._screening.clock
        follow.recorded(self._connection, self._new.values(), again, rows, rules, self._now)
        self._timers.keep()
        self._tell()

    def missed(self, messages: Sequence[Message]) -> Sequence[Message]:
        return [one for one in messages if one.message_id in self._known.missed]

    def screened(self) -> Screened:
        """See `pipeline.ports.Ledger.record`."""
        skipped = [
            Skipped(row["message_id"], SkipReason(row["skip_reason"]))
            for row in (*self._new.values(), *self._filled)
            if row["skip_reason"] and row["origin"] != Origin.HISTORY
        ]
        return Screened(skipped, frozenset(self._envelopes.unconfirmed))

    def _tell(self) -> None:
        """Tell subscribers about messages that are new, or that fill what only history knew."""
        rows = filter(payloads.is_news, [*self._new.values(), *self._filled])
        told = map(payloads.of_message, rows)
        emit_all(self._connection, EventType.MESSAGE, told, at=self._now)
        for kind, changes in self._changes.told.items():
            emit_all(self._connection, kind, map(payloads.of_change, changes), at=self._now)

    def _expect_media(self, key: Key, message: Message, row: dict[str, Any]) -> None:
        """Only for analysed messages: nobody reads other files, and a history has thousands."""
        if message.media is not None and row["state"] == State.RECORDED:
            self._media[key] = message.media
            row["next_attempt_at"] = media_store.held_until(message.media, self._now)

    def _extend_chains(self, rows: Sequence[dict[str, Any]]) -> None:
        for account in sorted({row["account"] for row in rows}):
            own = [row for row in rows if row["account"] == account]
            hash_chain.extend(self._connection, account, own)

    def _row(self, message: Message, envelope: Envelope, *, is_decision: bool) -> dict[str, Any]:
        reason = skip_reason(
            message,
            is_critical_group=envelope.is_critical_group,
            analyse_groups=self._screening.analyse_groups,
            is_decision=is_decision,
        )
        beginning = beginning_of(message, reason, self._now)
        medium = message.media
        return {
            **envelope.columns,
            "message_id": identifier(message.message_id),
            "chat_time": message.sent_at,
            "current_message": clean(self._named(message)),
            "kind": str(message.kind),
            "media_mimetype": fitting_name(medium.mimetype) if medium else None,
            "media_size": medium.size if medium else None,
            "media_file_name": fitting_name(medium.file_name or "") or None if medium else None,
            "target_id": identifier(message.target_id) if message.target_id else None,
            "context_info": context_columns.as_stored(message, self._names),
            "raw_data": self._raw,
            "state": str(beginning.state),
            "skip_reason": beginning.skip_reason and str(beginning.skip_reason),
            "next_attempt_at": beginning.held_until,
            "last_error": None,
            "created_at": self._now,
            "updated_at": self._now,
        }

    def _named(self, message: Message) -> str:
        return with_names(message.text, message.context.mentions, self._names)
