"""Agents' calls as rows of `agent_calls`, and what they answered back from there.

A built-in agent's answer is kept as what no other row says: numbers of its sentences and steps.

The shop's steps are few and come with most answers; what is known of the case stands in each of
them, and the agent's name in three places. On SQLite `agent_calls` holds of such an answer
`response_data` without all that, `steps` and `facts`, and for the reply a list of numbers and of
what no text of the agents' own says; `agent_routing` (`store/views.py`) puts it together for those
outside as `whole` does here. Any other answer is kept as it came.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any, TypeAlias

from sqlalchemy import Connection, insert, select

from izer_bridge.domain.work import Attempt, Work
from izer_bridge.store.tables import agent_calls, agent_steps
from izer_bridge.store.tables.messages import LONGEST_STEP, LONGEST_STEP_TYPE
from izer_bridge.store.text import clean

_STEPS = agent_steps.c
_OWN = ("reply", "confidence", "needs_human", "language", "topic")
_KEYS = (
    *("reply", "confidence", "needs_human", "actions"),
    *("agent", "handled_by", "language", "topic", "next_step"),
)
# The agents' templates have some sixty, and 450 sentences in five languages.
_MOST_STEPS = 4_000
_SAYS = "says"

Step: TypeAlias = tuple[str, str]
# A sentence's number, negative if it begins a line; or a text as it is.
Spoken: TypeAlias = list[int | str]


@dataclass(frozen=True, slots=True)
class _Parts:
    """An answer's steps in their order, what each of them adds about the case, and its reply.

    `reply` are the sentences, each after its prefix.
    """

    steps: tuple[Step, ...]
    facts: dict[str, str]
    reply: tuple[tuple[str, str], ...]

    def wanted(self) -> Iterator[Step]:
        """The texts that are stored once."""
        yield from self.steps
        yield from ((_SAYS, words) for _, words in self.reply if _is_own(words))


class PackedAnswers:
    """Remembers the steps' numbers, of committed rows only."""

    def __init__(self) -> None:
        self._known: dict[Step, int] = {}

    def columns(self, connection: Connection, attempts: Iterable[Attempt]) -> list[dict[str, Any]]:
        """`response_data`, `steps` and `facts` of each; at most once per transaction."""
        found = [(one, _parts(one)) for one in attempts]
        wanted = {step for _, parts in found if parts for step in parts.wanted()}
        numbers = self._numbers(connection, wanted)
        return [_columns(attempt, parts, numbers) for attempt, parts in found]

    def _numbers(self, connection: Connection, wanted: set[Step]) -> Mapping[Step, int]:
        # Size is not measured on MySQL, so its view need not know how to unpack.
        if wanted <= self._known.keys() or connection.dialect.name != "sqlite":
            return self._known
        # Read before anything is inserted: rows that are rolled back must not be remembered.
        self._known |= self._newer(connection)
        missing = sorted(wanted - self._known.keys())
        if not missing or len(self._known) + len(missing) > _MOST_STEPS:
            return self._known
        connection.execute(
            insert(agent_steps), [{"type": kind, "text": words} for kind, words in missing]
        )
        return self._known | self._newer(connection)

    def _newer(self, connection: Connection) -> dict[Step, int]:
        """Nobody removes a step, so that all that are not known have higher numbers."""
        return _kept(connection, max(self._known.values(), default=0))


def keep_attempts(
    connection: Connection,
    answers: PackedAnswers,
    made: Sequence[tuple[Work, Attempt]],
    now: datetime,
) -> None:
    """At most once per transaction."""
    packed = answers.columns(connection, [attempt for _, attempt in made])
    rows = [
        _attempt_row(work, attempt, now) | columns
        for (work, attempt), columns in zip(made, packed, strict=True)
    ]
    connection.execute(insert(agent_calls), rows)


def _attempt_row(work: Work, attempt: Attempt, now: datetime) -> dict[str, Any]:
    return {
        "webhook_message_id": work.row_id,
        "attempt_number": work.attempts + 1,
        "agent_type": attempt.agent,
        "agent_url": attempt.url,
        "routing_success": attempt.succeeded,
        "response_time_ms": attempt.response_time_ms,
        "error_message": attempt.error and clean(attempt.error),
        "reason": clean(attempt.reason),
        "routed_at": now,
    }


def whole(connection: Connection, row: Any) -> dict[str, Any] | None:
    """The answer in a row of `agent_calls` with at least these columns, as it came."""
    kept: dict[str, Any] | None = row.response_data
    if kept is None or row.steps is None:
        return kept
    reply = kept["reply"]
    spoken = [abs(one) for one in reply if isinstance(one, int)] if isinstance(reply, list) else []
    query = select(_STEPS.id, _STEPS.type, _STEPS.text).where(_STEPS.id.in_({*row.steps, *spoken}))
    steps = {one.id: {"type": one.type, "text": one.text} for one in connection.execute(query)}
    if isinstance(reply, list):
        kept = kept | {"reply": _said(reply, steps)}
    return _joined(kept, row.agent_type, [steps[number] for number in row.steps], row.facts or {})


def _said(reply: Spoken, steps: Mapping[int, Mapping[str, str]]) -> str:
    said = ""
    for place, one in enumerate(reply):
        if isinstance(one, str):
            said += one
            continue
        between = "" if place == 0 else "\n" if one < 0 else " "
        said += between + steps[abs(one)]["text"]
    return said


def _spoken(parts: _Parts, numbers: Mapping[Step, int]) -> Spoken:
    """As short as possible."""
    spoken: Spoken = []
    for between, words in parts.reply:
        number = numbers.get((_SAYS, words))
        if number is not None:
            spoken.append(-number if between == "\n" else number)
        elif spoken and isinstance(spoken[-1], str):
            spoken[-1] += between + words
        else:
            spoken.append(between + words)
    return spoken


def _joined(
    kept: Mapping[str, Any],
    agent: str,
    steps: list[dict[str, str]],
    facts: Mapping[str, str],
) -> dict[str, Any]:
    derived = {
        "actions": [{**step, **facts} for step in steps],
        "agent": agent,
        "handled_by": agent,
        "next_step": steps[0]["text"],
    }
    everything = {**kept, **derived}
    return {key: everything[key] for key in _KEYS}


def _kept(connection: Connection, after: int) -> dict[Step, int]:
    query = select(_STEPS.type, _STEPS.text, _STEPS.id).where(_STEPS.id > after)
    return {(row.type, row.text): row.id for row in connection.execute(query)}


def _columns(attempt: Attempt, parts: _Parts | None, numbers: Mapping[Step, int]) -> dict[str, Any]:
    response = attempt.response
    if response is None or parts is None or not numbers.keys() >= {*parts.steps}:
        return {"response_data": response, "steps": None, "facts": None}
    return {
        "response_data": {key: response[key] for key in _OWN} | _reply_of(parts, numbers),
        "steps": [numbers[step] for step in parts.steps],
        "facts": parts.facts or None,
    }


def _reply_of(parts: _Parts, numbers: Mapping[Step, int]) -> dict[str, Spoken]:
    """Nothing if no sentence has a number."""
    spoken = _spoken(parts, numbers)
    return {"reply": spoken} if any(isinstance(one, int) for one in spoken) else {}


def _parts(attempt: Attempt) -> _Parts | None:
    """None for anything that would not come out again unchanged."""
    response = attempt.response
    if response is None or attempt.url is not None or tuple(response) != _KEYS:
        return None
    actions = response["actions"]
    if not actions or not all(isinstance(one, dict) and "text" in one for one in actions):
        return None
    parts = _Parts(
        steps=tuple((one.get("type", ""), one["text"]) for one in actions),
        facts=_facts(actions[0]),
        reply=_sentences(response["reply"]),
    )
    if not all(map(_is_step, parts.steps)) or not all(map(_is_text, parts.facts.values())):
        return None
    steps = [{"type": kind, "text": words} for kind, words in parts.steps]
    is_same = _joined(response, attempt.agent, steps, parts.facts) == response
    return parts if is_same and _is_plain(response) else None


def _sentences(reply: object) -> tuple[tuple[str, str], ...]:
    return tuple(_own().taken_apart(reply)) if isinstance(reply, str) else ()


def _is_own(words: str) -> bool:
    return _own().is_own(words) and _is_step((_SAYS, words))


def _own() -> ModuleType:
    """A process that only reads the store has no use for the agents' texts."""
    from izer_bridge.agents.builtin import response

    return response


def _facts(action: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in action.items() if name not in ("type", "text")}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_step(step: tuple[object, object]) -> bool:
    kind, words = step
    return (
        isinstance(kind, str)
        and isinstance(words, str)
        and len(kind) <= LONGEST_STEP_TYPE
        and len(words) <= LONGEST_STEP
        and (clean(kind), clean(words)) == (kind, words)
    )


def _is_plain(response: Mapping[str, Any]) -> bool:
    """Whether SQLite's JSON writes each of its values as Python does: 15 digits of a number."""
    confidence = response["confidence"]
    return (
        type(confidence) in (int, float)
        and float(f"{confidence:.15g}") == confidence
        and isinstance(response["needs_human"], bool)
        and isinstance(response["reply"], str | None)
        and all(isinstance(response[key], str) for key in ("language", "topic"))
    )
