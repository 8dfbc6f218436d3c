"""`izer-bridge explain`: how stored analyses came about. It only reads."""

from collections.abc import Iterator, Sequence

from izer_bridge.commands.console import Printer
from izer_bridge.model.analysis import Analysis
from izer_bridge.store.replaying import Judgement, StoredMessages


async def show(url: str, names: Sequence[str], console: Printer, *, as_json: bool) -> None:
    """Print it for each message. Raises ConfigError for a name that is no analysed row."""
    async with StoredMessages(url) as stored:
        found = [await stored.judgement(row_id) for row_id in await stored.rows_of(names)]
    if as_json:
        console.json([_plain(one) for one in found])
        return
    for one in found:
        for line in _lines(one):
            console.set_in(line)


def _plain(one: Judgement) -> dict[str, object]:
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
        "explanation": list(one.analysis.explanation),
        "second_opinion": one.second_opinion,
    }


def _lines(one: Judgement) -> Iterator[str]:
    yield f"row {one.row_id} ({one.message_id}): {_said(one.analysis)}"
    who = f"{one.analyser} {one.model or ''}".rstrip()
    yield f"  by {who}" + (f", because {one.fallback_reason}" if one.fallback_reason else "")
    if one.judged != one.analysis:
        why = one.raised_because or "the time to answer"
        yield f"  changed by rule ({why}); before: {_said(one.judged)}"
    for reason in one.analysis.explanation:
        yield f"    {reason}"
    if one.analyser != "local" or not one.analysis.explanation:
        yield f"    {one.analysis.business_context}"
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
