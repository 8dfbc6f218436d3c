"""Analyses one message: with the model first, locally if the model cannot answer."""

from dataclasses import dataclass, replace

import structlog

from izer_bridge.analysis.budget import Spending
from izer_bridge.analysis.local import analyser as local_analyser
from izer_bridge.analysis.local.floor import above_floor
from izer_bridge.analysis.local.version import version
from izer_bridge.analysis.ports import CONTEXT_MESSAGES, Analyser
from izer_bridge.analysis.watched import RemoteWatch
from izer_bridge.domain.analysis import Analysis, for_a_person
from izer_bridge.domain.cost import Usage
from izer_bridge.domain.errors import PermanentError, SetupError, TransientError, UnpaidError
from izer_bridge.domain.importance import Importance, raised_as_due
from izer_bridge.domain.message import Subject
from izer_bridge.domain.work import AnalysisRecord

log = structlog.get_logger(__name__)

NO_KEY = "no OpenAI key is set"


@dataclass(frozen=True, slots=True)
class Analysing:
    """The analyser: `remote`, whose model is `model`, else the local one; and its budget.

    Each message is seen with up to `context_messages` of its chat. `watch` knows the state of
    `remote`.
    """

    remote: Analyser | None
    model: str
    spending: Spending
    context_messages: int = CONTEXT_MESSAGES
    watch: RemoteWatch | None = None


async def analyse(
    subject: Subject,
    importance: Importance,
    remote: Analyser | None,
    model: str,
    spending: Spending,
) -> AnalysisRecord:
    """The analysis with who made it and why; never raises for an analyser's fault.

    Raises TransientError if today's spending must be known and the store is away.
    """
    tried = await _ask(subject, remote, spending)
    is_local = tried.analysis is None
    judged = judged_here(subject) if tried.analysis is None else _seen_to(tried.analysis, subject)
    analysis, reason = raised_as_due(importance, judged)
    return AnalysisRecord(
        analysis=analysis,
        analyser="local" if is_local else "openai",
        fallback_reason=tried.fallback_reason,
        model=None if is_local else model,
        raised_because=reason,
        answer_within_minutes=importance.answer_within_minutes,
        usage=tried.usage,
        cost_micro_usd=spending.charge(tried.usage),
        is_final=tried.is_final,
        judged=None if judged == analysis else judged,
        version=version() if is_local else None,
    )


def judged_here(subject: Subject) -> Analysis:
    """The local analyser's judgement, before rules: always the same for the same subject."""
    return _seen_to(local_analyser.analyse(subject), subject)


def _seen_to(judged: Analysis, subject: Subject) -> Analysis:
    if subject.needs_person:
        judged = for_a_person(judged)
    return replace(judged, action_required=False) if subject.is_gesture else judged


@dataclass(frozen=True, slots=True)
class _Tried:
    """The result of asking the model: an analysis, or why there is none."""

    analysis: Analysis | None = None
    fallback_reason: str | None = None
    usage: Usage | None = None
    is_final: bool = False


async def _ask(subject: Subject, remote: Analyser | None, spending: Spending) -> _Tried:
    if remote is None:
        return _Tried(fallback_reason=NO_KEY, is_final=True)
    if refusal := await spending.refusal():
        log.info("openai_not_asked", reason=refusal)
        return _Tried(fallback_reason=refusal)
    try:
        answer = await remote.analyse(subject)
    except (TransientError, PermanentError) as error:
        # A fault that no retry can fix is reported once, by the endpoint's watcher.
        if not isinstance(error, SetupError | UnpaidError):
            log.warning("openai_failed", error=str(error))
        return _Tried(
            fallback_reason=str(error),
            usage=error.usage,
            is_final=isinstance(error, PermanentError) and not isinstance(error, SetupError),
        )
    return _Tried(above_floor(answer.analysis, subject), usage=answer.usage)
