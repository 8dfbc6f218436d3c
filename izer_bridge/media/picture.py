"""Makes of a picture what WhatsApp's own apps send: a JPEG, upright, without whatever it tells
about its camera and place, and the tiny picture that a phone shows before it has fetched it.

Run as a process of its own, beside the bridge: `python -I picture.py FILE`. It writes one line of
JSON (`width`, `height`, `thumbnail` as base64), then the JPEG; a fault is one sentence on stderr,
and exit code 1. What a picture makes of a decoder's memory ends with it.
"""

import base64
import json
import resource
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 50_000_000
# As large as phones send in high quality.
_LONGEST_SIDE = 2560
_QUALITY = 85
_THUMBNAIL_SIDE, _THUMBNAIL_QUALITY = 72, 50
_MOST_PROFILE = 4096
_MOST_MEMORY = 1024**3
_MOST_SECONDS = 20


def main(path: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    try:
        head, picture = made(Path(path))
    except ValueError as error:
        sys.stderr.write(str(error))
        return 1
    except (OSError, SyntaxError, MemoryError):
        sys.stderr.write("the picture cannot be read")
        return 1
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + picture)
    return 0


def made(path: Path) -> tuple[dict[str, object], bytes]:
    """Raises ValueError for one that is too large, and what Pillow raises for one that is none."""
    # Checked below, before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path, formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError(
                f"the picture has {opened.width} × {opened.height} pixels; at most "
                f"{MOST_PIXELS // 1_000_000} million are sent"
            )
        opened.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
        opened.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
        picture = _on_white(ImageOps.exif_transpose(opened))
    head = {
        "width": picture.width,
        "height": picture.height,
        "thumbnail": base64.b64encode(_thumbnail(picture)).decode(),
    }
    return head, _jpeg(picture, _QUALITY)


def _on_white(picture: Image.Image) -> Image.Image:
    """A JPEG knows no transparency. Of what stands beside the pixels the colours' profile stays."""
    profile = picture.info.get("icc_profile")
    is_kept = profile is not None and len(profile) <= _MOST_PROFILE
    if picture.has_transparency_data:
        above = picture.convert("RGBA")
        ground = Image.new("RGB", above.size, "white")
        ground.paste(above, mask=above.getchannel("A"))
    else:
        ground = picture.convert("RGB")
    ground.info = {"icc_profile": profile} if is_kept else {}
    return ground


def _thumbnail(picture: Image.Image) -> bytes:
    small = picture.copy()
    small.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
    return _jpeg(small, _THUMBNAIL_QUALITY)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    written = BytesIO()
    picture.save(written, "JPEG", quality=quality)
    return written.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
