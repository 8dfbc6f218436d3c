"""The owner's verdicts on WhatsApp, carried out in the transaction that records them.

Only the owner's own direct chat counts: with the account or, if the account is the owner's own
number, the chat with oneself. A message that cannot be carried out is answered with a plain
sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Connection, or_, select

from izer_bridge.domain.message import NOT_SAID, Kind, Message, Origin
from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.people.store.contacts import Contact
from izer_bridge.replies import owner_texts
from izer_bridge.replies.decide import QuietHours, ReplyPolicy
from izer_bridge.replies.owner_notices import DECISION
from izer_bridge.replies.owner_verdict import (
    DecisionOutcome,
    OwnerDecision,
    OwnerVerdict,
    is_short_answer,
    verdict_of,
)
from izer_bridge.replies.ports import Notice
from izer_bridge.replies.store.chat_facts import breaker_until
from izer_bridge.replies.store.outbox_rows import IS_AT_WORK, notify
from izer_bridge.replies.store.verdicts import decide
from izer_bridge.replies.verdict_plan import WordFacts, plan_word
from izer_bridge.store.tables import outbox, webhook_messages
from izer_bridge.store.text import identifier

BY_OWNER = "owner (WhatsApp)"
# A later "gönderiliyor" tells the owner nothing new.
_CONFIRMED_WITHIN = timedelta(minutes=10)
_OUT, _ROWS = outbox.c, webhook_messages.c


class _Said(NamedTuple):
    """The answer to the owner; `is_done`: the verdict has been carried out."""

    text: str
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class OwnersDecisions:
    """What the owner may refer to: the bridge's notices, by WhatsApp's id, each with its draft."""

    owner: str
    notices: Mapping[tuple[str, str], int | None]
    quiet: QuietHours

    @classmethod
    def load(cls, connection: Connection, policy: ReplyPolicy, messages: Sequence[Message]) -> Self:
        """If the policy names no owner, nobody decides on WhatsApp."""
        owner, quiet = policy.owner, policy.quiet
        targets = {identifier(one.target_id) for one in messages if one.target_id}
        if not owner or not targets:
            return cls(owner, {}, quiet)
        found = connection.execute(
            select(_OUT.account, _OUT.whatsapp_id, _OUT.about_id, _OUT.kind).where(
                _OUT.whatsapp_id.in_(targets)
            )
        )
        notices = [row for row in found if row.kind == OutboxKind.NOTICE]
        told = {(row.account, row.whatsapp_id): row.about_id for row in notices}
        return cls(owner, told, quiet)

    def is_decision(
        self, message: Message, partner: Contact | None, sender: Contact | None
    ) -> bool:
        """Whether this is the owner's message to the bridge, and not a customer's."""
        if message.origin is not Origin.LIVE or not self._is_owners(partner, sender):
            return False
        if self._is_quoted(message):
            return (
                message.kind is not Kind.REACTION
                or verdict_of(message.kind, message.text) is not None
            )
        return is_short_answer(message.kind, message.text)

    def _is_owners(self, partner: Contact | None, sender: Contact | None) -> bool:
        if partner is None or sender is None or partner.id != sender.id or not self.owner:
            return False
        return self.owner in (partner.number, f"{partner.lid}@lid")

    def _is_quoted(self, message: Message) -> bool:
        if message.kind in (Kind.EDIT, Kind.REVOKE, Kind.PROTOCOL) or not message.target_id:
            return False
        return (message.account, identifier(message.target_id)) in self.notices

    def carry_out(
        self, connection: Connection, message: Message, chat_id: int, now: datetime
    ) -> None:
        """Decide the draft in question, and report the result, once.

        Success is reported only while the draft can still be sent, and promptly.
        """
        said = self._said(connection, message, chat_id, now)
        if said.is_done and breaker_until(connection, message.account, now) is not None:
            return
        purpose = identifier(f"{DECISION}{chat_id}:{message.message_id}")[-128:]
        until = now + _CONFIRMED_WITHIN if said.is_done else None
        notice = Notice(purpose, message.account, message.chat, said.text, expires_at=until)
        notify(connection, notice, now)

    def _said(self, connection: Connection, message: Message, chat_id: int, now: datetime) -> _Said:
        verdict = verdict_of(message.kind, message.text)
        plan = plan_word(self._facts(connection, message, chat_id, verdict, now))
        if plan.draft_id is None or verdict is None:
            return _Said(plan.answer or owner_texts.NO_DRAFT_OPEN)
        text = message.text if verdict is OwnerVerdict.CORRECT else None
        try:
            decided = decide(connection, plan.draft_id, OwnerDecision(verdict, BY_OWNER, text), now)
        except ValueError:
            return _Said(owner_texts.UNSENDABLE)
        if decided.outcome is DecisionOutcome.DONE:
            quiet_until = None if decided.is_pressing else self.quiet.ends_at(now)
            return _Said(owner_texts.confirmed(plan.draft_id, verdict, quiet_until), is_done=True)
        why = (decided.state, decided.why, decided.renewed_as)
        return _Said(owner_texts.decided_otherwise(plan.draft_id, *why))

    def _facts(
        self,
        connection: Connection,
        message: Message,
        chat_id: int,
        verdict: OwnerVerdict | None,
        now: datetime,
    ) -> WordFacts:
        if self._is_quoted(message):
            draft_id = self.notices[message.account, identifier(message.target_id or "")]
            return WordFacts(verdict, True, True, draft_id)
        return WordFacts(
            verdict,
            is_quoting=bool(message.target_id),
            open_drafts=_open_drafts(connection, message.account, now),
            last_told_of=_last_spoken_of(connection, message, chat_id),
        )


def _open_drafts(connection: Connection, account: str, now: datetime) -> Sequence[int]:
    found = connection.scalars(
        select(_OUT.id).where(
            _OUT.account == account,
            _OUT.kind == str(OutboxKind.REPLY),
            IS_AT_WORK,
            _OUT.state == str(OutboxState.DRAFT),
            _is_before(_OUT.expires_at, now),
        )
    )
    return found.all()


def _is_before(expires_at: Any, now: datetime) -> ColumnElement[bool]:
    return or_(expires_at.is_(None), expires_at > now)


def _last_spoken_of(connection: Connection, message: Message, chat_id: int) -> int | None:
    """The draft that the shop's last message before this one is about, if any.

    A confirmation is about none: an owner who types one "1" too many sends nothing by it.
    """
    last: int | None = connection.scalar(
        select(_OUT.about_id)
        .select_from(webhook_messages)
        .outerjoin(outbox, _OUT.whatsapp_id == _ROWS.message_id)
        .where(
            _ROWS.chat_id == chat_id,
            _ROWS.from_me.is_(True),
            _ROWS.kind.not_in(NOT_SAID),
            _ROWS.is_automatic.is_(False),
            _ROWS.message_id != identifier(message.message_id),
        )
        .order_by(_ROWS.chat_time.desc(), _ROWS.id.desc())
        .limit(1)
    )
    return last
