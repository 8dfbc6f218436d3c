"""How the model's endpoint stands, as the answers to one message after the other tell it."""

from collections import deque
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from izer_bridge.analysis.ports import AnalyserAnswer
from izer_bridge.analysis.watched import RemoteFault, WatchedAnalyser
from izer_bridge.domain.errors import PermanentError, SetupError, TransientError, UnpaidError
from izer_bridge.domain.message import Subject
from izer_bridge.host.clock import Clock
from tests.analysis.subjects import subject
from tests.web.fakes import ANALYSIS

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
_REFUSED, _UNPAID = SetupError("the key (401)"), UnpaidError("the quota (429)")
_AWAY, _ODD = TransientError("no answer"), PermanentError("the content filter")


class Model:
    """Raises what it is told, one a call; then answers."""

    def __init__(self, *errors: Exception | None) -> None:
        self._errors = deque(errors)

    async def analyse(self, _: Subject) -> AnalyserAnswer:
        error = self._errors.popleft() if self._errors else None
        if error is not None:
            raise error
        return AnalyserAnswer(ANALYSIS)


def watched(*errors: Exception | None) -> WatchedAnalyser:
    moments = (NOW + timedelta(minutes=minute) for minute in range(100))
    return WatchedAnalyser(Model(*errors), Clock(lambda: next(moments), lambda: 0.0, lambda: 0.0))


async def asked(analyser: WatchedAnalyser, times: int = 1) -> RemoteFault | None:
    for _ in range(times):
        try:
            await analyser.analyse(subject("Merhaba"))
        except (TransientError, PermanentError):
            continue
    return analyser.fault


@pytest.mark.parametrize("error", [_REFUSED, _UNPAID])
async def test_what_needs_a_person_is_told_once_and_kept_until_it_answers(
    error: Exception,
) -> None:
    analyser = watched(error, error, error)
    with capture_logs() as logs:
        assert await asked(analyser, 3) == RemoteFault(str(error), True, NOW, 3)
        assert await asked(analyser) is None
    assert [(one["event"], one["log_level"]) for one in logs] == [
        ("openai_refused", "error"),
        ("openai_answers_again", "info"),
    ]


async def test_what_mends_itself_is_counted_and_not_told() -> None:
    analyser = watched(_AWAY, _AWAY)
    with capture_logs() as logs:
        assert await asked(analyser, 2) == RemoteFault("no answer", False, NOW, 2)
    assert logs == []


async def test_a_message_that_is_refused_alone_is_no_fault_of_the_endpoint() -> None:
    assert await asked(watched(_AWAY, _ODD), 2) is None


async def test_a_key_that_is_refused_after_silence_begins_then() -> None:
    fault = await asked(watched(_AWAY, _REFUSED), 2)
    assert fault == RemoteFault("the key (401)", True, NOW + timedelta(minutes=1))
