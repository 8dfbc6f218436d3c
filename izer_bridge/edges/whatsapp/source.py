"""What is needed to download a medium, out of its message and back; pure.

It refuses every address but a path on WhatsApp's own media servers: the client would also fetch
an URL of the sender's choice, on this machine's network, however much comes from there.
"""

from typing import Any

from google.protobuf.message import DecodeError
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.model.errors import PermanentError

_FIELDS = {
    "ImageMessage": "imageMessage",
    "VideoMessage": "videoMessage",
    "AudioMessage": "audioMessage",
    "DocumentMessage": "documentMessage",
    "StickerMessage": "stickerMessage",
}
_NEEDED = ("directPath", "mediaKey", "fileSHA256", "fileEncSHA256", "fileLength", "mimetype")
_LONGEST = 4_096


def source_of(part: Any) -> bytes | None:
    """The part of a message that names its file, as bytes to be kept; None where it names none."""
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


def body_of(source: bytes) -> Body:
    """Such bytes as the client wants them. Raises PermanentError."""
    try:
        return Body.FromString(source)
    except DecodeError:
        raise PermanentError("what the message says of its file cannot be read") from None
