"""A machine's answers that somebody forwards: texts, tables, code, captions, places."""

from collections.abc import Iterator
from typing import Any

from izer_bridge.domain.message import Kind
from izer_bridge.whatsapp.convert.kinds.content import Content, listed
from izer_bridge.whatsapp.library import bounds

_MOST_PARTS, _MOST_ROWS = 100, 50


def answer(part: Any) -> Content:
    lines = (line for one in part.submessages[:_MOST_PARTS] for line in _lines(one))
    return Content(Kind.TEXT, bounds.text("\n".join(filter(None, lines))).strip())


def _lines(part: Any) -> Iterator[str]:
    yield part.messageText
    yield bounds.name(part.tableMetadata.title)
    for row in part.tableMetadata.rows[:_MOST_ROWS]:
        yield " | ".join(map(bounds.line, row.items))
    yield "".join(block.codeContent for block in part.codeMetadata.codeBlocks[:_MOST_ROWS])
    yield bounds.line(part.imageMetadata.imageText)
    yield part.latexMetadata.text
    places = part.mapMetadata.annotations
    yield ", ".join(listed(f"{place.title} {place.body}" for place in places))
    reels = part.contentItemsMetadata.itemsMetadata
    yield ", ".join(listed(reel.reelItem.title for reel in reels))
