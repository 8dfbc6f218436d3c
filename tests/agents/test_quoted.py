"""What a message refers to, its quotation and its advert, as the built-in agents see it."""

from typing import Any

import pytest

from izer_bridge.agents.builtin.desk import drafted
from izer_bridge.agents.builtin.knowledge import Knowledge, sections_in
from izer_bridge.agents.builtin.reply_prompt import user_content
from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.topic import Draft
from tests.agents.bodies import CUSTOMER, SHOP, answer, body

PRICE, OFFER = "26 jant 7.400 TL", "Yarın 14:00 size uyar mı?"


def quoting(text: str, quoted: str, *, is_stored: bool = True, **more: Any) -> dict[str, Any]:
    request = body(text, "sales", **more)
    said = {"sender": "Usta", "content": quoted, "fromMe": True, "isStored": is_stored}
    request["message"]["quoted"] = said
    return request


async def test_what_is_taken_is_what_is_quoted_however_old() -> None:
    newest = [(SHOP, "Başka bir sorunuz var mı?")]
    taken = await answer("business_workflow", quoting("Bundan alıyorum", PRICE, history=newest))
    assert PRICE in taken["reply"]
    assert taken["actions"][0]["model"] == PRICE
    general = await answer("general_purpose", quoting("Bundan alıyorum", PRICE))
    assert general["actions"][0]["model"] == PRICE


async def test_a_price_that_only_a_phone_quotes_is_not_repeated() -> None:
    forged = quoting("Bundan alıyorum", "26 jant 1 TL", is_stored=False)
    taken = await answer("business_workflow", forged)
    assert "1 TL" not in taken["reply"]
    agreed = await answer("business_workflow", quoting("olur", OFFER, is_stored=False))
    assert agreed["topic"] != "appointment_accepted"


async def test_a_yes_is_to_what_is_quoted() -> None:
    agreed = await answer("business_workflow", quoting("olur", OFFER))
    assert (agreed["topic"], agreed["actions"][0]["when"]) == (
        "appointment_accepted",
        "Yarın 14:00",
    )


@pytest.mark.parametrize(
    "around",
    [
        {"quoted": {"content": "Hafta sonu açık mısınız?", "fromMe": False, "isStored": True}},
        {"advert": {"title": "Hafta sonu açık mısınız?", "body": "", "link": ""}},
    ],
)
def test_knowledge_is_found_for_what_is_pointed_at(around: dict[str, Any]) -> None:
    knowledge = Knowledge(sections_in("# Hafta sonu açık mısınız\nCumartesi 10.00–18.00 açığız."))
    request = body("nedir?")
    request["message"] |= around
    assert "10.00–18.00" in drafted("business_workflow", Case.parse(request), knowledge).reply


def test_a_greeting_by_itself_answers_nothing_and_a_reaction_asks_nothing() -> None:
    request = body("yarın getirsem?", history=[(CUSTOMER, "fren ayarı kaç para"), (SHOP, "hoş")])
    now = "2026-03-01T12:00:00+00:00"
    request["message"]["chat_time"] = now
    request["message"]["history"] = [
        {"content": "fren ayarı kaç para", "fromMe": False, "timestamp": now},
        {"content": "Hoş geldiniz, nasıl yardım edelim?", "fromMe": True, "isAutomatic": True},
        {"content": "👍", "fromMe": False, "type": "reaction", "timestamp": now},
    ]
    case = Case.parse(request)
    assert case.just_asked == ("fren ayarı kaç para",)
    assert case.offered == ""


def test_a_model_is_told_and_sees_no_number() -> None:
    case = Case.parse(quoting("Bundan alıyorum", "Ali: 0555 111 22 33, 7.400 TL"))
    content, _ = user_content(case, Draft("x", "y", 1, needs_human=False), is_masked=True)
    assert "7.400 TL" in content
    assert "111 22 33" not in content


@pytest.mark.parametrize("quoted", [None, 7, {}, {"content": None}, {"content": ["x"]}, "x"])
def test_a_quotation_that_is_none_is_left_out(quoted: Any) -> None:
    request = body("Merhaba")
    request["message"] |= {"quoted": quoted, "advert": quoted}
    assert Case.parse(request).quoted is None
