"""`izer-bridge explain`."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from izer_bridge.analysis.analyse import analyse, judged_here
from izer_bridge.analysis.budget import Spending
from izer_bridge.analysis.local.version import version
from izer_bridge.domain.cost import NO_BUDGET
from izer_bridge.domain.work import Worked
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.console.typed import app
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING
from tests.store.messages import ATTEMPT, message


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["explain", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.usefixtures("judged")
def test_it_says_who_judged_from_which_words_and_what_rules_did() -> None:
    code, out, _ = typed("2", "3EB0000003")
    assert code == 0
    assert "row 2 (3EB0000002): technical, urgency 7, urgent, 1hour" in out
    assert "by local, because no OpenAI key is set" in out
    assert "fren: technical" in out
    assert "changed by rule (group); before: technical, urgency 7" in out
    [one] = json.loads(typed("3", "--json")[1])
    assert one["analysis"]["urgency_score"] == 10
    assert one["before_raising"]["urgency_score"] == 7
    assert one["dangers"] == ["injury", "ride"]
    assert one["explanation"] == ["fren: technical"]


@pytest.mark.usefixtures("judged")
def test_what_was_not_analysed_is_named() -> None:
    code, _, error = typed("4")
    assert (code, "no analysed message is 4" in error) == (2, True)


@pytest.fixture
def locally(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """A greeting and a fault, as the local analyser judges them."""
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))

    async def fill() -> None:
        ledger = SqlLedger(store_url, SCREENING, "test")
        await ledger.open()
        await ledger.record([message(1, "Merhaba"), message(2, "Frenim tutmuyor, ACİL!")])
        spending = Spending(ledger, None, NO_BUDGET, lambda: datetime.now(UTC))
        works = await ledger.claim(1, run=2, context=20)
        worked = []
        for work in works:
            subject = work.subject
            record = await analyse(subject, work.importance, None, "", spending)
            assert record.analysis.explanation == judged_here(subject).explanation
            worked.append(Worked(work, record, ATTEMPT))
        await ledger.finish(worked)
        await ledger.close()

    asyncio.run(fill())
    return Store(store_url)


def explained(row: str) -> dict[str, Any]:
    [one] = json.loads(typed(row, "--json")[1])
    return dict(one)


def test_reasons_that_are_not_kept_are_found_again(locally: Store) -> None:
    [_, row] = asyncio.run(locally.rows("SELECT analysis_details FROM analytics_results"))
    assert "explanation" not in row.analysis_details
    one = explained("2")
    assert any("sign:brake" in reason for reason in one["explanation"])
    assert one["explanation_note"] is None
    assert [entry["content"] for entry in one["context"]] == ["Merhaba"]
    out = typed("2")[1]
    assert "sign:brake" in out
    assert "  messages before it: 1\n    Ayşe: Merhaba" in out


def test_another_versions_judgement_is_said_to_be_one(locally: Store) -> None:
    change = "UPDATE analytics_results SET analysis_details = REPLACE(analysis_details, :is, 'x')"
    asyncio.run(locally.execute(change, **{"is": version()}))
    one = explained("2")
    assert any("sign:brake" in reason for reason in one["explanation"])
    assert "another version" in one["explanation_note"]


def test_no_reasons_are_given_for_what_is_judged_otherwise_now(locally: Store) -> None:
    other = "UPDATE webhook_messages SET current_message = 'Teşekkürler' WHERE id = 2"
    asyncio.run(locally.execute(other))
    one = explained("2")
    assert one["explanation"] == []
    assert "cannot be given again" in one["explanation_note"]
