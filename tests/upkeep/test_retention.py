"""`izer-bridge retention`, on both stores."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.console.typed import app
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING
from tests.store.messages import in_group


@pytest.fixture
def store(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """Two skipped messages, one of them 40 days old."""
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))
    now = datetime.now(UTC)

    async def fill() -> None:
        for number, days in enumerate((40, 1)):
            then = now - timedelta(days=days)
            ledger = SqlLedger(store_url, SCREENING, "me", clock=lambda then=then: then)  # type: ignore[misc]
            await ledger.open()
            await ledger.record([in_group(number, sent_at=then)])
            await ledger.close()

    asyncio.run(fill())
    return Store(store_url)


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_what_would_go_is_shown_and_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZER_RETENTION__MESSAGES_DAYS", "30")
    monkeypatch.setenv("IZER_RETENTION__EVENTS_DAYS", "30")
    code, out, _ = typed("retention", "--dry-run", "--json")
    assert (code, json.loads(out)) == (0, {"messages": 1, "events": 0})
    assert "would go" in typed("retention", "--dry-run")[1]
    assert len(asyncio.run(store.messages())) == 2


def test_it_goes_when_asked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZER_RETENTION__MESSAGES_DAYS", "30")
    code, out, _ = typed("retention", "--json")
    assert (code, json.loads(out)) == (0, {"messages": 1})
    [left] = asyncio.run(store.messages())
    assert left.message_id == "3EB0000001"
    assert typed("verify")[0] == 0


def test_where_everything_is_kept_it_says_so(store: Store) -> None:
    code, _, err = typed("retention")
    assert (code, err.count("\n")) == (78, 1)
    assert "kept for ever" in err
