"""`izer-bridge explain`: how stored analyses came about. It only reads.

The local analyser's reasons are not stored: it computes them again from what it saw, and they count
if its result is the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from izer_bridge.analysis.analyse import judged_here
from izer_bridge.analysis.local.version import version
from izer_bridge.console.console import Printer
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.quoted_text import excerpt
from izer_bridge.trials.store.replay import StoredJudgement, StoredMessages

# No analysis has seen more.
_MOST_CONTEXT = 200
# If a line were wrapped, its rest might look like one of the command's own lines.
_LONGEST_LINE = 60
_ANOTHER_VERSION = "another version of the analyser judged; this one comes to the same, because of"
_OTHERWISE = "its reasons cannot be given again: from what is there now it is judged {}"


@dataclass(frozen=True, slots=True)
class _Explained:
    """A judgement with its reasons; `note` states their limits."""

    judgement: StoredJudgement
    reasons: Sequence[str]
    note: str | None = None


async def show(url: str, names: Sequence[str], console: Printer, *, as_json: bool) -> None:
    """Print it for each message. Raises ConfigError for a name that is no analysed row."""
    async with StoredMessages(url) as stored:
        found = [await _explained(stored, row_id) for row_id in await stored.rows_of(names)]
    if as_json:
        console.json([_plain(one) for one in found])
        return
    for one in found:
        for line in _lines(one):
            console.set_in(line)


async def _explained(stored: StoredMessages, row_id: int) -> _Explained:
    judgement = await stored.judgement(row_id)
    if judgement.version is None:
        return _Explained(judgement, judgement.analysis.explanation)
    worked = await stored.worked(row_id, _MOST_CONTEXT)
    again = judged_here(worked.work.subject)
    if again != judgement.judged:
        return _Explained(judgement, (), _OTHERWISE.format(_said(again)))
    is_same = judgement.version == version()
    return _Explained(judgement, again.explanation, None if is_same else _ANOTHER_VERSION)


def _plain(explained: _Explained) -> dict[str, object]:
    one = explained.judgement
    return {
        "row_id": one.row_id,
        "message_id": one.message_id,
        "analysis": one.analysis.as_json(),
        "before_raising": one.judged.as_json(),
        "analyser": one.analyser,
        "model": one.model,
        "fallback_reason": one.fallback_reason,
        "raised_because": one.raised_because,
        "dangers": list(one.analysis.dangers),
        "explanation": list(explained.reasons),
        "explanation_note": explained.note,
        "context_count": one.context_count,
        "context": [
            {"sender": entry.sender, "content": entry.content, "sent_at": entry.sent_at.isoformat()}
            for entry in one.seen
        ],
        "second_opinion": one.second_opinion,
    }


def _lines(explained: _Explained) -> Iterator[str]:
    one = explained.judgement
    yield f"row {one.row_id} ({one.message_id}): {_said(one.analysis)}"
    who = f"{one.analyser} {one.model or ''}".rstrip()
    yield f"  by {who}" + (f", because {one.fallback_reason}" if one.fallback_reason else "")
    if one.judged != one.analysis:
        why = one.raised_because or "the time to answer"
        yield f"  changed by rule ({why}); before: {_said(one.judged)}"
    if explained.note:
        yield f"  {explained.note}"
    for reason in explained.reasons:
        yield f"    {reason}"
    if one.analyser != "local" or not explained.reasons:
        yield f"    {one.analysis.business_context}"
    if one.context_count:
        gone = one.context_count - len(one.seen)
        since = f", {gone} of them gone since" if gone else ""
        yield f"  messages before it: {one.context_count}{since}"
    for entry in one.seen:
        yield f"    {excerpt(f'{entry.sender}: {entry.content}', _LONGEST_LINE)}"
    if second := one.second_opinion:
        yield f"  OpenAI later: {second['category']}, urgency {second['urgency_score']}"


def _said(analysis: Analysis) -> str:
    parts = (
        analysis.category,
        f"urgency {analysis.urgency_score}",
        analysis.sentiment,
        analysis.recommended_response_time,
    )
    return ", ".join(parts)
