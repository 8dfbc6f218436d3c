"""Stores analyses and their consequences in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from izer_bridge.analysis.store.analyses import write_analyses
from izer_bridge.conversations.clock import ClockRules
from izer_bridge.conversations.store import follow
from izer_bridge.domain.event import EventType
from izer_bridge.domain.work import AnalysisRecord, Work
from izer_bridge.escalation.store.transitions import expect_answer
from izer_bridge.events import payloads
from izer_bridge.events.store.emit import emit_all


def keep_analyses(
    connection: Connection,
    judged: Sequence[tuple[Work, AnalysisRecord]],
    rules: ClockRules,
    now: datetime,
) -> None:
    """Store analyses and the contexts they saw; open escalations where an answer is due."""
    write_analyses(connection, judged, now)
    follow.analysed(connection, judged, rules, now)
    for work, record in judged:
        if record.due is not None:
            expect_answer(connection, work.row_id, record.due, now)
    told = (payloads.of_analysis(work, record) for work, record in judged)
    emit_all(connection, EventType.ANALYSIS_COMPLETED, told, at=now)
