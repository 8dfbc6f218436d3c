"""What follows of analyses, in the transaction that keeps them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from izer_bridge.analysis.store.analyses import write_analyses
from izer_bridge.domain.event import EventType
from izer_bridge.domain.work import AnalysisRecord, Work
from izer_bridge.escalation.store.transitions import expect_answer
from izer_bridge.events import payloads
from izer_bridge.events.store.emit import emit_all


def keep_analyses(
    connection: Connection, judged: Sequence[tuple[Work, AnalysisRecord]], now: datetime
) -> None:
    """Store what was made of messages and in which contexts; begin to wait for answers."""
    write_analyses(connection, judged, now)
    for work, record in judged:
        if record.due is not None:
            expect_answer(connection, work.row_id, record.due, now)
    told = (payloads.of_analysis(work, record) for work, record in judged)
    emit_all(connection, EventType.ANALYSIS_COMPLETED, told, at=now)
