"""Quick replies: in the chat's language, what answers the last question first."""

import subprocess
import sys
from pathlib import Path

import pytest

from izer_bridge.domain.message import Kind
from izer_bridge.writing.quick_api import QuickOperations
from izer_bridge.writing.quick_replies import QuickReplies
from izer_bridge.writing.store.asked import LastQuestion, SqlQuestions
from tests.store.ledgers import Opened
from tests.store.messages import RECORD, message
from tests.web.operations import serving

TURKISH = """# Mağaza

## Adres / Neredesiniz? / Konum atar mısınız?

Moda Mahallesi, Pedal Sokak No: 12, **Kadıköy**.

## Taksit / Kaç taksit yapıyorsunuz?

Kredi kartına 6 taksit yapıyoruz.
"""
ENGLISH = """## Opening hours / When are you open?

We are open from Monday to Saturday, and closed on Sundays.
"""
GERMAN = """## Öffnungszeiten / Wann habt ihr geöffnet?

Wir haben von Montag bis Samstag geöffnet und sind am Sonntag geschlossen.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("1", TURKISH), ("2", ENGLISH), ("3", GERMAN)):
        (tmp_path / f"{name}.md").write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "language", "titles", "suggested"),
    [
        ("", None, ["Adres", "Taksit", "Opening hours", "Öffnungszeiten"], 0),
        ("", "tr", ["Adres", "Taksit"], 0),
        ("", "en", ["Opening hours"], 0),
        ("", "de", ["Öffnungszeiten"], 0),
        # Nobody has written anything in French.
        ("", "fr", ["Adres", "Taksit", "Opening hours", "Öffnungszeiten"], 0),
        ("Merhaba, kaç taksit yapıyorsunuz?", "tr", ["Taksit", "Adres"], 1),
        ("Neredesiniz?", None, ["Adres", "Taksit", "Opening hours", "Öffnungszeiten"], 1),
    ],
)
async def test_what_is_offered(
    folder: Path, asked: str, language: str | None, titles: list[str], suggested: int
) -> None:
    found = await QuickReplies(folder).offered(asked, language)
    assert [one.title for one in found] == titles
    assert [one.is_suggested for one in found] == [True] * suggested + [False] * (
        len(titles) - suggested
    )


async def test_its_words_are_those_that_a_customer_would_get(folder: Path) -> None:
    [address, _] = await QuickReplies(folder).offered("", "tr")
    assert address.text == "Moda Mahallesi, Pedal Sokak No: 12, Kadıköy."


async def test_without_knowledge_there_are_none(tmp_path: Path) -> None:
    for folder in (None, tmp_path / "gone", tmp_path):
        assert list(await QuickReplies(folder).offered("Neredesiniz?", "tr")) == []


async def test_a_changed_file_counts_at_once(folder: Path) -> None:
    replies = QuickReplies(folder)
    await replies.offered("", "tr")
    (folder / "1.md").write_text("## Yeni adres\n\nArtık Moda Caddesi'ndeyiz, bekleriz.", "utf-8")
    assert [one.title for one in await replies.offered("", "tr")] == ["Yeni adres"]


async def test_the_last_question_is_the_customers(opened: Opened) -> None:
    ledger = await opened("me")
    questions = SqlQuestions(ledger.store)
    assert await questions.last(1) == LastQuestion()
    await ledger.record([message(1, "Neredesiniz?"), message(2, "Buradayız.", from_me=True)])
    assert await questions.last(1) == LastQuestion("Neredesiniz?", None)
    [work] = await ledger.claim(1)
    await ledger.analysed(work, RECORD)
    assert await questions.last(1) == LastQuestion("Neredesiniz?", "tr")
    await ledger.record([message(3, "👍", kind=Kind.REACTION, target_id="3EB0000002")])
    assert (await questions.last(1)).text == "Neredesiniz?"


async def test_they_come_over_http(folder: Path, opened: Opened) -> None:
    ledger = await opened("me")
    await ledger.record([message(1, "Kaç taksit yapıyorsunuz?")])
    operations = QuickOperations(QuickReplies(folder), SqlQuestions(ledger.store))
    async with serving(operations.all()) as api:
        every = (await api.request("GET", "/v1/quick-replies")).json["items"]
        assert [one["title"] for one in every][:2] == ["Adres", "Taksit"]
        for_chat = await api.request("GET", "/v1/quick-replies?conversation_id=1")
        assert for_chat.json["items"][0] == {
            "title": "Taksit",
            "text": "Kredi kartına 6 taksit yapıyoruz.",
            "language": "tr",
            "is_suggested": True,
        }
        wrong = await api.request("GET", "/v1/quick-replies?conversation_id=x")
        assert (wrong.status, wrong.fields) == (422, ["conversation_id"])


def test_nothing_is_loaded_before_somebody_asks() -> None:
    script = (
        "import sys\n"
        "from izer_bridge.writing.quick_api import QuickOperations\n"
        "sys.exit('izer_bridge.agents.builtin.knowledge' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
