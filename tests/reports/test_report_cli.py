"""`izer-bridge report`: 80 columns, each language's numbers, and the same in a letter."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from izer_bridge.domain.message import Message
from izer_bridge.reports.report import Figures, Period, PeriodName, Report, Spread
from izer_bridge.reports.shown import as_text
from izer_bridge.reports.texts import REPORT_TEXTS, duration, money, number, percent
from izer_bridge.web.language import Language
from tests.console.typed import typed
from tests.reports.test_report import ISTANBUL
from tests.servers.smtp import SmtpServer
from tests.store.filled import fill
from tests.store.messages import message

TR, EN = REPORT_TEXTS[Language.TR], REPORT_TEXTS[Language.EN]


@pytest.fixture(autouse=True)
def url(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    said: list[Message] = [message(1, "Frenim", sent_at=datetime.now(UTC) - timedelta(minutes=5))]
    asyncio.run(fill(store_url, said))
    return store_url


def test_numbers_are_each_languages() -> None:
    assert [number(1_234_567, one) for one in (TR, EN)] == ["1.234.567", "1,234,567"]
    assert [money(1_234_567_890, one) for one in (TR, EN)] == ["1.234,57 USD", "1,234.57 USD"]
    assert [percent(0.125, one) for one in (TR, EN)] == ["+%12", "+12%"]
    assert [percent(share, TR) for share in (-0.03, 0, 12)] == ["-%3", "%0", "+%1.200"]
    assert [duration(seconds, TR) for seconds in (45, 720, 12_000, 7_200)] == [
        "45 sn", "12 dk", "3 sa 20 dk", "2 sa",
    ]  # fmt: skip


NOTHING = Figures(0, 0, 0, 0, None, None, 0, {}, {}, {}, {}, 0)
MUCH = Figures(
    messages=9_999_999,
    customers=999_999,
    by_shop=9_999_999,
    by_bridge=9_999_999,
    first_answer=Spread(9_999_999, 35_999, 359_999),
    answer=Spread(9_999_999, 35_999, 359_999),
    late=9_999_999,
    by_category={"complaint": 9_999_999},
    by_sentiment={"urgent": 9_999_999},
    by_agent={"x" * 64: 9_999_999},
    complaints={"\x1b[2J" + "y" * 70: 9_999_999, "other": 1},
    cost_micro_usd=99_999_990_000,
)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("now", "before"), [(NOTHING, NOTHING), (MUCH, NOTHING), (MUCH, MUCH)])
def test_a_report_fits_80_columns(language: Language, now: Figures, before: Figures) -> None:
    at = datetime(2026, 3, 4, 10, tzinfo=UTC)
    hours = [[now.messages] * 24 for _ in range(7)]
    for name in PeriodName:
        report = Report(Period.of(name, at, ISTANBUL), now, before, hours, at)
        text = as_text(report, language)
        assert [line for line in text.splitlines() if cell_len(line) > 80] == []
        assert "\x1b" not in text


def test_it_is_printed_in_turkish_or_english_or_for_machines() -> None:
    said = typed("report", "today")
    assert said.code == 0
    assert said.out.startswith("Rapor: Bugün, ")
    assert "Teknik" in said.out
    assert "Technical" in typed("report", "today", "--language", "en").out
    document = json.loads(typed("report", "today", "--json").out)
    assert document["now"]["messages"] == document["now"]["customers"] == 1
    assert document["period"]["name"] == "today"


def test_what_is_no_period_is_named() -> None:
    said = typed("report", "year")
    assert said.code == 2
    assert "'week'" in said.err


def test_without_an_address_nothing_is_mailed() -> None:
    said = typed("report", "--mail")
    assert (said.code, len(said.err.splitlines())) == (78, 1)
    assert "escalation.email.to" in said.err


async def test_the_same_is_mailed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with SmtpServer() as server:
        monkeypatch.setenv("IZER_ESCALATION__EMAIL__TO", '["owner@example.com"]')
        monkeypatch.setenv("IZER_ESCALATION__EMAIL__SENDER", "bridge@example.com")
        monkeypatch.setenv("IZER_ESCALATION__EMAIL__HOST", "127.0.0.1")
        monkeypatch.setenv("IZER_ESCALATION__EMAIL__PORT", str(server.port))
        monkeypatch.setenv("IZER_ESCALATION__EMAIL__SECURITY", "none")
        said = await asyncio.to_thread(typed, "report", "today", "--mail")
    assert said.code == 0, said.err
    assert said.err == "Mailed to owner@example.com.\n"
    [letter] = server.messages
    assert letter.get_content().splitlines()[1:] == said.out.splitlines()[1:]
    assert str(letter["Subject"]).startswith("Rapor: Bugün")


def test_a_report_of_nothing_says_so_in_dashes() -> None:
    report = Report(
        Period.of(PeriodName.TODAY, datetime(2026, 3, 4, 10, tzinfo=UTC), ISTANBUL),
        NOTHING, replace(NOTHING, messages=4), [[0] * 24] * 7, None,
    )  # fmt: skip
    [row] = [
        one for one in as_text(report, Language.TR).splitlines() if one.startswith(TR.messages)
    ]
    assert row.split()[-3:] == ["0", "4", "-%100"]
