"""Files: photos, videos, voice notes, documents, stickers, and what announces or wraps them."""

from collections.abc import Callable
from typing import Any

from izer_bridge.domain.message import Kind, Media
from izer_bridge.whatsapp.convert.kinds.content import Content, worded
from izer_bridge.whatsapp.convert.media_ref import source_of
from izer_bridge.whatsapp.library import bounds

_ANY_TYPE = "application/octet-stream"


def medium(kind: Kind) -> Callable[[Any], Content]:
    """A reader of one kind of file."""

    def read(part: Any) -> Content:
        named = getattr(part, "fileName", "") or getattr(part, "title", "")
        media = Media(
            mimetype=bounds.name(part.mimetype) or _ANY_TYPE,
            size=bounds.size(part.fileLength),
            file_name=bounds.name(named) or None,
            source=source_of(part),
        )
        return Content(kind, bounds.text(getattr(part, "caption", "")), media)

    return read


def audio(part: Any) -> Content:
    return medium(Kind.VOICE if part.PTT else Kind.AUDIO)(part)


def album(part: Any) -> Content:
    """Comes before the photos themselves; it is not a message to be answered."""
    counted = (
        (bounds.count(part.expectedImageCount), "fotoğraf"),
        (bounds.count(part.expectedVideoCount), "video"),
    )
    said = ", ".join(f"{number} {what}" for number, what in counted if number)
    return Content(Kind.PROTOCOL, f"[albüm: {said}]" if said else "[albüm]")


def sticker_pack(part: Any) -> Content:
    words = (bounds.name(part.name), bounds.name(part.publisher), bounds.line(part.caption))
    return Content(Kind.TEXT, worded("çıkartma paketi", *words))


def music(part: Any) -> Content:
    song = part.embeddedMusic
    words = (bounds.name(song.title), bounds.name(song.author))
    return Content(Kind.TEXT, worded("müzik", *words))


def phone_only(what: str, unread: str = "") -> Content:
    """Content that WhatsApp shows on the phone and withholds from linked devices.

    `unread` names the field if a later version may be able to open it.
    """
    return Content(Kind.PHONE_ONLY, f"[{what}: yalnızca telefonda görülebilir]", unread=unread)
