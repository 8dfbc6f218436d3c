"""Analyses one message: the model first, the local analyser when it cannot answer."""

from collections.abc import Sequence

import structlog

from izer_bridge.analysis import local
from izer_bridge.model.analysis import Analysis
from izer_bridge.model.errors import PermanentError, TransientError
from izer_bridge.model.importance import Importance, raised_as_due
from izer_bridge.model.message import HistoryEntry, Subject
from izer_bridge.pipeline.ports import Analyser, AnalysisRecord, Work

log = structlog.get_logger(__name__)

NO_KEY = "no OpenAI key is set"


def subject_of(work: Work, history: Sequence[HistoryEntry]) -> Subject:
    """The message with its chat around it, as analysers and agents see it."""
    message = work.message
    return Subject(
        message_id=message.message_id,
        text=message.announced,
        sent_at=message.sent_at,
        chat_name=message.chat_name,
        phone_number=work.phone_number,
        is_group=message.chat.is_group,
        is_vip=work.importance.is_vip,
        is_critical_group=work.importance.is_critical_group,
        history=tuple(history),
    )


async def analyse(
    subject: Subject, importance: Importance, remote: Analyser | None, model: str
) -> AnalysisRecord:
    """The analysis with who made it and why; never raises for what an analyser does wrong."""
    answer, fallback_reason = await _answer(subject, remote)
    analysis, reason = raised_as_due(importance, answer)
    return AnalysisRecord(
        analysis=analysis,
        analyser="local" if fallback_reason else "openai",
        fallback_reason=fallback_reason,
        model=None if fallback_reason else model,
        raised_because=reason,
        answer_within_minutes=importance.answer_within_minutes,
    )


async def _answer(subject: Subject, remote: Analyser | None) -> tuple[Analysis, str | None]:
    if remote is None:
        return local.analyse(subject), NO_KEY
    try:
        return await remote.analyse(subject), None
    except (TransientError, PermanentError) as error:
        log.warning("openai_failed", message_id=subject.message_id, error=str(error))
        return local.analyse(subject), str(error)
