"""Decides what may be done with a message's file; pure. It reads no file."""

from enum import StrEnum

from izer_bridge.domain.message import Kind
from izer_bridge.domain.retry import DISPATCH_ATTEMPTS

# A message waits this long for its file and its transcript; then it is analysed without them.
HOLD_SECONDS = 60.0
# With the pauses of `retry`, over a day.
MEDIA_ATTEMPTS = DISPATCH_ATTEMPTS
_MIB = 1024 * 1024


class MediaState(StrEnum):
    """`pending` still lacks its file and `failed` never got it; the others say why."""

    PENDING = "pending"
    KEPT = "kept"
    TOO_LARGE = "too_large"
    FAILED = "failed"
    OFF = "off"
    REMOVED = "removed"


class MediaWording(StrEnum):
    """How a file is put into words."""

    TRANSCRIPT = "transcript"
    DESCRIPTION = "description"


# What OpenAI accepts at once.
_LARGEST = {MediaWording.TRANSCRIPT: 25 * _MIB, MediaWording.DESCRIPTION: 20 * _MIB}
_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
# Containers that contain only sound in a voice note.
_SOUND_TOO = frozenset({"application/ogg", "video/ogg", "video/mp4", "video/webm"})
_HARMLESS = _PICTURES | {
    "audio/ogg",
    "audio/mpeg",
    "audio/mp4",
    "audio/x-m4a",
    "audio/aac",
    "video/mp4",
    "video/3gpp",
    "application/pdf",
}
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/heic": "heic",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "video/quicktime": "mov",
    "audio/ogg": "ogg",
    "application/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/x-m4a": "m4a",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/x-wav": "wav",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/plain": "txt",
    "text/csv": "csv",
}


def extension_of(mimetype: str) -> str:
    """The file name extension for a type found in the content; `bin` for unknown types."""
    return _EXTENSIONS.get(mimetype, "bin")


def harmless_type(mimetype: str) -> str:
    """The type that a browser is told: one that it runs nothing of, or that of plain bytes."""
    if mimetype == "application/ogg":
        return "audio/ogg"
    return mimetype if mimetype in _HARMLESS else "application/octet-stream"


def wording_of(kind: Kind, found_type: str, size: int) -> MediaWording | None:
    """How a file of this type and size (bytes) is put into words, or None if it is not.

    The content decides too: a file that merely claims to be a picture is sent nowhere.
    """
    wording = None
    if kind is Kind.IMAGE and found_type in _PICTURES:
        wording = MediaWording.DESCRIPTION
    if kind is Kind.VOICE and (found_type.startswith("audio/") or found_type in _SOUND_TOO):
        wording = MediaWording.TRANSCRIPT
    return wording if wording and size <= _LARGEST[wording] else None
