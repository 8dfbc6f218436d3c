"""What a person reads whose page cannot be shown; programs get the problem as ever."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from izer_bridge.domain.errors import TransientError
from izer_bridge.staff.store.members import SqlStaff
from izer_bridge.web.caller import Caller
from tests.staff.house import House, house

OPENED = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Dest": "document"}


@pytest.fixture
async def home(sqlite_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with house(f"sqlite:///{shutil.copy(sqlite_store, tmp_path / 'store.db')}") as built:
        yield built


@pytest.mark.parametrize(
    ("language", "words"), [("tr", "Böyle bir sayfa yok."), ("en", "There is no such page.")]
)
async def test_a_page_that_is_not_there_is_said_in_words(
    home: House, language: str, words: str
) -> None:
    headers = {**OPENED, "Accept-Language": language}
    answer = await home.browser().request("GET", "/<b>nowhere", headers=headers)
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert words in answer.json
    assert "<b>" not in answer.json


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/nowhere", {"Accept": "*/*"}),
        ("/nowhere", {**OPENED, "Sec-Fetch-Dest": "empty"}),
        ("/v1/me", OPENED),
        ("/drafts", OPENED),
    ],
)
async def test_programs_and_scripts_get_the_problem(
    home: House, path: str, headers: dict[str, str]
) -> None:
    answer = await home.browser().request("GET", path, headers=headers)
    assert answer.content_type == "application/problem+json"


async def test_a_store_that_is_away_is_no_reason_to_worry(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = home.browser()
    await browser.log_in(code=(await home.staff.link()).secret)

    async def away(*_: object) -> Caller | None:
        raise TransientError("the store is away")

    monkeypatch.setattr(SqlStaff, "of_session", away)
    answer = await browser.request("GET", "/", headers=OPENED)
    assert (answer.status, answer.content_type) == (503, "text/html")
    assert "Mesajlar kaybolmaz" in answer.json
    assert "Retry-After" in answer.headers
