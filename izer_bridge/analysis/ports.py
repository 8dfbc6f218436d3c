"""What it takes to analyse, to ask again, and to know the cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.cost import Usage
from izer_bridge.domain.message import Subject
from izer_bridge.domain.work import AnalysisRecord, Work

# As many as the replaced connector asked for: more make a model dearer and no more certain.
CONTEXT_MESSAGES = 20


class OpinionLedger(Protocol):
    """What the local analyser judged, and OpenAI's later opinion of it, each once.

    All methods raise TransientError if the store is away.
    """

    async def wanted(self, since: datetime, limit: int, context: int) -> Sequence[Work]:
        """The oldest that were judged locally since then and have no second opinion."""
        ...

    async def given(self, row_id: int, record: AnalysisRecord) -> None: ...

    async def refused(self, row_id: int, record: AnalysisRecord) -> None:
        """There will be none, for the record's `fallback_reason`."""
        ...


class Spent(Protocol):
    """Sums what analyses have cost. Raises TransientError if the store is away."""

    async def spent_since(self, moment: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class AnalyserAnswer:
    """An analyser's answer, and its cost if it has one and says so."""

    analysis: Analysis
    usage: Usage | None = None


class Analyser(Protocol):
    """Answers for one message. Raises TransientError or PermanentError."""

    async def analyse(self, subject: Subject) -> AnalyserAnswer: ...
