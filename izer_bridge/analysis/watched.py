"""Watches whether the model's endpoint answers; a fault is reported once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from izer_bridge.analysis.ports import Analyser, AnalyserAnswer
from izer_bridge.domain.errors import PermanentError, SetupError, TransientError, UnpaidError
from izer_bridge.domain.message import Subject
from izer_bridge.host.clock import Clock

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RemoteFault:
    """What is wrong, and since when; `needs_person` if no retry can fix it."""

    said: str
    needs_person: bool
    since: datetime
    in_a_row: int = 1


class RemoteWatch(Protocol):
    """Something that knows the endpoint's state."""

    @property
    def fault(self) -> RemoteFault | None: ...


class WatchedAnalyser:
    """Asks `remote`, and remembers what is wrong with it until it answers.

    A refusal of one message alone (its content, its length) is not the endpoint's fault.
    """

    def __init__(self, remote: Analyser, clock: Clock) -> None:
        self.fault: RemoteFault | None = None
        self._remote = remote
        self._clock = clock

    async def analyse(self, subject: Subject) -> AnalyserAnswer:
        """See `Analyser`."""
        try:
            answer = await self._remote.analyse(subject)
        except (SetupError, UnpaidError) as error:
            self._failed(str(error), needs_person=True)
            raise
        except TransientError as error:
            self._failed(str(error), needs_person=False)
            raise
        except PermanentError:
            self._answered()
            raise
        self._answered()
        return answer

    def _failed(self, said: str, *, needs_person: bool) -> None:
        before = self.fault
        if before is not None and before.needs_person == needs_person:
            self.fault = RemoteFault(said, needs_person, before.since, before.in_a_row + 1)
            return
        self.fault = RemoteFault(said, needs_person, self._clock.now())
        if needs_person:
            hint = "set OPENAI_API_KEY, openai.base_url or openai.model right, or pay"
            log.error("openai_refused", error=said, hint=hint)

    def _answered(self) -> None:
        if self.fault is not None:
            log.info("openai_answers_again", failed_since=self.fault.since.isoformat())
        self.fault = None
