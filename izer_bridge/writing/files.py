"""Files that are sent: which, in what form, under which name. They are kept with all media."""

import re
import unicodedata
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from izer_bridge.domain.outgoing import Preview
from izer_bridge.media.files import MediaFiles, NewMediaFile
from izer_bridge.media.pictures import Pictures
from izer_bridge.media.ports import KeptFile
from izer_bridge.writing.errors import UnfitFileError

# What WhatsApp's own business interface takes below a file.
LONGEST_CAPTION = 1024
_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
_PDF = "application/pdf"
SENT_TYPES = (*sorted(_PICTURES), _PDF)
_LONGEST_STEM = 100
_UNNAMED = "belge"
_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class SendableFile:
    """A file as it is sent; a picture has a preview, a document a name."""

    kept: KeptFile
    name: str = field(repr=False)
    preview: Preview | None = None


class SendableFiles:
    """`most_bytes` bounds each; 0: none is taken."""

    def __init__(self, files: MediaFiles, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._files = files
        self._pictures = Pictures()

    def begun(self) -> AbstractAsyncContextManager[NewMediaFile]:
        return self._files.begun()

    async def fit(self, new: NewMediaFile, name: str) -> SendableFile:
        """The file that has arrived in `new`, kept in the form in which it is sent.

        Raises UnfitFileError for one that is not sent, TransientError if the disk refuses.
        """
        found = await new.found_type()
        if found == _PDF:
            return SendableFile(await new.kept(), pdf_name(name))
        if found not in _PICTURES:
            raise UnfitFileError(f"is {found}; a picture (JPEG, PNG or WebP) or a PDF can be sent")
        try:
            picture = await self._pictures.fit(new.unfinished)
        except ValueError as error:
            raise UnfitFileError(str(error)) from None
        return SendableFile(await self._files.keep(picture.jpeg), "", picture.preview)


def pdf_name(given: str) -> str:
    """As the recipient reads it: no path, nothing that hides or reorders its end, always a PDF."""
    plain = unicodedata.normalize("NFC", given).replace("\\", "/")
    shown = "".join(one for one in plain if unicodedata.category(one) not in _NOT_SHOWN)
    stem = re.sub(r"\.pdf$", "", PurePosixPath(shown).name, flags=re.IGNORECASE)
    return f"{' '.join(stem.split())[:_LONGEST_STEM].strip(' .') or _UNNAMED}.pdf"
