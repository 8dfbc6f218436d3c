"""What is logged of a message that comes over HTTP and is not worked."""

from pathlib import Path

from structlog.testing import capture_logs

from izer_bridge.model.importance import ImportanceRules
from izer_bridge.pipeline.intake import HttpIntake
from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.store.ledger import SqlLedger
from izer_bridge.store.recording import Screening
from tests.store.messages import message


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
