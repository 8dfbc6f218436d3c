"""`izer-bridge label`: the owner's corrections, and the labelled set made from them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from izer_bridge.analysis.ports import CONTEXT_MESSAGES
from izer_bridge.console.console import Printer
from izer_bridge.console.listing import number, text
from izer_bridge.domain.analysis import (
    MOST_URGENT,
    Category,
    ResponseTime,
    Sentiment,
)
from izer_bridge.domain.errors import UsageError
from izer_bridge.host.new_file import NewFile
from izer_bridge.trials.scoring import (
    SHOP,
    Correction,
    Expected,
    Labelled,
    Line,
    accepting,
)
from izer_bridge.trials.store.labels import Label, Labels
from izer_bridge.trials.store.replay import Analysed, StoredMessages

E = TypeVar("E", bound=StrEnum)
_PRIVATE = 0o600
_BY = "command line"


def correction(
    urgency: str | None,
    category: Sequence[str] | None,
    sentiment: Sequence[str] | None,
    action_required: bool | None,
    response_time: Sequence[str] | None,
) -> Correction:
    """Parse what was typed. Raises UsageError that says what is allowed."""
    said = Correction(
        urgency=None if urgency is None else _range(urgency),
        category=_each_of(Category, "--category", category),
        sentiment=_each_of(Sentiment, "--sentiment", sentiment),
        action_required=action_required,
        recommended_response_time=_each_of(ResponseTime, "--response-time", response_time),
    )
    if said == Correction():
        raise UsageError("say what is right: --urgency, --category, …; see --help")
    return said


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.replace("–", "-").partition("-")
    try:
        low, high = int(first), int(last or first)
    except ValueError:
        low, high = 0, 0
    if not 1 <= low <= high <= MOST_URGENT:
        raise UsageError(f"--urgency {text!r}: allowed: 1 to {MOST_URGENT}, or a range such as 7-8")
    return low, high


def _each_of(allowed: type[E], option: str, words: Sequence[str] | None) -> list[E] | None:
    try:
        return [allowed(word) for word in words] if words else None
    except ValueError:
        said = ", ".join(words or ())
        raise UsageError(f"{option} {said!r}: allowed: {', '.join(allowed)}") from None


async def put(url: str, names: Sequence[str], said: Correction) -> list[str]:
    """Label messages; a line for each. Raises UsageError for a name that is no analysed row."""
    rows = await _rows(url, names)
    async with Labels(url) as labels:
        return [f"{row_id}: {told(await labels.put(row_id, said, _BY))}" for row_id in rows]


async def remove(url: str, names: Sequence[str]) -> int:
    """Remove labels; how many. Raises UsageError for a message without a label."""
    rows = await _rows(url, names)
    async with Labels(url) as labels:
        known = {one.row_id for one in await labels.list()}
        wrong = [str(row_id) for row_id in rows if row_id not in known]
        if wrong:
            raise UsageError(f"no label has {', '.join(wrong)}; see: izer-bridge label list")
        await labels.remove(rows)
    return len(rows)


async def show(url: str, console: Printer, *, as_json: bool) -> None:
    """Print the labels, without messages' texts."""
    async with Labels(url) as labels:
        found = await labels.list()
    if as_json:
        console.json([_plain(one) for one in found])
    elif found:
        _print(found, console)
    else:
        console.print("There are none.")


async def export(url: str, file: NewFile) -> int:
    """Write the labelled messages as a private set; how many. Raises UsageError."""
    async with Labels(url) as labels:
        found = await labels.list()
    names: dict[str, Label] = {}
    for one in found:
        # Two chats may have a message with the same id.
        names[str(one.row_id) if one.message_id in names else one.message_id] = one
    async with StoredMessages(url) as stored:
        worked = [await stored.worked(one.row_id, CONTEXT_MESSAGES) for one in names.values()]
        lines = [
            _labelled(name, one, work).model_dump_json()
            for (name, one), work in zip(names.items(), worked, strict=True)
        ]
    _write(file, "".join(f"{line}\n" for line in lines))
    return len(lines)


def _write(new: NewFile, text: str) -> None:
    """Only the owner can read it, even if a file was there before. Raises UsageError."""
    try:
        new.file.write(text.encode())
        new.appear()
    except OSError as error:
        raise UsageError(f"{new.path}: cannot be written: {error.strerror}") from None


async def _rows(url: str, names: Sequence[str]) -> list[int]:
    async with StoredMessages(url) as stored:
        return await stored.rows_of(names)


def told(expected: Expected) -> str:
    """A label in one line."""
    low, high = expected.urgency
    action = {True: "action", False: "no action", None: "either"}[expected.action_required]
    parts = (
        "/".join(expected.category),
        f"urgency {low}" if low == high else f"urgency {low}–{high}",
        "/".join(expected.sentiment),
        action,
        "/".join(expected.recommended_response_time),
    )
    return ", ".join(parts)


def _labelled(name: str, label: Label, worked: Analysed) -> Labelled:
    subject = worked.work.subject
    return Labelled(
        id=name,
        language=worked.analysis.language,
        chat_name=subject.chat_name,
        phone_number=subject.phone_number,
        is_group=subject.is_group,
        vip=subject.is_vip,
        history=[
            Line(
                sender=SHOP if one.from_me else one.sender,
                content=one.content,
                timestamp=one.sent_at,
                type=one.kind,
            )
            for one in subject.history
        ],
        message=subject.text,
        expected=label.expected,
        sent_at=subject.sent_at,
    )


def _plain(one: Label) -> dict[str, object]:
    return {
        "row_id": one.row_id,
        "message_id": one.message_id,
        "expected": one.expected.model_dump(mode="json"),
        "labelled_by": one.labelled_by,
        "labelled_at": one.labelled_at,
        "analysed": accepting(one.judged).model_dump(mode="json")
        | {"urgency": one.judged.urgency_score},
    }


def _print(found: Sequence[Label], console: Printer) -> None:
    rows = []
    for one in found:
        analysed = accepting(one.judged)
        score = one.judged.urgency_score
        analysed.urgency = (score, score)
        rows.append((str(one.row_id), told(one.expected), told(analysed), one.message_id))
    columns = [number("row"), text("right"), text("analysed"), text("message", from_width=100)]
    console.listing(columns, rows)
