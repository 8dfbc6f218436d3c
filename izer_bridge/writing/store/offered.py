"""Replies that somebody outside offers: drafts for a person's word, each once, one a chat."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, insert, select

from izer_bridge.agents.safety_words import led
from izer_bridge.domain.correspondent import Correspondent
from izer_bridge.domain.event import EventType
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import NOT_SAID, Origin
from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.domain.sendable_text import sendable
from izer_bridge.events.store.emit import emit
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.owner_notices import OfferNotice, of_offer
from izer_bridge.replies.store import chat_facts
from izer_bridge.replies.store.chat_facts import About
from izer_bridge.replies.store.danger_warnings import reported
from izer_bridge.replies.store.outbox_rows import move, notify
from izer_bridge.store.database import Database
from izer_bridge.store.inserted import new_id
from izer_bridge.store.tables import analytics_results, outbox, webhook_messages
from izer_bridge.store.text import name as fitting_name
from izer_bridge.writing.decide import OffersLately, against_offering
from izer_bridge.writing.errors import NotAllowedError, NotTheSameError
from izer_bridge.writing.store.written import recipient

_OUT, _ROWS, _RESULTS = outbox.c, webhook_messages.c, analytics_results.c
_LONGEST_NAME = 64
_OFFER, _HOUR = "offer:", timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OfferedReply:
    """`by` names who offers it, `why` is for the person who decides, `key` names the request."""

    chat_id: int
    text: str = field(repr=False)
    why: str = field(repr=False)
    by: str
    key: str

    @property
    def purpose(self) -> str:
        return f"{_OFFER}{self.key}"


class SqlOffering:
    """`store` waits for a database that has its tables."""

    def __init__(
        self,
        store: Callable[[], Awaitable[Database]],
        clock: Callable[[], datetime],
        policy: ReplyPolicy,
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def offer(self, new: OfferedReply) -> int:
        """The draft's id, also if the same request has made it; it renews the chat's others.

        Raises LookupError if there is no such chat, ValueError for a text that must not be sent,
        NotAllowedError if nothing may be answered there now, NotTheSameError if another draft was
        offered under its key, and TransientError without a store.
        """
        now, text = self._clock(), sendable(new.text)

        def change(connection: Connection) -> int:
            known = connection.execute(
                select(outbox).where(_OUT.purpose == new.purpose)
            ).one_or_none()
            if known is None:
                return self._offered(connection, new, text, now)
            if known.chat_id != new.chat_id or not (known.proposed_text or "").endswith(text):
                raise NotTheSameError("another draft was offered under this key")
            return int(known.id)

        return await (await self._store()).write(change)

    def _offered(self, connection: Connection, new: OfferedReply, text: str, now: datetime) -> int:
        to = recipient(connection, new.chat_id, OutboxKind.PROGRAM, now)
        asked = _asked(connection, new.chat_id)
        if asked is None:
            raise NotAllowedError("no customer has written in this chat so far")
        about = About(asked.id, new.chat_id, to.account)
        facts = chat_facts.of_reply(connection, about, now)
        lately = _lately(connection, new.chat_id, now)
        if against := against_offering(to, facts, lately, self._policy):
            raise NotAllowedError(against)
        found = reported(connection, about)
        whole, danger = led(text, found.dangers, asked.language or ""), ",".join(found.unwarned)
        expires_at = now + self._policy.draft_lasts
        row_id = new_id(
            connection.execute(
                insert(outbox).values(
                    purpose=new.purpose,
                    kind=str(OutboxKind.REPLY),
                    state=str(OutboxState.DRAFT),
                    account=to.account,
                    webhook_message_id=asked.id,
                    chat_id=new.chat_id,
                    chat_jid=str(to.chat),
                    quoted_id=asked.message_id,
                    quoted_sender=asked.sender_jid,
                    agent=new.by[:_LONGEST_NAME],
                    proposed_text=whole,
                    danger=danger or None,
                    reason=f"offered by {fitting_name(new.by)}: {new.why}".removesuffix(": "),
                    not_before=now,
                    expires_at=expires_at,
                    created_at=now,
                    updated_at=now,
                )
            )
        )
        _renew(connection, about, row_id, now)
        _tell(connection, new, asked, to.account, text, now)
        if self._policy.owner:
            told = OfferNotice(
                row_id, to.account, asked.id, _who(asked), asked.said, whole, danger, expires_at
            )
            for notice in of_offer(told, self._policy, now):
                notify(connection, notice, now)
        return row_id


def _lately(connection: Connection, chat_id: int, now: datetime) -> OffersLately:
    in_chat = case((_OUT.chat_id == chat_id, 1), else_=0)
    found = connection.execute(
        select(func.count().label("in_all"), func.coalesce(func.sum(in_chat), 0).label("in_chat"))
        .select_from(outbox)
        .where(_OUT.created_at > now - _HOUR, _OUT.purpose.like(f"{_OFFER}%"))
    ).one()
    return OffersLately(int(found.in_chat), int(found.in_all))


def _asked(connection: Connection, chat_id: int) -> Row[Any] | None:
    """The latest message that a customer has sent over WhatsApp into this chat."""
    query: Select[Any] = (
        select(
            *(_ROWS.id, _ROWS.message_id, _ROWS.sender_jid, _ROWS.sender_name, _ROWS.phone_number),
            *(_ROWS.chat_jid, _ROWS.chat_name, _RESULTS.language),
            func.coalesce(_ROWS.edited_text, _ROWS.current_message).label("said"),
        )
        .outerjoin(analytics_results, _RESULTS.webhook_message_id == _ROWS.id)
        .where(
            _ROWS.chat_id == chat_id,
            _ROWS.from_me.is_(False),
            _ROWS.kind.not_in(NOT_SAID),
            _ROWS.origin == str(Origin.LIVE),
        )
        .order_by(_ROWS.chat_time.desc(), _ROWS.id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def _who(asked: Row[Any]) -> Correspondent:
    is_lid_only = not asked.phone_number and Jid.parse(asked.sender_jid).is_lid
    group = asked.chat_name if Jid.parse(asked.chat_jid).is_group else None
    return Correspondent(asked.sender_name, asked.phone_number, is_lid_only, group)


def _renew(connection: Connection, about: About, row_id: int, now: datetime) -> None:
    """The chat's other drafts end; one that warns of danger is decided for itself."""
    of_same = select(_OUT.id).where(
        _OUT.webhook_message_id == about.row_id,
        _OUT.state == str(OutboxState.DRAFT),
        _OUT.danger.is_(None),
        _OUT.id != row_id,
    )
    earlier = chat_facts.standing_drafts(connection, about, now)
    then = {"about_id": row_id, "error": f"renewed by draft {row_id}"}
    for draft_id in [*connection.scalars(of_same), *(one.row_id for one in earlier)]:
        if not move(
            connection, draft_id, OutboxState.DRAFT, now, state=OutboxState.RENEWED, **then
        ):
            raise NotAllowedError(f"draft {draft_id} was decided just now")


def _tell(
    connection: Connection,
    new: OfferedReply,
    asked: Row[Any],
    account: str,
    text: str,
    now: datetime,
) -> None:
    told = {
        "account": account,
        "row_id": asked.id,
        "message_id": asked.message_id,
        "chat": asked.chat_jid,
        "agent": new.by[:_LONGEST_NAME],
        "reason": "offered",
    }
    emit(connection, EventType.DRAFT_CREATED, told, at=now, texts={"text": text})
