"""`izer-bridge replay --unread`: a later version reads what an earlier one could not."""

import asyncio
import json
from pathlib import Path

import pytest
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import EventMessage
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body
from typer.testing import CliRunner

from izer_bridge.domain.message import Kind, Unread
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.console.typed import app
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING
from tests.store.messages import message

EVENT = Body(eventMessage=EventMessage(name="Pazar turu")).SerializeToString()
LATER = b"\xc2\x3e\x02\x08\x01"


@pytest.fixture
def store(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """Two messages of kinds unknown to an earlier version, one of them known to this one."""
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))

    async def fill() -> None:
        ledger = SqlLedger(store_url, SCREENING, "test")
        await ledger.open()
        for number, payload in enumerate((EVENT, LATER, b"\xff")):
            unread = Unread("eventMessage", payload)
            one = message(number, "[desteklenmeyen]", kind=Kind.UNSUPPORTED, unread=unread)
            await ledger.record([one])
            # It arrives again, and is kept once.
            await ledger.record([one])
        await ledger.close()

    asyncio.run(fill())
    return Store(store_url)


def typed(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout


def test_what_is_known_now_fills_its_row_and_works_nothing_anew(store: Store) -> None:
    before = asyncio.run(store.messages())
    code, out = typed("replay", "--unread", "--json")
    assert (code, [one["kind"] for one in json.loads(out)]) == (0, ["text", None, None])
    rows = asyncio.run(store.messages())
    assert [row.kind for row in rows] == ["text", "unsupported", "unsupported"]
    assert rows[0].current_message == "[etkinlik] Pazar turu"
    assert [row.state for row in rows] == [row.state for row in before]
    assert "2 unread: 0 read now, 2 still unknown." in typed("replay", "--unread")[1]
    assert typed("verify")[0] == 0
