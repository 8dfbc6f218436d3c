"""A message's quotation or advert shows what it means; its sender has not said it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from izer_bridge.analysis.local import analyser as local_analyser
from izer_bridge.analysis.masking import mask_subject
from izer_bridge.analysis.prompt import user_content
from izer_bridge.domain.analysis import Category
from izer_bridge.domain.context_info import ADVERT, NO_CONTEXT, Advert, ContextInfo, Quotation
from izer_bridge.domain.message import HistoryEntry, Subject
from tests.analysis.subjects import subject

PRICE = Quotation("26 jant 7.400 TL, bugün ayırabiliriz", "Usta", from_me=True, is_stored=True)


def quoting(text: str, quoted: Quotation) -> Subject:
    return replace(subject(text), context=ContextInfo(quoted=quoted))


def test_i_take_this_one_is_a_purchase_of_what_is_quoted() -> None:
    assert local_analyser.analyse(quoting("Bundan alıyorum", PRICE)).category is Category.SALES


@pytest.mark.parametrize(
    "words",
    [
        "Avukatınıza gideceğim, rezalet, paramı geri verin!",
        "Frenleriniz patlak, kazaya sebep olur, sakın sürmeyin",
        "Dükkanda yangın çıktı, ACİL",
    ],
)
@pytest.mark.parametrize("from_me", [True, False])
def test_quoted_words_are_nobodys_complaint_now(words: str, from_me: bool) -> None:
    quoted = Quotation(words, "", from_me=from_me)
    thanks = local_analyser.analyse(quoting("Tamam, çok teşekkürler", quoted))
    assert thanks.urgency_score <= 3
    assert thanks.category is Category.GENERAL


@pytest.mark.parametrize(
    "title", ["Şehir bisikleti 12 taksit", "TEBRİKLER! Çekiliş", "ACİL SATILIK"]
)
def test_a_click_on_an_advert_asks_about_it(title: str) -> None:
    advert = Advert(title, "Bugün son gün!!!", "https://fb.me/a")
    clicked = replace(subject(f"{ADVERT} {advert.words}"), context=ContextInfo(advert=advert))
    found = local_analyser.analyse(clicked)
    assert found.action_required
    assert found.category in (Category.SALES, Category.INQUIRY)
    assert 3 <= found.urgency_score <= 5
    assert found.keywords == (advert.words,)


def test_neither_a_reaction_nor_a_greeting_by_itself_makes_a_customer_wait_longer() -> None:
    now = subject("x").sent_at
    offer = HistoryEntry("", "Yarın hazır olur", now - timedelta(hours=20), "text", from_me=True)
    thumb = HistoryEntry("Ayşe", "👍", now - timedelta(hours=19), "reaction", from_me=False)
    asked = replace(subject("kaçta?"), history=(offer,))
    assert local_analyser.analyse(replace(asked, history=(offer, thumb))) == local_analyser.analyse(
        asked
    )
    question = HistoryEntry("Ayşe", "hazır mı?", now - timedelta(hours=20), "text", from_me=False)
    hello = replace(offer, content="Hoş geldiniz, size döneceğiz.", is_automatic=True)
    waits = replace(subject("??"), history=(question,))
    assert local_analyser.analyse(
        replace(waits, history=(question, hello))
    ) == local_analyser.analyse(waits)


def test_a_model_is_told_without_numbers() -> None:
    quoted = Quotation("Ara: 0555 111 22 33", "+905551112244", from_me=False)
    context = ContextInfo(quoted, Advert("Kask", "1.290 TL", "https://fb.me/a"), (), True)
    given = replace(subject("Bu mu?"), context=context)
    masked, restored = mask_subject(given)
    content = user_content(masked)
    assert all(part in content for part in ('"quoted"', '"advert":"Kask: 1.290 TL"', '"forwarded"'))
    assert not any(part in content for part in ("111 22 33", "5551112244"))
    assert restored.restore(masked.context.quoted.text) == quoted.text  # type: ignore[union-attr]
    assert "quoted" not in user_content(replace(given, context=NO_CONTEXT))
