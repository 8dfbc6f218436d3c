"""Every Turkish sentence that a customer or the owner reads: formal, one word for one thing."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.domain.correspondent import Correspondent
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.escalation import Why
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.owner_texts import WaitingCustomer, subject, text
from izer_bridge.replies import owner_texts
from izer_bridge.replies.owner_verdict import OwnerVerdict

TEXTS = files("izer_bridge.agents.builtin") / "texts"
README = (Path(__file__).parents[2] / "README.tr.md").read_text("utf-8")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AYSE = Correspondent("Ayşe", "+905551112233")
# "Yanıtla" is what WhatsApp calls it; the sentence about it says "cevaplayın" beside that.
HOW = '"Yanıtla" ile cevaplayın'


def _turkish(table: Any) -> Iterator[str]:
    """Whatever stands under `tr`, and the steps for the shop's people."""
    for key, value in table.items() if isinstance(table, dict) else enumerate(table):
        if key in ("stems", "concepts", "claims"):
            continue
        if key == "tr":
            yield from [value] if isinstance(value, str) else filter(_is_text, value)
        elif key == "steps":
            yield from (words for _, words in value)
        elif isinstance(value, dict | list):
            yield from _turkish(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _templates() -> Iterator[str]:
    for name in ("asks", "business", "danger", "ebike", "general", "noted", "talk", "technical"):
        yield from _turkish(tomllib.loads((TEXTS / f"{name}.toml").read_text("utf-8")))
    words = files("izer_bridge.agents") / "safety_words.toml"
    yield from _turkish(tomllib.loads(words.read_text("utf-8")))


def _to_owner() -> Iterator[str]:
    yield from (value for name, value in vars(owner_texts).items() if name.isupper())
    yield from owner_texts.announcement(12, AYSE, ["Alo"], "Merhaba.", "Alo", renewed=[3, 6])
    yield from owner_texts.announcement(3, AYSE, [], "k" * 4096, is_pressing=True)
    yield owner_texts.call(AYSE, ["Alo"])
    for state in OutboxState:
        yield owner_texts.decided_otherwise(6, state, "a person has answered")
    yield owner_texts.decided_otherwise(6, OutboxState.RENEWED, None, 10)
    for verdict in OwnerVerdict:
        yield owner_texts.confirmed(40, verdict)
        yield owner_texts.confirmed(40, verdict, time(8, 30))
    for why in Why:
        case = WaitingCustomer(
            5, why, "Ayşe", "Ayşe", "+905551112233", False, False, "Alo", NOON, 3, tuple(Danger)
        )
        yield subject(case, NOON + timedelta(minutes=6))
        yield text(case, NOON + timedelta(hours=30), UTC)


SENTENCES = [*_templates(), *filter(_is_text, _to_owner())]


def test_all_of_them_are_read() -> None:
    assert len(SENTENCES) > 180


@pytest.mark.parametrize("said", [*SENTENCES, README])
def test_it_is_formal_and_calls_one_thing_by_one_word(said: str) -> None:
    folded = said.replace(HOW, "").replace("“Yanıtla” ile cevaplayın", "").lower()
    assert not re.search(r"\b(?:sen|sana|seni|senin)\b|\bm[ıiuü]s[ıiuü]n\b", folded)
    assert "cevap" not in folded, "yanıt"
    assert not re.search(r"\b(?:pil|mail|email)\b", folded.replace("iç pilinin", "")), (
        "batarya, e-posta"
    )
    assert not re.search(r"[a-z]+-bridge (?:drafts|chat|outbox)", folded) or said is README


@pytest.mark.parametrize("said", [one for one in SENTENCES if re.search(r"\d|«", one)])
def test_no_suffix_stands_at_what_may_be_any_number_or_name(said: str) -> None:
    """It would be right after one number and wrong after the next: 3'ü, 6'yı, 10'u."""
    for suffixed in re.findall(r"(\S+?)['’](?:[a-zçğıöşü]+)", said):
        assert suffixed.strip("«»“”(") in {"112", "Enter", "HTTP"}, said


@pytest.mark.parametrize(
    "wording",
    [
        "Bu konuda kesin bilgi vermeden önce ekibimize danışmamız gerekiyor",
        "Bunu ekibimiz yanıtlayacak",
        "urumunu ekibimizin kontrol etmesi gerekiyor",
        "Sonraki adımı ekibimiz netleştirecek",
        "Bisikletinizin marka ve modelini yazar mısınız?",
        "bisikleti sürmeyin, elinizde götürün",
        "Hangi işlem veya ürün için fiyat istediğinizi yazar mısınız?",
        "gösterir",
        "0 = iptal",
        'Bu mesajı "Yanıtla" ile cevaplayın',
        "dükkândan biri yazdı",
        "Sizin bakmanız gerekiyor",
    ],
)
def test_it_is_worded_as_the_shop_speaks(wording: str) -> None:
    assert any(wording in said for said in SENTENCES)
    assert not any("onaylı bir bilgi" in said or "yanıltmak" in said for said in SENTENCES)
