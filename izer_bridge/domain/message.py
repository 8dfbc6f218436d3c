"""A message as the bridge sees it, wherever it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from izer_bridge.domain.call import CallSign
from izer_bridge.domain.context_info import NO_CONTEXT, ContextInfo, Timer
from izer_bridge.domain.identity import Jid


class Kind(StrEnum):
    """A message's kind; an unknown kind is `unsupported`, never dropped."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    VOICE = "voice"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    POLL = "poll"
    REACTION = "reaction"
    EDIT = "edit"
    REVOKE = "revoke"
    # A call that nobody took.
    CALL = "call"
    # Content that WhatsApp shows on the phone and withholds from linked devices.
    PHONE_ONLY = "phone_only"
    PROTOCOL = "protocol"
    UNSUPPORTED = "unsupported"


class Origin(StrEnum):
    """The way by which a message reached the bridge; `sent`: the bridge has sent it itself.

    `hand`: the bridge has sent it, and a person of the shop has written it.
    """

    LIVE = "live"
    HISTORY = "history"
    WEBHOOK = "webhook"
    SENT = "sent"
    HAND = "hand"


# The bridge has sent it.
OURS = frozenset({Origin.SENT, Origin.HAND})
# Whatever an analyser finds in their words, or without any: a person must look.
NEEDS_A_PERSON = frozenset({Kind.CALL, Kind.PHONE_ONLY, Kind.UNSUPPORTED})
# A call may still be taken, and the phone may share what only it showed.
PROVISIONAL = frozenset({Kind.CALL, Kind.PHONE_ONLY})
# A reader of the chat would not see these as messages.
NOT_SAID = frozenset({Kind.REACTION, Kind.PROTOCOL, Kind.EDIT, Kind.REVOKE})
# The words of an edit that WhatsApp has not let the bridge read.
UNREADABLE_EDIT = "[düzenlendi: yeni metni yalnızca telefon gösteriyor]"
# Precedes the transcript or description of a medium, for readers of the chat.
_WORDED = {Kind.VOICE: "[sesli mesaj] {}", Kind.IMAGE: "[fotoğraf] ({})"}
# People's names for files; any other file is just that.
_CALLED = {
    Kind.VOICE: "sesli mesaj",
    Kind.AUDIO: "ses kaydı",
    Kind.IMAGE: "fotoğraf",
    Kind.VIDEO: "video",
    Kind.DOCUMENT: "belge",
    Kind.STICKER: "çıkartma",
}


@dataclass(frozen=True, slots=True)
class Media:
    """An attachment's known properties; `size` in bytes.

    `source` is what the link needs to download it and means nothing to anybody else. `words` are a
    voice note's transcript or a picture's description, once there is one.
    """

    mimetype: str
    size: int
    file_name: str | None = None
    source: bytes | None = field(default=None, repr=False)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A message that no reader knows: the names of its fields, and its raw bytes."""

    fields: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `text` is what a person reads: the body, or the caption of a medium.

    `sender_alt` is the same person's other address (LID beside number or the reverse), and
    `chat_alt` the other address of a direct chat's partner. `target_id` is the message that
    an edit, a revoke or a reaction speaks of, or that is quoted. `sent_at` is aware UTC, and so is
    `settles_at`, before which it may turn out to be something else: a call that still rings, a
    group's message that the client has asked for anew.
    `call` is what it tells of a call, which several messages speak of.
    `options` are a poll's as they are shown, by what a vote names them by (`domain/poll.py`), and
    `voted` the hashes of those that a vote is for, where it could be opened.
    `timer` is its chat's, where it tells one. `has_verified_name`: WhatsApp has verified
    `sender_name`, a business's. `by_admin`: the sender is an admin of this group,
    `shop_is_admin`: the shop is; None where that is not known, or does not matter. `is_notice`: the
    bridge tells the shop's own people something by it.
    """

    account: str
    message_id: str
    chat: Jid
    sender: Jid
    sent_at: datetime
    kind: Kind
    text: str
    origin: Origin
    from_me: bool = False
    chat_alt: Jid | None = None
    sender_alt: Jid | None = None
    sender_name: str = ""
    chat_name: str = ""
    media: Media | None = None
    target_id: str | None = None
    settles_at: datetime | None = None
    unread: Unread | None = None
    call: CallSign | None = None
    options: Mapping[str, str] | None = None
    voted: frozenset[bytes] | None = None
    context: ContextInfo = NO_CONTEXT
    timer: Timer | None = None
    has_verified_name: bool = False
    by_admin: bool | None = None
    shop_is_admin: bool | None = None
    is_notice: bool = False

    def writer(self, phone_number: str) -> str:
        """The name of its writer, else their number, else the LID, which looks like no number."""
        unnamed = str(self.sender) if self.sender.is_lid else self.sender.user
        return self.sender_name or phone_number or unnamed

    @property
    def is_gesture(self) -> bool:
        """A sticker, which says as much as a reaction does."""
        return self.kind is Kind.STICKER and not self.text.strip()

    @property
    def announced(self) -> str:
        """The text as analysed and shown, a medium before its caption."""
        return announced(self.kind, self.text, self.media)


def announced(kind: Kind, text: str, media: Media | None) -> str:
    """A medium is announced as `[mimetype] name`, a document with its size.

    If it has words, it is announced by them.
    """
    if media is None:
        return text
    what = media.mimetype
    if kind is Kind.DOCUMENT and media.size > 0:
        what = f"{what} {_size(media.size)}"
    return _with_medium(kind, text, media, what)


def in_words(kind: Kind, text: str, media: Media | None, seconds: int = 0) -> str:
    """As people mention it where it is not itself the message: `[sesli mesaj 0:47]`."""
    if media is None:
        return text
    length = f" {seconds // 60}:{seconds % 60:02}" if seconds else ""
    return _with_medium(kind, text, media, f"{_CALLED.get(kind, 'dosya')}{length}")


def called(kind: Kind) -> str:
    """What people call a message of this kind."""
    return _CALLED.get(kind, "mesaj")


def _with_medium(kind: Kind, text: str, media: Media, what: str) -> str:
    if media.words and kind in _WORDED:
        return f"{_WORDED[kind].format(media.words)} {text}".rstrip()
    named = f"[{what}] {media.file_name or ''}".rstrip()
    return f"{named} {text}".rstrip()


def _size(size: int) -> str:
    """Bytes as people write them."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


class EarlierVerdict(NamedTuple):
    """An earlier message's analysis, and the agent that it went to."""

    category: str
    urgency: int
    agent: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One earlier message of the chat, oldest first in any list of them.

    `is_automatic`: a greeting or away message of the shop's app, which is not a person's answer.
    `is_by_bridge`: sent by the bridge; it answers only the message that it was sent for. `row_id`
    is the store's row that it was read from, 0 for history that came with a message from outside;
    `is_as_recorded` says that its words are those of that row. `is_open` of a customer's: whether
    it still waits for an answer; None if the store does not know.
    """

    sender: str
    content: str
    sent_at: datetime
    kind: str
    from_me: bool
    is_automatic: bool = False
    row_id: int = field(default=0, compare=False)
    is_as_recorded: bool = field(default=False, compare=False)
    is_by_bridge: bool = field(default=False, compare=False)
    is_open: bool | None = field(default=None, compare=False)
    verdict: EarlierVerdict | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Subject:
    """The input of analyses and agents: one message with its surrounding chat.

    `sender` is the writer within a group, as in `history`; empty in a direct chat. `needs_person`
    says that a person must look whatever the words are, `is_gesture` that there are none, as with a
    sticker, which asks nobody for anything. `context` shows what the text means, and is not judged
    itself.
    """

    message_id: str
    text: str
    sent_at: datetime
    chat_name: str
    phone_number: str
    is_group: bool
    is_vip: bool
    is_critical_group: bool
    history: tuple[HistoryEntry, ...]
    sender: str = ""
    needs_person: bool = False
    is_gesture: bool = False
    context: ContextInfo = NO_CONTEXT
