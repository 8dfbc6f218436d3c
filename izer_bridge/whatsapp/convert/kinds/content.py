"""The content of one message, whatever its kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from izer_bridge.domain.call import CallSign
from izer_bridge.domain.message import NEEDS_A_PERSON, Kind, Media, in_words
from izer_bridge.whatsapp.library import bounds


@dataclass(frozen=True, slots=True)
class Content:
    """Kind, text, medium and target of one message; normally the target is the quoted message.

    `unread` names the field that nothing could read; empty if everything was understood. `options`
    are a poll's and `call` is a call's, as in `Message`.
    """

    kind: Kind
    text: str = ""
    media: Media | None = None
    target_id: str | None = None
    unread: str = ""
    options: Mapping[str, str] | None = None
    call: CallSign | None = None


def together(said: Sequence[Content]) -> Content:
    """Their words in order, under the kind that needs a person, else that of the first file."""
    by_need = sorted(said, key=lambda one: (one.kind not in NEEDS_A_PERSON, one.media is None))
    file = next((one for one in said if one.media is not None), None)
    words = (one.text if one is file else in_words(one.kind, one.text, one.media) for one in said)
    return replace(
        by_need[0],
        text=bounds.text("\n".join(dict.fromkeys(filter(None, words)))),
        media=file.media if file is not None else None,
        target_id=next((one.target_id for one in said if one.target_id), None),
        unread=next((one.unread for one in said if one.unread), ""),
        # With more parts than the call it is a separate message.
        call=said[0].call if len(said) == 1 else None,
        options=next((one.options for one in said if one.options), None),
    )


def worded(label: str, *words: str) -> str:
    """A line such as `[etkinlik] Pazar turu – Kadıköy`, from the words that there are."""
    said = " – ".join(dict.fromkeys(word for word in words if word))
    return f"[{label}] {said}".rstrip()


def listed(words: Iterable[str], most: int = 30) -> list[str]:
    """The words that are not empty, each once, as names; beyond the limit, how many more."""
    known = list(dict.fromkeys(found for word in words if (found := bounds.name(word))))
    left = len(known) - most
    return [*known[:most], f"… (+{left})"] if left > 0 else known
