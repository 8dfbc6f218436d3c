"""What it takes to analyse, to ask again, and to know what that has cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.cost import Usage
from izer_bridge.domain.message import Subject
from izer_bridge.domain.work import AnalysisRecord, Work


class OpinionLedger(Protocol):
    """What the local analyser judged, and what OpenAI says of it later, each once.

    All raise TransientError when the store is away.
    """

    async def wanted(self, since: datetime, limit: int, context: int) -> Sequence[Work]:
        """The oldest that were judged locally since then and have no second opinion."""
        ...

    async def given(self, row_id: int, record: AnalysisRecord) -> None: ...

    async def refused(self, row_id: int, record: AnalysisRecord) -> None:
        """There will be none, for the record's `fallback_reason`."""
        ...


class Spent(Protocol):
    """Sums what analyses have cost. Raises TransientError when the store is away."""

    async def spent_since(self, moment: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class AnalyserAnswer:
    """An analyser's answer, and what it was charged for where it costs money and says so."""

    analysis: Analysis
    usage: Usage | None = None


class Analyser(Protocol):
    """Answers for one message. Raises TransientError or PermanentError."""

    async def analyse(self, subject: Subject) -> AnalyserAnswer: ...
