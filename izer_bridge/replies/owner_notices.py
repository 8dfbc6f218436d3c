"""What the owner is told on WhatsApp about replies to customers, and when; pure.

Nobody is woken for it: both kinds of notices wait for the end of the quiet hours, except a draft
that warns of danger.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import takewhile

from izer_bridge.domain.correspondent import Correspondent
from izer_bridge.domain.identity import person_jid
from izer_bridge.domain.message import HistoryEntry, Kind
from izer_bridge.domain.work import Work
from izer_bridge.replies.answer_plan import PlannedReply
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.owner_texts import announcement, call
from izer_bridge.replies.ports import Notice

_DRAFT, _PERSON = "draft-notice:", "person-notice:"
# The purpose of answers to the owner's own messages.
DECISION = "decision:"
# How many waiting messages the notice quotes; older ones are covered only by the draft.
_MOST_SHOWN = 4
_BURST = timedelta(minutes=5)


def waits_for_morning(purpose: str) -> bool:
    """Whether a notice of this purpose is one of these, and answers nobody who is awake."""
    return purpose.startswith((_DRAFT, _PERSON))


@dataclass(frozen=True, slots=True)
class DraftNotice:
    """A draft to be announced to the owner, and the drafts that it renews, oldest first."""

    row_id: int
    draft: PlannedReply
    renewed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferNotice:
    """Another program's draft, to be announced, and the message of `who` that it answers."""

    row_id: int
    account: str
    message_row_id: int
    who: Correspondent
    asked: str = field(repr=False)
    text: str = field(repr=False)
    danger: str | None
    expires_at: datetime


def of_draft(told: DraftNotice, work: Work, policy: ReplyPolicy, now: datetime) -> Iterator[Notice]:
    """The notice waits as long as a customer's burst may last: a later message renews the draft."""
    draft = told.draft
    texts = announcement(
        told.row_id,
        _who(work),
        _asked(work),
        draft.text or "",
        _quoted(work),
        renewed=told.renewed,
        is_pressing=bool(draft.danger),
    )
    first = replace(
        _notice(f"{_DRAFT}{told.row_id}", "", work, policy, now),
        about_id=told.row_id,
        expires_at=draft.expires_at,
        danger=draft.danger,
    )
    return _parts(first, texts, now)


def of_offer(told: OfferNotice, policy: ReplyPolicy, now: datetime) -> Iterator[Notice]:
    """It waits as long: a program may correct its draft."""
    texts = announcement(
        told.row_id, told.who, [told.asked], told.text, is_pressing=bool(told.danger)
    )
    first = Notice(
        purpose=f"{_DRAFT}{told.row_id}",
        account=told.account,
        chat=person_jid(policy.owner),
        text="",
        about_id=told.row_id,
        message_row_id=told.message_row_id,
        not_before=now + policy.burst,
        expires_at=told.expires_at,
        danger=told.danger,
    )
    return _parts(first, texts, now)


def _parts(first: Notice, texts: Sequence[str], now: datetime) -> Iterator[Notice]:
    """A notice for each text; of danger at once."""
    for number, text in enumerate(texts):
        part = f":{number + 1}" if number else ""
        notice = replace(first, purpose=f"{first.purpose}{part}", text=text)
        yield replace(notice, not_before=now) if first.danger else notice


def of_person_wanted(work: Work, policy: ReplyPolicy, now: datetime) -> Notice:
    """For a message that its agent leaves to a person without proposing a reply."""
    text = call(_who(work), _asked(work), _quoted(work))
    return _notice(f"{_PERSON}{work.row_id}", text, work, policy, now)


def _notice(purpose: str, text: str, work: Work, policy: ReplyPolicy, now: datetime) -> Notice:
    """A notice to the owner, about the work's message."""
    message = work.message
    return Notice(
        purpose=purpose,
        account=message.account,
        chat=person_jid(policy.owner),
        text=text,
        message_row_id=work.row_id,
        not_before=now + policy.burst,
        expires_at=policy.draft_until(message.sent_at, now),
    )


def _asked(work: Work) -> list[str]:
    """All the customer's waiting messages, oldest first."""
    message = work.message
    writer = message.writer(work.phone_number) if message.chat.is_group else None
    since = takewhile(lambda entry: entry.is_by_bridge or not entry.from_me, work.history[::-1])
    waiting = [
        entry.content
        for entry in since
        if not entry.from_me and writer in (None, entry.sender) and _waits(entry, message.sent_at)
    ]
    return [*waiting[:_MOST_SHOWN][::-1], message.announced]


def _waits(entry: HistoryEntry, now: datetime) -> bool:
    """Messages of one burst are answered together, and are not in the store yet."""
    if entry.is_open is None:
        return abs(now - entry.sent_at) <= _BURST and entry.kind != Kind.REACTION
    return entry.is_open


def _quoted(work: Work) -> str:
    quoted = work.message.context.quoted
    return "" if quoted is None else quoted.text


def _who(work: Work) -> Correspondent:
    message = work.message
    is_lid_only = not work.phone_number and message.sender.is_lid
    if message.chat.is_group:
        return Correspondent(message.sender_name, work.phone_number, is_lid_only, message.chat_name)
    name = message.chat_name or message.sender_name
    return Correspondent(name, work.phone_number, is_lid_only)
