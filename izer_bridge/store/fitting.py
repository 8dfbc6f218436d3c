"""Makes values from outside fit their columns, whatever reader they came through; pure.

Equal values stay equal and different values stay different: an overlong one keeps its start and
gets a hash. Times and sizes become the nearest value that every store holds.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from izer_bridge.domain.context_info import NO_CONTEXT, ContextInfo, Quotation, Timer
from izer_bridge.domain.gap import Gap
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import HistoryEntry, Media, Message
from izer_bridge.domain.outgoing import Receipt
from izer_bridge.store.text import clean, identifier, name

# The lengths of these columns; a number is kept in E.164, with its `+`.
_ADDRESS, _ACCOUNT, _NUMBER, _LID, _HISTORY_KIND = 128, 64, 32, 64, 50
_SERVER = 63
_LARGEST_SIZE = 2**63 - 1
_LONGEST_TIMER = 2**31 - 1
# A thousand times what WhatsApp lets anybody write; at four bytes each, no server takes more.
_LONGEST_TEXT = 1_000_000
_REMEMBERED = 1 << 12
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def message(one: Message) -> Message:
    """`one` as the store can hold it; most already are."""
    fitted: dict[str, Any] = {
        "account": identifier(one.account, _ACCOUNT),
        "message_id": identifier(one.message_id),
        "chat": address(one.chat),
        "chat_alt": one.chat_alt and address(one.chat_alt),
        "sender": address(one.sender),
        "sender_alt": one.sender_alt and address(one.sender_alt),
        "sent_at": _moment(one.sent_at),
        "text": _text(one.text),
        "media": one.media and _media(one.media),
        "target_id": identifier(one.target_id) if one.target_id else None,
        "context": _context(one.context),
        "timer": one.timer and _timer(one.timer),
    }
    changed = {
        name: value
        for name, value in fitted.items()
        if (given := getattr(one, name)) is not value and given != value
    }
    return replace(one, **changed) if changed else one


def history(entries: Sequence[HistoryEntry]) -> tuple[HistoryEntry, ...]:
    return tuple(
        replace(
            one,
            content=_text(one.content),
            sent_at=_moment(one.sent_at),
            kind=identifier(one.kind, _HISTORY_KIND),
        )
        for one in entries
    )


def gap(one: Gap) -> Gap:
    return replace(
        one,
        account=identifier(one.account, _ACCOUNT),
        message_id=identifier(one.message_id),
        chat=one.chat and address(one.chat),
        sender=one.sender and address(one.sender),
        detail=_text(one.detail),
    )


def receipt(one: Receipt) -> Receipt:
    ids = tuple(map(identifier, one.message_ids))
    return replace(one, chat=address(one.chat), message_ids=ids, at=_moment(one.at))


# The same few people write again and again.
@lru_cache(_REMEMBERED)
def address(jid: Jid) -> Jid:
    server = identifier(jid.server, _SERVER)
    longest = _LID if jid.is_lid else _NUMBER - 1 if jid.is_number else _ADDRESS - 1 - len(server)
    return Jid(identifier(jid.user, longest), server)


def _media(one: Media) -> Media:
    return replace(one, size=min(max(one.size, 0), _LARGEST_SIZE))


def _moment(at: datetime) -> datetime:
    return at if _EARLIEST <= at <= _LATEST else min(max(at, _EARLIEST), _LATEST)


def _text(text: str) -> str:
    return clean(text)[:_LONGEST_TEXT]


def _context(one: ContextInfo) -> ContextInfo:
    return one if one == NO_CONTEXT else replace(one, quoted=one.quoted and _quoted(one.quoted))


def _quoted(one: Quotation) -> Quotation:
    return replace(one, text=_text(one.text), sender=name(one.sender))


def _timer(one: Timer) -> Timer:
    return Timer(min(max(one.seconds, 0), _LONGEST_TIMER), _moment(one.set_at))
