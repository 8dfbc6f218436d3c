"""`izer-bridge replay`: how stored messages would be judged now. Nothing is stored or sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from izer_bridge.agents.dispatch import facts_of
from izer_bridge.agents.routing import Rule, preferred_route, route
from izer_bridge.analysis.ports import CONTEXT_MESSAGES, Analyser
from izer_bridge.console.console import Printer
from izer_bridge.console.listing import fixed, number, text
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.cost import Price, Usage
from izer_bridge.domain.errors import PermanentError
from izer_bridge.domain.importance import raised_as_due
from izer_bridge.trials.batch import ask_about_each, cost_of, show_cost, sum_of
from izer_bridge.trials.store.replay import Analysed, StoredMessages

_COMPARED = (
    *("category", "urgency_score", "sentiment", "priority_level", "action_required"),
    "recommended_response_time",
)


@dataclass(frozen=True, slots=True)
class Replay:
    """The analyser and routing rules on trial.

    `agents` are the existing names; rules read the clock in `zone`; `price` is the analyser's, None
    if it is unknown.
    """

    analyser: Analyser
    rules: Sequence[Rule]
    agents: Collection[str]
    zone: tzinfo | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """One message before and now; `differs` holds field → (then, now)."""

    row_id: int
    message_id: str
    differs: Mapping[str, tuple[object, object]]
    usage: Usage | None
    error: str | None = None


async def run(
    url: str,
    names: Sequence[str],
    since: datetime | None,
    replay: Replay,
    console: Printer,
    *,
    as_json: bool,
) -> None:
    """Print where the outcome differs, and what it cost.

    Raises ConfigError for a name that is no analysed row or a setting that the analyser needs
    changed, and TransientError if the store or an analyser is away.
    """
    async with StoredMessages(url) as stored:
        rows = await (stored.rows_of(names) if since is None else stored.since(since))
        replayed = await _replayed(stored, rows, replay)
    changed = [one for one in replayed if one.differs]
    failed = [one for one in replayed if one.error]
    if as_json:
        plain = [_plain(one, replay.price) for one in replayed]
        console.json(plain)
        return
    if changed:
        _print(changed, console)
    for one in failed:
        console.print(f"row {one.row_id}: {one.error}")
    console.print(
        f"{len(replayed)} replayed: {len(changed)} differ, "
        f"{len(replayed) - len(changed) - len(failed)} are the same, {len(failed)} failed.",
        highlight=False,
    )
    show_cost(sum_of(one.usage for one in replayed), replay.price, console)


async def _replayed(stored: StoredMessages, rows: Sequence[int], replay: Replay) -> list[Replayed]:
    async def ask(row_id: int) -> Replayed:
        return await _try_again(await stored.worked(row_id, CONTEXT_MESSAGES), replay)

    return await ask_about_each("Replaying", rows, ask)


async def _try_again(worked: Analysed, replay: Replay) -> Replayed:
    subject = worked.work.subject
    row_id, message_id = worked.work.row_id, subject.message_id
    try:
        answer = await replay.analyser.analyse(subject)
    except PermanentError as error:
        return Replayed(row_id, message_id, {}, error.usage, str(error))
    importance = worked.work.importance
    analysis, _ = raised_as_due(importance, answer.analysis)
    facts = facts_of(worked.work.message, subject, analysis, replay.zone)
    chosen = preferred_route(importance, replay.agents) or route(replay.rules, facts)
    then = {**_compared(worked.analysis), "agent": worked.agent}
    now = {**_compared(analysis), "agent": chosen.agent}
    differs = {name: (then[name], now[name]) for name in then if then[name] != now[name]}
    return Replayed(row_id, message_id, differs, answer.usage)


def _compared(analysis: Analysis) -> dict[str, object]:
    values = analysis.as_json()
    return {name: values[name] for name in _COMPARED}


def _plain(one: Replayed, price: Price | None) -> dict[str, object]:
    return {
        "row_id": one.row_id,
        "message_id": one.message_id,
        "differs": {name: {"then": then, "now": now} for name, (then, now) in one.differs.items()},
        "error": one.error,
        "cost": one.usage and cost_of(one.usage, price),
    }


def _print(changed: Sequence[Replayed], console: Printer) -> None:
    columns = [number("row"), text("message"), fixed("what"), text("then"), text("now")]
    rows = []
    for one in changed:
        for place, (name, (then, now)) in enumerate(one.differs.items()):
            first = ("", "") if place else (str(one.row_id), one.message_id)
            rows.append((*first, name, str(then), str(now)))
    console.listing(columns, rows)
