"""`izer-bridge search` and `export`, on both stores."""

import asyncio
import csv
import json
import re
import stat
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Origin
from izer_bridge.pipeline.store.browsing import MessageFilter
from izer_bridge.search.store.find import Search, Searching
from tests.console.typed import typed
from tests.store.filled import fill
from tests.store.messages import NOON, in_group, message

HANS = Jid.parse("4915550100266@s.whatsapp.net")
PICTURE = Media("image/jpeg", 9, None)
MESSAGES = [
    message(1, "Frenim tutmuyor, ACİL!"),
    message(2, "Şarj aletim ISINIYOR"),
    message(3, "Danke schön, bis später", chat=HANS, sender_name="Hans"),
    in_group(4, "Toplantı acil değil"),
    message(5, "=1+1", chat=HANS, sender_name="Hans"),
    message(6, "jant böyle oldu", kind=Kind.IMAGE, media=PICTURE),
    message(7, "tamam\x1b[2J\nyarın", chat=HANS, sender_name="Hans", from_me=True),
    message(8, "eski", origin=Origin.HISTORY, sent_at=NOON - timedelta(days=40)),
]


@pytest.fixture(autouse=True)
def url(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    asyncio.run(fill(store_url, MESSAGES))
    return store_url


def ids(out: str) -> list[int]:
    return [int(json.loads(line)["message_id"][-6:]) for line in out.splitlines()]


def found(*arguments: str) -> list[int]:
    return ids(typed("search", *arguments, "--json").out)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ACİL", [1, 4]),
        ("acil", [1, 4]),
        ("acıl fren", [1]),
        ("sarj isiniyor", [2]),
        ("ŞARJ", [2]),
        ("schon SPATER", [3]),
        ("jant", [6]),
        ("yok", []),
        ("fre tutm", [1]),
    ],
)
def test_words_are_found_in_any_spelling(words: str, expected: list[int]) -> None:
    assert found(words) == expected


def test_a_search_is_narrowed_by_chat_time_and_number() -> None:
    assert found("acil", "--chat", "tedarikçi") == [4]
    assert found("acil", "--chat", "TEDARIKCI") == [4]
    assert found("acil", "--chat", "0555 111 22 33") == [1]
    assert found("danke", "--chat", "4915550100266@s.whatsapp.net") == [3]
    assert found("eski", "--until", "2026-02-01", "--all") == [8]
    assert found("eski", "--until", "2026-02-01") == []
    assert found("eski", "--since", "2026-02-01") == []
    assert found("acil", "--limit", "1") == [4]
    assert found("acil", "--person", "Hans", "--all") == []
    assert found("schön", "--person", "hans") == [3]
    assert found("acil", "--category", "technical") == [1]
    assert found("acil", "--since", "1.3.2026 15:00") == [1, 4]
    assert found("acil", "--since", "01.03.2026 15:00:04") == [4]
    assert found("acil", "--since", "2h") == []


def test_a_time_is_the_shops_wherever_the_server_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = typed("search", "sarj").out
    clock = NOON.astimezone(ZoneInfo("Europe/Istanbul"))
    assert re.match(rf"{clock:%d\.%m\.}(2026)? {clock:%H}:", shown)
    time = f"{NOON:%Y-%m-%d}T10:00:00"
    monkeypatch.setenv("IZER_SHOP__TIME_ZONE", "America/New_York")
    assert found("acil", "--since", time) == []
    assert found("acil", "--until", time) == [1, 4]
    monkeypatch.setenv("IZER_SHOP__TIME_ZONE", "Asia/Tokyo")
    assert found("acil", "--since", time) == [1, 4]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("a", "two letters or more"),
        ('" * ( ) - ~ @', "two letters or more"),
        ("söz " * 60, "at most 200"),
        (" ".join(f"w{number}" for number in range(20)), "at most 12"),
    ],
)
def test_what_cannot_be_searched_for_is_said_in_a_line(words: str, why: str) -> None:
    said = typed("search", words)
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert why in said.err


def test_nothing_found_is_exit_code_1_and_a_chat_that_is_none_is_named() -> None:
    assert typed("search", "yok").code == 1
    said = typed("search", "acil", "--chat", "nobody")
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert "nobody" in said.err


def test_an_export_holds_every_message_once_in_a_private_file() -> None:
    said = typed("export", "-o", "out.jsonl")
    assert said.out == f"{len(MESSAGES)} messages are in out.jsonl.\n"
    file = Path("out.jsonl")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [int(one["message_id"][-6:]) for one in lines] == list(range(1, 9))
    assert datetime.fromisoformat(lines[0]["sent_at"]) == MESSAGES[0].sent_at
    assert typed("export").out == file.read_text("utf-8")


def test_a_result_is_exported_alone() -> None:
    assert ids(typed("export", "--search", "acil").out) == [4, 1]
    assert ids(typed("export", "--search", "acil", "--chat", "Tedarik").out) == [4]


def test_a_spreadsheet_does_not_calculate_what_customers_wrote() -> None:
    assert typed("export", "-o", "out.csv", "--format", "csv").code == 0
    with Path("out.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [one["text"] for one in lines][4] == "'=1+1"
    assert lines[0]["phone_number"] == "+905551112233"
    assert lines[6]["text"] == "tamam[2J\nyarın"


def test_excel_in_turkish_opens_it_with_a_double_click() -> None:
    assert typed("export", "-o", "out.csv", "--excel").code == 0
    assert Path("out.csv").read_bytes().startswith("\ufeffrow_id;message_id;".encode())
    with Path("out.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    assert [one["text"] for one in lines][4] == "'=1+1"


def test_what_the_shops_own_people_are_told_is_no_customers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IZER_REPLY__OWNER", "+4915550100266")
    assert found("danke") == []
    assert found("danke", "--all") == [3]


def test_a_file_that_is_there_is_not_written_over() -> None:
    Path("out.csv").write_text("mine")
    said = typed("export", "-o", "out.csv")
    assert (said.code, Path("out.csv").read_text()) == (2, "mine")
    assert typed("export", "-o", "none/out.csv").code == 2


async def test_batches_join_without_gap_or_repetition(url: str) -> None:
    old = {"origin": Origin.HISTORY, "sent_at": NOON}
    more = [message(100 + number, f"söz {number}", **old) for number in range(1_100)]
    await fill(url, more)
    async with Searching(url) as stored:
        every = [one.row_id async for one in stored.all(MessageFilter())]
        hits = [one.row_id async for one in stored.every(Search("SÖZ", MessageFilter()))]
    assert len(set(every)) == len(every) == len(MESSAGES) + len(more)
    assert len(set(hits)) == len(hits) == len(more)
