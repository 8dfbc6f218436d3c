"""The answers of writes, kept for a day in both stores."""

from datetime import UTC, datetime, timedelta

from izer_bridge.store.database import Database
from izer_bridge.web.idempotency import KeptAnswer
from izer_bridge.web.store import SqlAnswers
from tests.web.operations import serving
from tests.web.test_operation import Tower, ring

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NAME, OTHER, ASKED = "a" * 64, "b" * 64, "c" * 64


async def test_an_answer_is_kept_for_a_day_and_then_removed(store_url: str) -> None:
    now = AT
    async with Database(store_url) as database:

        async def store() -> Database:
            return database

        answers = SqlAnswers(store, lambda: now)
        answer = KeptAnswer(ASKED, 200, '{"text":"Şükrü 🚲"}'.encode())
        await answers.keep(NAME, answer)
        await answers.keep(NAME, answer)
        assert await answers.find(OTHER) is None
        now = AT + timedelta(hours=23, minutes=59)
        assert await SqlAnswers(store, lambda: now).find(NAME) == answer
        now = AT + timedelta(hours=24)
        assert await answers.find(NAME) is None
        await answers.keep(OTHER, answer)
        now = AT
        assert await answers.find(NAME) is None


async def test_a_write_is_done_once_also_over_a_restart(store_url: str) -> None:
    tower = Tower()
    answers = []
    for _ in range(2):
        async with Database(store_url) as database:

            async def store(opened: Database = database) -> Database:
                return opened

            kept = SqlAnswers(store, lambda: AT)
            async with serving(tower.all(), answers=kept) as api:
                answers.append(await ring(api, "k1", 2))
                assert (await ring(api, "k1", 3))[0] == 422
    assert answers == [(200, {"rung": 2, "by": "HTTP"})] * 2
    assert tower.rung == 2
