"""Selects the posted history around a message: the newest items, without the message itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from izer_bridge.domain.importance import folded
from izer_bridge.domain.message import HistoryEntry, Kind, Message
from izer_bridge.domain.plain_text import is_blank
from izer_bridge.domain.stanza_id import stanza_id
from izer_bridge.webhook.content import kind_of, without_announcement, words_of

MOST_ENTRIES = 20
# Between the poster's clock and that of WhatsApp's server.
_SAME_MOMENT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Posted:
    """One item as it was posted; `sent_at` is None if it was unreadable."""

    id: str
    sender: str
    content: str
    sent_at: datetime | None
    kind: str
    from_me: bool


def context_of(message: Message, posted: Sequence[Posted]) -> tuple[HistoryEntry, ...]:
    """At most 20, oldest first, in whichever order they came."""
    dated = _dated(posted, message.sent_at)
    if dated and dated[0][0] > dated[-1][0]:
        # Items of the same second are in reverse order too.
        dated.reverse()
    dated.sort(key=lambda one: one[0])
    itself = [at for at, one in enumerate(dated) if _is_itself(message, *one)]
    if itself:
        del dated[itself[-1]]
    entries = [_entry(*one) for one in dated]
    return tuple([one for one in entries if one.content][-MOST_ENTRIES:])


def _dated(posted: Sequence[Posted], otherwise: datetime) -> list[tuple[datetime, Posted]]:
    """An item without a time gets that of the item before it in the list."""
    before = next((one.sent_at for one in posted if one.sent_at is not None), otherwise)
    dated = []
    for one in posted:
        before = one.sent_at or before
        dated.append((before, one))
    return dated


def _is_itself(message: Message, sent_at: datetime, one: Posted) -> bool:
    if one.from_me is not message.from_me:
        return False
    its_id, own_id = stanza_id(one.id), stanza_id(message.message_id)
    if one.id == message.message_id or (its_id and own_id):
        return its_id == own_id
    is_near = abs(sent_at - message.sent_at) <= _SAME_MOMENT
    return is_near and _words(one.content) == _words(message.text)


def _words(text: str) -> str:
    return folded(without_announcement(text))


def _entry(sent_at: datetime, one: Posted) -> HistoryEntry:
    """An item without words appears as `[image]`, a system notice not at all."""
    kind = kind_of(one.kind, "", one.content)
    content = words_of(kind, one.kind, one.content)
    if is_blank(content):
        content = "" if kind in (Kind.TEXT, Kind.PROTOCOL) else f"[{one.kind}]"
    return HistoryEntry(one.sender, content, sent_at, one.kind, one.from_me)
