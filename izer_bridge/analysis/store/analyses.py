"""A message's stored analysis and the context that it was based on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert

from izer_bridge.analysis.store import spent
from izer_bridge.analysis.store.seen import as_kept
from izer_bridge.domain.analysis import Analysis, Category, Priority, ResponseTime, Sentiment
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.work import AnalysisRecord, Work
from izer_bridge.store.tables import analytics_results
from izer_bridge.store.text import name as fitting_name


def write_analyses(
    connection: Connection, judged: Sequence[tuple[Work, AnalysisRecord]], now: datetime
) -> None:
    """Store analyses and the contexts they saw."""
    rows = [_analysis_row(connection, work, record, now) for work, record in judged]
    connection.execute(insert(analytics_results), rows)


def _analysis_row(
    connection: Connection, work: Work, record: AnalysisRecord, now: datetime
) -> dict[str, Any]:
    """It replaces an earlier attempt's."""
    paid = spent.on(record)
    if work.analysis is not None:
        paid = spent.for_message(connection, work.row_id, record)
        of_row = analytics_results.c.webhook_message_id == work.row_id
        connection.execute(delete(analytics_results).where(of_row))
    analysis = record.analysis
    return paid | {
        "webhook_message_id": work.row_id,
        "urgency_score": analysis.urgency_score,
        "category": str(analysis.category),
        "sentiment": str(analysis.sentiment),
        "priority_level": str(analysis.priority_level),
        "action_required": analysis.action_required,
        "recommended_response_time": str(analysis.recommended_response_time),
        "keywords": list(analysis.keywords),
        "confidence_score": round(analysis.confidence, 2),
        "analysis_details": _details(record),
        "processed_at": now,
        "analyser": record.analyser,
        "fallback_reason": record.fallback_reason,
        "model": record.model and fitting_name(record.model),
        "raised_because": record.raised_because,
        "language": analysis.language[:32],
        "danger": ",".join(analysis.dangers) or None,
        "second_at": now if record.is_final else None,
        "context": as_kept(work.history),
        "analysis_ms": record.milliseconds,
    }


def _details(record: AnalysisRecord) -> dict[str, Any]:
    """Only fields that are present; reasons only if nobody can compute them again."""
    analysis = record.analysis
    details = {
        "business_context": analysis.business_context,
        "suggested_next_action": analysis.suggested_next_action,
        "explanation": None if record.version else list(analysis.explanation) or None,
        "version": record.version,
        "answer_within_minutes": record.answer_within_minutes,
        "judged": record.judged and before_rules(record.judged),
    }
    return {name: value for name, value in details.items() if value is not None}


def analysis_of(row: Row[Any]) -> Analysis | None:
    """The analysis in the row, None for a message that has not been analysed."""
    columns, fields = analytics_results.c, row._mapping
    if fields[columns.id] is None:
        return None
    details = fields[columns.analysis_details] or {}
    return Analysis(
        urgency_score=fields[columns.urgency_score],
        category=Category(fields[columns.category]),
        sentiment=Sentiment(fields[columns.sentiment]),
        priority_level=Priority(fields[columns.priority_level]),
        action_required=fields[columns.action_required],
        recommended_response_time=ResponseTime(fields[columns.recommended_response_time]),
        keywords=tuple(fields[columns.keywords] or ()),
        business_context=details.get("business_context", ""),
        suggested_next_action=details.get("suggested_next_action", ""),
        language=fields[columns.language] or "",
        confidence=float(fields[columns.confidence_score] or 0),
        dangers=dangers_in(fields[columns.danger]),
        explanation=tuple(details.get("explanation", ())),
    )


def dangers_in(stored: str | None) -> tuple[Danger, ...]:
    """The content of a column `danger`: names separated by commas."""
    return tuple(map(Danger, filter(None, (stored or "").split(","))))


def before_rules(analysis: Analysis) -> dict[str, Any]:
    """The fields that VIP and group rules may change, as `judged` reads them."""
    return {
        "urgency_score": analysis.urgency_score,
        "priority_level": str(analysis.priority_level),
        "recommended_response_time": str(analysis.recommended_response_time),
    }


def judged(row: Row[Any]) -> Analysis | None:
    """The analyser's own judgement, before VIP and group rules changed it."""
    analysis = analysis_of(row)
    before = (row._mapping[analytics_results.c.analysis_details] or {}).get("judged")
    if analysis is None or before is None:
        return analysis
    return replace(
        analysis,
        urgency_score=before["urgency_score"],
        priority_level=Priority(before["priority_level"]),
        recommended_response_time=ResponseTime(before["recommended_response_time"]),
    )
