"""Written messages as rows of the outbox: each once, whoever asks for it how often."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import NOT_SAID
from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.domain.sendable_text import sendable, tidy
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.store import chat_facts, outbox_files, takeover
from izer_bridge.replies.store.outbox_rows import IS_AT_WORK, move
from izer_bridge.replies.takeover_plan import PauseReason
from izer_bridge.store import changed_chats
from izer_bridge.store.database import Database
from izer_bridge.store.inserted import new_id
from izer_bridge.store.tables import chats, outbox, webhook_messages
from izer_bridge.store.tables import outbox_files as files_table
from izer_bridge.store.text import name as fitting_name
from izer_bridge.writing.decide import (
    Author,
    PlannedMessage,
    Recipient,
    against_writing,
    plan_message,
)
from izer_bridge.writing.errors import NotAllowedError, NotTheSameError
from izer_bridge.writing.message import NewMessage, WrittenMessage

_OUT, _ROWS = outbox.c, webhook_messages.c
_KINDS = [str(OutboxKind.HAND), str(OutboxKind.PROGRAM)]
_NOT_THERE = [str(OutboxState.SENT), str(OutboxState.CLOSED)]
# A reply that was let go has no other place where anybody would see that it did not arrive.
_TROUBLED = [str(OutboxState.SENDING), str(OutboxState.UNCERTAIN), str(OutboxState.FAILED)]
_IS_SHOWN = or_(
    _OUT.kind.in_(_KINDS),
    and_(_OUT.kind == str(OutboxKind.REPLY), _OUT.state.in_(_TROUBLED)),
)
# What came to nothing is shown this long in its chat.
_SHOWN_FOR = timedelta(days=1)
_WRITTEN = select(outbox, *outbox_files.FILE_COLUMNS).outerjoin(
    files_table, files_table.c.outbox_id == _OUT.id
)
ANSWERED = "a person has answered"


class SqlWriting:
    """`store` waits for a database that has its tables. All raise TransientError without it."""

    def __init__(
        self,
        store: Callable[[], Awaitable[Database]],
        clock: Callable[[], datetime],
        policy: ReplyPolicy,
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def write(self, new: NewMessage) -> WrittenMessage:
        """Put it into the outbox, unless the same request has done so already.

        Raises LookupError if there is no such chat, ValueError for a text that must not be sent,
        NotAllowedError if nothing may be written there now, and NotTheSameError if another message
        was written under its key.
        """
        is_bare = new.file is not None and not tidy(new.text)
        now, text = self._clock(), "" if is_bare else sendable(new.text)

        def change(connection: Connection) -> WrittenMessage:
            known = connection.execute(_WRITTEN.where(_OUT.purpose == new.purpose)).one_or_none()
            if known is None:
                return self._written(connection, new, text, now)
            asked = new.chat_id, text, new.sha256
            if (known.chat_id, known.proposed_text, known.sha256) != asked:
                raise NotTheSameError("another message was written under this key")
            return _message(known)

        return await (await self._store()).write(change)

    def _written(
        self, connection: Connection, new: NewMessage, text: str, now: datetime
    ) -> WrittenMessage:
        found = recipient(connection, new.chat_id, new.author.kind, now)
        to = replace(found, is_linked=new.linked in (None, found.account))
        if against := against_writing(new.author, to, self._policy):
            raise NotAllowedError(against.sentence, against.why)
        plan = plan_message(new.author, to, self._policy, now)
        if plan.takes_over:
            takeover.cancel_open(connection, new.chat_id, ANSWERED, now)
            if pause := self._policy.human_pause:
                takeover.pause(connection, new.chat_id, now + pause, PauseReason.HUMAN, now)
        row_id = _insert(connection, new, to, text, plan, now)
        if (file := new.file) is not None:
            outbox_files.keep(connection, row_id, file.kept, file.name, file.preview, now)
        return _message(connection.execute(_WRITTEN.where(_OUT.id == row_id)).one())

    async def get(self, row_id: int) -> WrittenMessage:
        """Raises LookupError if there is none."""
        query = _WRITTEN.where(_OUT.id == row_id, _OUT.kind.in_(_KINDS))
        found = await (await self._store()).read(lambda connection: connection.execute(query))
        row = found.one_or_none()
        if row is None:
            raise LookupError(f"there is no message {row_id}")
        return _message(row)

    async def unsent(self, chat_id: int) -> Sequence[WrittenMessage]:
        """Those of a chat that wait, may not have arrived, or came to nothing lately; in order.

        With replies that have left, may have, or came to nothing.
        """
        since = self._clock() - _SHOWN_FOR
        query = _WRITTEN.where(
            _OUT.chat_id == chat_id,
            _IS_SHOWN,
            _OUT.state.not_in(_NOT_THERE),
            or_(IS_AT_WORK, _OUT.updated_at > since),
        ).order_by(_OUT.id)
        found = await (await self._store()).read(lambda connection: connection.execute(query))
        return [_message(row) for row in found]

    async def take_back(self, row_id: int, by: str) -> WrittenMessage:
        """Cancel it, if WhatsApp does not have it yet; returns it as it is then.

        Raises LookupError if there is none, NotAllowedError if it is too late.
        """
        now = self._clock()

        def change(connection: Connection) -> bool:
            old, new = OutboxState.APPROVED, OutboxState.CANCELLED
            error = f"taken back by {fitting_name(by)}"
            return move(connection, row_id, old, now, state=new, error=error)

        one = await self.get(row_id)
        is_taken_back = await (await self._store()).write(change)
        if not is_taken_back and one.state is not OutboxState.CANCELLED:
            one = await self.get(row_id)
            raise NotAllowedError(f"message {row_id} is {one.state}; nothing was changed")
        return await self.get(row_id)


def recipient(connection: Connection, chat_id: int, kind: OutboxKind, now: datetime) -> Recipient:
    """The chat to be written into. Raises LookupError if there is none."""
    chat = connection.execute(select(chats.c.account).where(chats.c.id == chat_id)).first()
    if chat is None:
        raise LookupError(f"there is no chat {chat_id}")
    address = _latest_address(connection, chat_id, from_me=False)
    # A chat without any message is left over from one that was merged with another.
    jid = address or _latest_address(connection, chat_id, from_me=True)
    if jid is None:
        raise LookupError(f"nobody has written in chat {chat_id}")
    return Recipient(
        account=chat.account,
        chat=Jid.parse(jid),
        has_written=address is not None,
        limited_until=chat_facts.limited_until(connection, chat_id, now),
        facts=chat_facts.of_written(connection, chat_id, chat.account, kind, now),
    )


def _latest_address(connection: Connection, chat_id: int, *, from_me: bool) -> str | None:
    """The chat's JID as its latest message has it: a person may have two."""
    found: str | None = connection.scalar(
        select(_ROWS.chat_jid)
        .where(_ROWS.chat_id == chat_id, _ROWS.from_me.is_(from_me), _ROWS.kind.not_in(NOT_SAID))
        .order_by(_ROWS.chat_time.desc(), _ROWS.id.desc())
        .limit(1)
    )
    return found


def _insert(
    connection: Connection,
    new: NewMessage,
    to: Recipient,
    text: str,
    plan: PlannedMessage,
    now: datetime,
) -> int:
    made = connection.execute(
        insert(outbox).values(
            purpose=new.purpose,
            kind=str(new.author.kind),
            state=str(OutboxState.APPROVED),
            account=to.account,
            chat_id=new.chat_id,
            chat_jid=str(to.chat),
            proposed_text=text,
            reason=plan.waits_for or None,
            not_before=plan.not_before,
            expires_at=plan.expires_at,
            decided_by=fitting_name(new.by),
            decided_at=now,
            created_at=now,
            updated_at=now,
        )
    )
    changed_chats.mark(connection, [new.chat_id], now)
    return new_id(made)


def _message(row: Row[Any]) -> WrittenMessage:
    is_waiting = row.state == OutboxState.APPROVED
    return WrittenMessage(
        id=row.id,
        chat_id=row.chat_id,
        author=Author.PERSON if row.kind == OutboxKind.HAND else Author.PROGRAM,
        by=row.decided_by or row.agent or "",
        text=(row.proposed_text if row.edited_text is None else row.edited_text) or "",
        state=OutboxState(row.state),
        created_at=row.created_at,
        goes_at=row.not_before,
        expires_at=row.expires_at,
        sent_at=row.server_at,
        delivered_at=row.delivered_at,
        read_at=row.read_at,
        waits_for=(row.error or row.reason or "") if is_waiting else "",
        error=None if is_waiting or row.state == OutboxState.SENDING else row.error,
        file=outbox_files.file_in(row),
    )
