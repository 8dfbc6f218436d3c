"""`izer-bridge tail`, `search` and `export`, on both stores."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Origin
from izer_bridge.pipeline import tail_run
from izer_bridge.pipeline.store.browsing import Browsing, MessageFilter, Read
from tests.console.typed import typed
from tests.store.filled import fill
from tests.store.messages import NOON, in_group, message
from tests.store.watching import watching

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


def test_the_tail_shows_a_line_a_message_with_what_became_of_it() -> None:
    assert len(typed("tail", "--no-follow").out.splitlines()) == len(MESSAGES) - 1
    lines = typed("tail", "--no-follow", "--all").out.splitlines()
    assert len(lines) == len(MESSAGES)
    assert "Ayşe: Frenim tutmuyor, ACİL!" in lines[0]
    assert lines[0].endswith("(technical 7/10 high → business_workflow)")
    assert lines[3].endswith("(skipped: group)")


def test_the_tail_is_filtered() -> None:
    def tail(*arguments: str) -> list[int]:
        return ids(typed("tail", "--no-follow", "--json", *arguments).out)

    assert tail("-n", "2") == [6, 7]
    assert tail("-n", "2", "--all") == [7, 8]
    assert tail("--urgency", "7", "-n", "2") == [5, 6]
    assert tail("--urgency", "8") == []
    assert tail("--agent", "business_workflow", "--chat", "Hans") == [3, 5]
    assert tail("--agent", "agent_hub") == []


def test_what_a_customer_writes_does_not_steer_the_terminal() -> None:
    assert "\x1b" not in typed("tail", "--no-follow").out


async def test_followed_messages_are_shown_when_they_rest(url: str) -> None:
    shown: asyncio.Queue[Read] = asyncio.Queue()
    following = asyncio.create_task(
        tail_run.tail(url, MessageFilter(), 0, shown.put_nowait, follow=True), name="tail"
    )
    try:
        async with Browsing(url) as stored:
            await stored.newest_id()
        await fill(url, [message(20, "yeni"), in_group(21, "grup")])
        first, second = await shown.get(), await shown.get()
    finally:
        following.cancel()
        await asyncio.wait([following])
    assert (first.text, first.state) == ("yeni", "settled")
    assert (second.text, second.state) == ("grup", "skipped")


async def test_a_tail_of_one_chat_reads_names_only_when_somebody_has_written(url: str) -> None:
    wanted, shown = MessageFilter(chat="Hans"), list[Read]()
    async with Browsing(url) as stored:
        newest = await stored.newest_id()
        with watching() as watch:
            for _ in range(3):
                newest = await tail_run.advance(stored, wanted, newest, {}, shown.append)
        assert [one for one in watch.said if "contacts" in one.statement] == []
        await fill(
            url, [message(20, "başkası"), message(21, "yine", chat=HANS, sender_name="Hans")]
        )
        await fill(url, [message(22, "başkası")])
        after = await tail_run.advance(stored, wanted, newest, {}, shown.append)
        assert after == await stored.newest_id() > newest
    assert [one.text for one in shown] == ["yine"]
