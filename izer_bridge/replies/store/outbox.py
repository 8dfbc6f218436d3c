"""The outbox in SQL: what the bridge sends on WhatsApp, from its approval to its receipts.

Every write is a compare-and-set along `domain.outbox_state.ALLOWED`, and a claim checks every guard
in its own transaction.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from izer_bridge.domain.context_info import Timer
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, in_words
from izer_bridge.domain.outbox_state import OPEN, OutboxKind, OutboxState
from izer_bridge.domain.outgoing import HandedOver, Outgoing, Quoted, RefusedBySenderError
from izer_bridge.domain.send_limit import CODES, TOGETHER, Limit, limit_after
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.sending_plan import (
    HeldBack,
    held_back,
)
from izer_bridge.replies.store import receipts, takeover
from izer_bridge.replies.store.due_rows import due_of
from izer_bridge.replies.store.outbox_files import FILE_COLUMNS, file_in, is_ready
from izer_bridge.replies.store.outbox_rows import IS_AT_WORK, move
from izer_bridge.replies.takeover_plan import PauseReason
from izer_bridge.store import changed_chats
from izer_bridge.store.database import Database
from izer_bridge.store.tables import (
    chats,
    contacts,
    outbox,
    outbox_files,
    send_breakers,
    webhook_messages,
)
from izer_bridge.store.text import clean

_OUT, _ROWS = outbox.c, webhook_messages.c
# The columns of the message that a reply answers.
_ASKED = (
    *(_ROWS.current_message, _ROWS.media_mimetype, _ROWS.media_file_name),
    *(_ROWS.kind.label("asked_kind"), _ROWS.chat_id.label("asked_in")),
)
_OPEN = sorted(map(str, OPEN))
# Longer than any client call takes: its claimer is no longer sending it.
_NO_SEND_LASTS = timedelta(minutes=10)


class SqlOutbox:
    """Part of the ledger; `owner` is the process that sends, `write` records what was sent.

    All methods raise TransientError if the store is away.
    """

    def __init__(
        self,
        store: Callable[[], Awaitable[Database]],
        clock: Callable[[], datetime],
        policy: ReplyPolicy,
        owner: str,
        write: receipts.Write,
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._owner = owner
        self._write = write

    async def abandoned(self) -> Sequence[Outgoing]:
        """Rows that this owner was handing over when it ended; nobody else is doing so now."""
        now = self._clock()
        theirs = or_(_OUT.sender == self._owner, _OUT.sending_at < now - _NO_SEND_LASTS)
        return await self._read(IS_AT_WORK, _OUT.state == str(OutboxState.SENDING), theirs)

    async def next_due(self, account: str, *, only_hand: bool = False) -> Outgoing | None:
        """The next that may be sent now according to its row; guards are checked later.

        What a person has written goes first, then the oldest; `only_hand`: nothing else.
        """
        now = self._clock()
        kinds = [_OUT.kind == str(OutboxKind.HAND)] if only_hand else []
        found = await self._read(
            IS_AT_WORK,
            *kinds,
            is_ready(now),
            _OUT.state == str(OutboxState.APPROVED),
            _OUT.not_before <= now,
            _OUT.account == account,
            limit=1,
        )
        return next(iter(found), None)

    async def lapse(self) -> int:
        """End rows that have waited too long, including drafts; how many rows."""
        now = self._clock()
        late = and_(IS_AT_WORK, _OUT.state.in_(_OPEN), _OUT.expires_at <= now)
        store = await self._store()
        if not await store.read(lambda one: one.scalar(select(_OUT.id).where(late).limit(1))):
            return 0

        def change(connection: Connection) -> int:
            chats_of_late = connection.scalars(select(_OUT.chat_id).where(late).distinct()).all()
            ended = connection.execute(
                update(outbox)
                .where(late)
                .values(state=str(OutboxState.LAPSED), error="it waited too long", updated_at=now)
            )
            changed_chats.mark(connection, chats_of_late, now)
            return int(ended.rowcount)

        return await store.write(change)

    async def claim(self, row_id: int, secret: bytes) -> Outgoing | None:
        """Make it `sending`, if all guards hold in the same transaction; else None.

        In that case it was cancelled, has lapsed or waits until a later time.
        """
        now = self._clock()

        def change(connection: Connection) -> Outgoing | None:
            found = _rows(connection, _OUT.id == row_id)
            if not found or found[0].state != OutboxState.APPROVED:
                return None
            row = found[0]
            held = self._held_back(connection, row, now)
            if held is not None:
                _hold_back(connection, row_id, held, now)
                return None
            values = {"sender": self._owner, "secret": secret, "sending_at": now}
            move(connection, row_id, OutboxState.APPROVED, now, state=OutboxState.SENDING, **values)
            [claimed] = _rows(connection, _OUT.id == row_id)
            return replace(_outgoing(claimed), timer=_timer(connection, claimed))

        return await (await self._store()).write(change)

    def _held_back(self, connection: Connection, row: Row[Any], now: datetime) -> HeldBack | None:
        return held_back(due_of(connection, row, now), self._policy, now)

    async def give_back(self, outgoing: Outgoing, until: datetime, why: str) -> None:
        """Nothing has left this process: `approved` again, not before `until`."""
        await self._end(
            outgoing,
            OutboxState.APPROVED,
            not_before=until,
            error=clean(why),
            sender=None,
            secret=None,
            sending_at=None,
        )

    async def sent(self, outgoing: Outgoing, handed: HandedOver) -> None:
        """Also records it in the chat as the shop's own message."""
        now = self._clock()

        def change(connection: Connection) -> None:
            moved = receipts.became_sent(
                connection, outgoing.row_id, handed.whatsapp_id, handed.server_at, now
            )
            if moved:
                receipts.enter(connection, outgoing.row_id, self._write, now)

        await (await self._store()).write(change)

    async def uncertain(self, outgoing: Outgoing, why: str, whatsapp_id: str | None) -> None:
        """If its id is known, receipts that arrived already, or arrive later, make it sent."""
        now = self._clock()

        def change(connection: Connection) -> None:
            move(
                connection,
                outgoing.row_id,
                OutboxState.SENDING,
                now,
                state=OutboxState.UNCERTAIN,
                error=clean(why),
                whatsapp_id=whatsapp_id,
            )
            if whatsapp_id is not None:
                receipts.resolve(connection, whatsapp_id, self._write, now)

        await (await self._store()).write(change)

    async def refused(
        self, outgoing: Outgoing, error: RefusedBySenderError, until: datetime
    ) -> Limit | None:
        """It failed for good; also applies the limit that follows from it, and returns its end."""
        now, why = self._clock(), clean(str(error))
        row_id, account = outgoing.row_id, outgoing.account

        def change(connection: Connection) -> Limit | None:
            before = connection.scalars(
                select(_OUT.chat_jid).where(
                    _OUT.account == account,
                    _OUT.refusal_code.in_(CODES),
                    _OUT.sending_at > now - TOGETHER,
                )
            )
            values = {"error": why, "refusal_code": error.code}
            move(connection, row_id, OutboxState.SENDING, now, state=OutboxState.FAILED, **values)
            chat_id = connection.scalar(select(_OUT.chat_id).where(_OUT.id == row_id))
            limit = limit_after(
                error.code, str(outgoing.chat), before.all(), may_pause=chat_id is not None
            )
            if limit is Limit.ACCOUNT:
                _open_breaker(connection, account, until, why, now)
            elif limit is Limit.CHAT and chat_id is not None:
                reason = PauseReason.LIMITED
                takeover.pause(connection, chat_id, until, reason, now)
            return limit

        return await (await self._store()).write(change)

    async def open_breaker(self, account: str, until: datetime, why: str) -> None:
        now = self._clock()
        await (await self._store()).write(
            lambda connection: _open_breaker(connection, account, until, clean(why), now)
        )

    async def _end(self, outgoing: Outgoing, new: OutboxState, **values: Any) -> None:
        now = self._clock()
        await (await self._store()).write(
            lambda connection: move(
                connection, outgoing.row_id, OutboxState.SENDING, now, state=new, **values
            )
        )

    async def _read(self, *conditions: Any, limit: int | None = None) -> Sequence[Outgoing]:
        rows = await (await self._store()).read(
            lambda connection: _rows(connection, *conditions, limit=limit)
        )
        return [_outgoing(row) for row in rows]


def _open_breaker(
    connection: Connection, account: str, until: datetime, why: str, now: datetime
) -> None:
    values = {
        "open_until": until,
        "reason": why,
        "opened_at": now,
        "closed_at": None,
        "closed_by": None,
    }
    column = send_breakers.c.account
    if connection.scalar(select(column).where(column == account)):
        connection.execute(update(send_breakers).where(column == account).values(**values))
    else:
        connection.execute(insert(send_breakers).values(account=account, **values))


def _hold_back(connection: Connection, row_id: int, held: HeldBack, now: datetime) -> None:
    later = {"not_before": held.not_before, "expires_at": held.expires_at}
    values = later if held.not_before is not None else {}
    move(
        connection,
        row_id,
        OutboxState.APPROVED,
        now,
        state=held.state,
        error=held.error,
        **values,
    )


def _rows(connection: Connection, *conditions: Any, limit: int | None = None) -> Sequence[Row[Any]]:
    found = connection.execute(
        select(outbox, *_ASKED, *FILE_COLUMNS)
        .outerjoin(webhook_messages, _ROWS.id == _OUT.webhook_message_id)
        .outerjoin(outbox_files, outbox_files.c.outbox_id == _OUT.id)
        .where(*conditions)
        .order_by(_OUT.kind != str(OutboxKind.HAND), _OUT.not_before, _OUT.id)
        .limit(limit)
    )
    return found.all()


def _timer(connection: Connection, row: Row[Any]) -> Timer | None:
    """The timer of the destination chat; a notice knows only its recipient."""
    to = Jid.parse(row.chat_jid)
    is_theirs = contacts.c.lid == to.user if to.is_lid else contacts.c.number == to.number
    is_chat = chats.c.id == row.chat_id if row.chat_id is not None else is_theirs
    found = connection.execute(
        select(chats.c.disappearing_seconds, chats.c.disappearing_set_at)
        .outerjoin(contacts, contacts.c.id == chats.c.contact_id)
        .where(chats.c.account == row.account, is_chat)
        .where(chats.c.disappearing_seconds.is_not(None))
        .limit(1)
    )
    kept = found.one_or_none()
    return None if kept is None else Timer(*kept)


def _quoted(row: Row[Any]) -> Quoted | None:
    if not (row.quoted_id and row.quoted_sender):
        return None
    media = Media(row.media_mimetype, 0, row.media_file_name) if row.media_mimetype else None
    text = row.current_message or ""
    words = text if media is None else in_words(Kind(row.asked_kind), text, media)
    return Quoted(row.quoted_id, Jid.parse(row.quoted_sender), words)


def _outgoing(row: Row[Any]) -> Outgoing:
    return Outgoing(
        row_id=row.id,
        kind=OutboxKind(row.kind),
        state=OutboxState(row.state),
        account=row.account,
        chat=Jid.parse(row.chat_jid),
        text=row.edited_text or row.proposed_text or "",
        quoted=_quoted(row),
        secret=row.secret or b"",
        message_row_id=row.webhook_message_id,
        file=file_in(row),
    )
