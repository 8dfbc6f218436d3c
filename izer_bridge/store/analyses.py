"""What a message was judged to be and from what: its analysis and the context that it had."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from izer_bridge.model.message import HistoryEntry
from izer_bridge.pipeline.ports import AnalysisRecord
from izer_bridge.store import reading, spent
from izer_bridge.store.tables import analytics_results, message_history
from izer_bridge.store.text import clean
from izer_bridge.store.text import name as fitting_name


async def keep_analysis(
    connection: AsyncConnection, row_id: int, record: AnalysisRecord, now: datetime
) -> None:
    """Store the analysis of a message in the place of an earlier try's."""
    paid = await spent.for_message(connection, row_id, record)
    of_row = analytics_results.c.webhook_message_id == row_id
    await connection.execute(delete(analytics_results).where(of_row))
    values = _analysis_row(row_id, record, now)
    await connection.execute(insert(analytics_results).values(**values, **paid))


async def keep_history(
    connection: AsyncConnection, row_id: int, history: Sequence[HistoryEntry], now: datetime
) -> None:
    """Store the context of a message, once."""
    columns = message_history.c
    await connection.execute(delete(message_history).where(columns.webhook_message_id == row_id))
    if history:
        await connection.execute(
            insert(message_history),
            [
                {
                    "webhook_message_id": row_id,
                    "sender": fitting_name(entry.sender),
                    "content": clean(entry.content),
                    "timestamp": entry.sent_at,
                    "message_type": entry.kind,
                    "from_me": entry.from_me,
                    "is_automatic": entry.is_automatic,
                    "created_at": now,
                }
                for entry in history
            ],
        )


def _analysis_row(row_id: int, record: AnalysisRecord, now: datetime) -> dict[str, Any]:
    analysis = record.analysis
    return {
        "webhook_message_id": row_id,
        "urgency_score": analysis.urgency_score,
        "category": str(analysis.category),
        "sentiment": str(analysis.sentiment),
        "priority_level": str(analysis.priority_level),
        "action_required": analysis.action_required,
        "recommended_response_time": str(analysis.recommended_response_time),
        "keywords": list(analysis.keywords),
        "confidence_score": round(analysis.confidence, 2),
        "analysis_details": {
            "business_context": analysis.business_context,
            "suggested_next_action": analysis.suggested_next_action,
            "explanation": list(analysis.explanation),
            "answer_within_minutes": record.answer_within_minutes,
            "judged": record.judged and reading.before_rules(record.judged),
        },
        "processed_at": now,
        "analyser": record.analyser,
        "fallback_reason": record.fallback_reason,
        "model": record.model and fitting_name(record.model),
        "raised_because": record.raised_because,
        "language": analysis.language[:32],
        "danger": ",".join(analysis.dangers) or None,
        "second_at": now if record.is_final else None,
    }
