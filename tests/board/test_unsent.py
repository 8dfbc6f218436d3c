"""What was written and has not arrived, as the board shows it: in both languages, as text."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import htpy
import pytest

from izer_bridge.board.unsent import unsent
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.outgoing import OutgoingFile
from izer_bridge.web.language import Language
from izer_bridge.writing.decide import Author
from izer_bridge.writing.message import WrittenMessage

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PDF = OutgoingFile("media/aa/aa.pdf", "application/pdf", "Şubat <faturası>.pdf", 8)


def written(state: OutboxState, **changes: Any) -> WrittenMessage:
    values: dict[str, Any] = {
        "id": 7,
        "chat_id": 1,
        "author": Author.PERSON,
        "by": "Elif",
        "text": "Hazır.",
        "state": state,
        "created_at": AT,
        "goes_at": AT,
        "expires_at": None,
        "sent_at": None,
        "delivered_at": None,
        "read_at": None,
        "waits_for": "",
        "error": None,
        "file": None,
    }
    return WrittenMessage(**(values | changes))


def shown(one: WrittenMessage, language: Language = Language.TR) -> str:
    return str(htpy.fragment[unsent([one], ZoneInfo("Europe/Istanbul"), language)])


@pytest.mark.parametrize(
    ("state", "turkish", "english", "is_wrong"),
    [
        (OutboxState.APPROVED, "sırada", "queued", False),
        (OutboxState.SENDING, "gönderiliyor", "being sent", False),
        (OutboxState.UNCERTAIN, "telefona bakın", "look at the phone", True),
        (OutboxState.FAILED, "gönderilemedi", "not sent", True),
        (OutboxState.CANCELLED, "gönderilmedi", "not sent", False),
        (OutboxState.LAPSED, "zamanında", "in time", True),
    ],
)
def test_each_says_what_became_of_it(
    state: OutboxState, turkish: str, english: str, is_wrong: bool
) -> None:
    assert turkish in shown(written(state))
    html = shown(written(state), Language.EN)
    assert english in html
    assert ("mark late" in html) is is_wrong
    assert ('data-method="DELETE"' in html) is (state is OutboxState.APPROVED)
    assert "Elif" in html
    assert "15:00" in html, "in the shop's time"


def test_words_and_names_are_text() -> None:
    one = written(OutboxState.FAILED, text="<b>Hazır</b>", by="<i>Elif</i>", file=PDF)
    html = shown(one)
    for words in ("&lt;b&gt;Hazır", "&lt;i&gt;Elif", "Şubat &lt;faturası&gt;.pdf"):
        assert words in html
