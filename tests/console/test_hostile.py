"""Strangers' text stays text in every command that shows it."""

import asyncio
import csv
import io
import json
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.domain.escalation import Due, Why
from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Kind, Media, Message
from izer_bridge.domain.message_state import State
from izer_bridge.domain.plain_text import plain
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.domain.work import Attempt, Work
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.replies.decide import ReplyPolicy
from tests.console.typed import typed
from tests.hostile import hostile
from tests.store.filled import read_words
from tests.store.messages import ACCOUNT, NOON, RECORD, message

# `make attack` tries a thousand.
NAMES = list(hostile(1_000 if "ATTACK_ALL" in os.environ else 100))
# Piped output is broken into lines, one of which then begins with a field's name.
_FIELD = "decided by: " * 20
# Of the first, and then of each name's person, not of its group.
_ANALYSED = [str(row) for row in (1, *range(2, 2 * len(NAMES) + 1, 2))]
_SCREENING = Screening(ImportanceRules.of([], []), True, ReplyPolicy(mode=Mode.DRAFT))
_SHOWN = [
    ("tail", "-n", "9000", "--no-follow"),
    ("search", "Veli", "--limit", "9000"),
    ("export",),
    ("drafts", "list"),
    ("outbox", "list", "--all"),
    ("chat", "list"),
    ("dlq", "list"),
    ("gaps",),
    ("group", "list", "--on-whatsapp"),
    ("escalations", "list"),
    ("explain", "1"),
]
pytestmark = pytest.mark.attack("a stranger's words are more than text in a command")
_PLAIN_JSON = [(*path, "--json") for path in _SHOWN if path != ("export",)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("hostile")
    url = f"sqlite:///{folder / 'store.db'}"
    asyncio.run(_fill(url))
    return url


@pytest.fixture(autouse=True)
def settings(store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IZER_STORE__URL", store)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("IZER_GROUPS__CRITICAL", json.dumps(NAMES))
    monkeypatch.chdir(tmp_path)


async def _fill(url: str) -> None:
    """Each name is a person's, a group's, a file's, a text, an id and an agent's words."""
    ledger = SqlLedger(url, _SCREENING, "hostile")
    await ledger.open()
    await ledger.record([message(0, _FIELD, **_chat(8_000))])
    for number, name in enumerate(NAMES):
        await ledger.record(_said(number, name))
        gap = Gap(ACCOUNT, f"gap{number}{name}", GapReason.UNDECRYPTABLE, NOON, detail=name)
        await ledger.notice([gap])
    while works := await ledger.claim(50):
        for work in works:
            await _work(ledger, work)
    # A person's own message pauses the bridge in its chat.
    own = [
        message(9_000 + one, "tamam", from_me=True, **_chat(one)) for one in range(0, len(NAMES), 3)
    ]
    await ledger.record(own)
    await read_words(ledger)
    await ledger.close()


async def _work(ledger: SqlLedger, work: Work) -> None:
    """Every third one dies of its agent's words, the others settle with a draft."""
    name = work.message.sender_name
    await ledger.analysed(work, replace(RECORD, due=Due(NOON, Why.URGENT)))
    work = replace(work, state=State.ANALYSED)
    if work.row_id % 3 == 0:
        await ledger.bury(work, name)
        return
    answer = {"reply": f"Merhaba {plain(name)}"[:90], "confidence": 0.9, "needs_human": False}
    await ledger.attempted(
        work, Attempt("general_purpose", None, name, True, answer, 1, None), State.DISPATCHED
    )
    await ledger.settle(replace(work, state=State.DISPATCHED))


def _chat(number: int) -> dict[str, Any]:
    """Just now: drafts lapse and pauses end by the reader's clock."""
    jid = Jid.parse(f"9055510{number:05d}@s.whatsapp.net")
    return {"chat": jid, "sent_at": datetime.now(UTC)}


def _said(number: int, name: str) -> list[Message]:
    own = {"sender_name": name, "message_id": f"id{number}{name}"}
    group = Jid.parse(f"1203630000000{number:05d}@g.us")
    in_group = _chat(number) | {"chat": group, "chat_name": name, "message_id": f"g{number}{name}"}
    media = Media("image/jpeg", 9, name)
    return [
        message(1, f"Veli {name}", kind=Kind.IMAGE, media=media, **own, **_chat(number)),
        message(2, name, shop_is_admin=False, **own | in_group),
    ]


def _steering(text: str) -> set[str]:
    return {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")} - {"\n"}


@pytest.mark.parametrize("path", _SHOWN, ids=" ".join)
def test_a_command_shows_it_as_text_on_its_line(path: tuple[str, ...]) -> None:
    said = typed(*path)
    assert (said.code, said.error, said.err) == (0, None, "")
    assert said.out.strip()
    # Joiners hold families and flags together; nothing here is one.
    assert _steering(said.out) == set()


def test_markup_stands_as_it_was_written() -> None:
    said = typed("tail", "-n", "9000", "--no-follow").out
    assert all(name in said for name in ("[/]", "[/red]", ":bomb:", "[link=http://evil.example]"))
    listed = typed("dlq", "list").out
    assert "[/]" in listed


@pytest.mark.parametrize("path", _PLAIN_JSON, ids=" ".join)
def test_json_holds_what_was_written_and_shows_none_of_it(path: tuple[str, ...]) -> None:
    said = typed(*path)
    assert (said.code, said.error) == (0, None)
    assert _steering(said.out) == set()
    texts = set(_texts([json.loads(line) for line in _documents(said.out)]))
    assert texts


def test_json_gives_the_same_name_back() -> None:
    lines = typed("tail", "-n", "9000", "--no-follow", "--json").out.splitlines()
    senders = {json.loads(one)["sender"] for one in lines}
    assert {name for name in NAMES if len(name) < 200} <= senders


def test_no_cell_of_a_csv_is_run_by_a_spreadsheet_of_any_country() -> None:
    said = typed("export", "--format", "csv").out
    cells = [cell for row in csv.reader(io.StringIO(said)) for cell in row]
    parts = [part.strip() for cell in cells for part in cell.replace("|", ";").split(";")]
    lines = [line.strip() for part in parts for line in part.splitlines()]
    assert lines
    texts = [unicodedata.normalize("NFKC", one) for one in lines if not one[1:].isdigit()]
    assert [one for one in texts if one[:1] in tuple("=+-@")] == []


def test_a_draft_shows_a_strangers_lines_as_no_field_of_its_own() -> None:
    for one in json.loads(typed("drafts", "list", "--json").out)[:50]:
        said = typed("drafts", "show", str(one["id"]))
        assert (said.code, said.error) == (0, None)
        assert _steering(said.out) == set()
        fields = [line.partition(":")[0] for line in said.out.splitlines() if line[:1] != " "]
        assert fields == [f"draft {one['id']}", "chat", "why", "asked", "proposed"]


def test_no_id_makes_a_line_of_its_own_in_what_explains_an_analysis() -> None:
    said = typed("explain", *_ANALYSED)
    assert (said.code, said.error, said.err) == (0, None, "")
    assert _steering(said.out) == set()
    lines = [line for line in said.out.splitlines() if line[:1] != " "]
    assert [line.split()[:2] for line in lines] == [["row", row] for row in _ANALYSED]


def _documents(out: str) -> list[str]:
    """One per line, or one over many lines."""
    return out.splitlines() if out.startswith("{") and "\n{" in out else [out]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
