"""Messages over HTTP: what is logged about them, and what is answered."""

from pathlib import Path

from structlog.testing import capture_logs

from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message_state import State
from izer_bridge.domain.work import MessageProgress
from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.pipeline.webhook_intake import HttpIntake
from tests.store.messages import message


class BusyLedger(SqlLedger):
    """A message settles while its second look at the store is on its way."""

    intake: HttpIntake
    looks = 0

    async def outcome(self, row_id: int) -> MessageProgress:
        found = await super().outcome(row_id)
        self.looks += 1
        if self.looks == 2:
            [work] = await self.claim(1)
            await self.bury(work, "worked")
            self.intake.moved(row_id)
        return found


async def test_what_is_answered_is_never_older_than_the_word_that_it_has_come_to_rest(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'bridge.db'}"
    ledger = BusyLedger(url, Screening(ImportanceRules.of([], []), False), "test")
    await ledger.open()
    ledger.intake = HttpIntake(ledger, lambda: None)
    webhook = WebhookMessage(message(1), "+905551112233", (), {})
    outcome = await ledger.intake.submit(webhook, 30)
    await ledger.close()
    assert outcome.state is State.DEAD


async def test_a_skipped_message_has_one_line_however_often_it_comes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bridge.db'}"
    ledger = SqlLedger(url, Screening(ImportanceRules.of([], []), False), "test")
    await ledger.open()
    intake = HttpIntake(ledger, lambda: None)
    given = message(1, "  ")
    with capture_logs() as shown:
        for _ in range(2):
            await intake.submit(WebhookMessage(given, "+905551112233", (), {}), 1)
    await ledger.close()
    told = {"id": given.message_id, "row": 1, "reason": "empty"}
    lines = [one for one in shown if one["event"] == "message_skipped"]
    assert lines == [{**told, "event": "message_skipped", "log_level": "info"}]
