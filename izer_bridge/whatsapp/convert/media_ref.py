"""The data needed to download a file, taken out of its message and read back; pure.

It refuses every address but a path on WhatsApp's own media servers: a sender-chosen URL could point
into this machine's network.
"""

from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.domain.errors import PermanentError
from izer_bridge.whatsapp.decryption import Secrets

_FIELDS = {
    "ImageMessage": "imageMessage",
    "VideoMessage": "videoMessage",
    "AudioMessage": "audioMessage",
    "DocumentMessage": "documentMessage",
    "StickerMessage": "stickerMessage",
}
_NEEDED = ("directPath", "mediaKey", "fileSHA256", "fileEncSHA256", "fileLength", "mimetype")
# The purpose strings from which a file's keys are derived.
_KINDS = {
    "imageMessage": "Image",
    "videoMessage": "Video",
    "audioMessage": "Audio",
    "documentMessage": "Document",
    "stickerMessage": "Image",
}
_LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class MediaLocation:
    """Where a file is on WhatsApp's media servers, and how it is read."""

    path: str
    secrets: Secrets


def source_of(part: Any) -> bytes | None:
    """The part of a message that names its file, as bytes to be kept; None if it names none."""
    # The client joins host and path: one without its slash would continue the host's name.
    if not (part.mediaKey and part.directPath.startswith("/")):
        return None
    body = Body()
    slim = getattr(body, _FIELDS[part.DESCRIPTOR.name])
    for name in _NEEDED:
        if part.HasField(name):
            setattr(slim, name, getattr(part, name))
    source = body.SerializeToString()
    return source if len(source) <= _LONGEST else None


def source_in(kept: bytes) -> MediaLocation:
    """Parses the result of `source_of`. Raises PermanentError if it names no file."""
    try:
        body = Body.FromString(kept)
    except DecodeError:
        raise PermanentError("what the message says of its file cannot be read") from None
    for name, kind in _KINDS.items():
        if body.HasField(name):
            part = getattr(body, name)
            secrets = Secrets(part.mediaKey, kind, part.fileSHA256, part.fileEncSHA256)
            return MediaLocation(part.directPath, secrets)
    raise PermanentError("the message names no file")
