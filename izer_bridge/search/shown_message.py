"""One message as every page shows it: its words, its file, and what became of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import htpy as h

from izer_bridge.domain.message import Kind
from izer_bridge.domain.plain_text import line, plain
from izer_bridge.media.decide import MediaState
from izer_bridge.search.history import ChatMessage
from izer_bridge.web.language import Language
from izer_bridge.web.value_names import KIND_NAMES

_SEEN = frozenset({Kind.IMAGE, Kind.STICKER})
_HEARD = frozenset({Kind.VOICE, Kind.AUDIO})


@dataclass(frozen=True, slots=True)
class _Texts:
    automatic: str
    delivered: str
    read: str
    revoked: str
    unread_kind: str
    not_kept: str


_TEXTS: Mapping[Language, _Texts] = {
    Language.TR: _Texts(
        automatic="otomatik",
        delivered="ulaştı",
        read="okundu",
        revoked="Bu mesaj silindi.",
        unread_kind="Bu mesajı yalnızca telefon gösterir.",
        not_kept="dosya burada değil; telefona bakın",
    ),
    Language.EN: _Texts(
        automatic="automatic",
        delivered="delivered",
        read="read",
        revoked="This message was deleted.",
        unread_kind="Only the phone shows this message.",
        not_kept="the file is not here; look on the phone",
    ),
}


def sending_marks(message: ChatMessage, language: Language) -> Iterator[str]:
    """That the other side's program wrote it, and how far a message of ours has come."""
    texts, sending = _TEXTS[language], message.sending
    if message.is_automatic:
        yield texts.automatic
    if sending and sending.read_at:
        yield texts.read
    elif sending and sending.delivered_at:
        yield texts.delivered


def content(message: ChatMessage, language: Language) -> h.Node:
    texts = _TEXTS[language]
    if message.revoked_at is not None:
        return h.p(".faint")[texts.revoked]
    if message.kind in (Kind.PHONE_ONLY, Kind.UNSUPPORTED):
        return h.p(".faint")[texts.unread_kind]
    kind = KIND_NAMES[language].get(message.kind)
    spoken = message.file.words if message.file else None
    return [
        h.blockquote(".words.faint")[plain(message.quoted.text)] if message.quoted else None,
        h.p[_file(message, kind, texts)] if kind else None,
        h.p(".words", dir="auto")[plain(message.text)] if message.text else None,
        h.p(".words.faint", dir="auto")[plain(spoken)] if spoken else None,
    ]


def _file(message: ChatMessage, kind: str, texts: _Texts) -> h.Node:
    """What a sender calls a file is shown as text, and is nobody's file name here."""
    file = message.file
    if file is None:
        return h.strong[kind]
    name = f"{kind}: {line(file.file_name)}" if file.file_name else kind
    if file.id is None or file.state != MediaState.KEPT:
        return [h.strong(".name")[name], h.span(".faint")[f" ({texts.not_kept})"]]
    there = f"/v1/media/{file.id}"
    if message.kind in _SEEN:
        return h.a(href=there, download=True)[h.img(".medium", src=there, alt=name, loading="lazy")]
    if message.kind in _HEARD:
        return [h.span[name], h.audio(controls=True, preload="none", src=there)]
    return h.a(".name", href=there, download=True)[name]
