"""What one message says, whatever its kind."""

from collections.abc import Iterable
from dataclasses import dataclass

from izer_bridge.edges.whatsapp import bounds
from izer_bridge.model.message import Kind, Media


@dataclass(frozen=True, slots=True)
class Content:
    """Kind, text, medium and target of one message; the target of a usual one is what it quotes.

    `unread` names the field that nothing could read; empty for all that was understood.
    """

    kind: Kind
    text: str = ""
    media: Media | None = None
    target_id: str | None = None
    unread: str = ""


def worded(label: str, *words: str) -> str:
    """A line such as `[etkinlik] Pazar turu – Kadıköy`, from the words that there are."""
    said = " – ".join(dict.fromkeys(word for word in words if word))
    return f"[{label}] {said}".rstrip()


def listed(words: Iterable[str], most: int = 30) -> list[str]:
    """The words that are not empty, each once, as names; beyond the most their number."""
    known = list(dict.fromkeys(found for word in words if (found := bounds.name(word))))
    left = len(known) - most
    return [*known[:most], f"… (+{left})"] if left > 0 else known
