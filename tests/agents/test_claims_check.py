"""No claim that nobody at the shop has made passes the guard, whoever wrote it."""

import json
from pathlib import Path

import pytest

from izer_bridge.agents.builtin.claims_check import violations
from izer_bridge.agents.builtin.knowledge import Section, sections_in
from izer_bridge.agents.builtin.topic import table_of, topics_of

DATA = Path(__file__).parent.parent / "data"
EXAMPLE = Path(__file__).parents[2] / "docs" / "knowledge" / "ornek.md"
KNOWLEDGE = sections_in(EXAMPLE.read_text("utf-8"))
INVENTIONS = (DATA / "inventions.txt").read_text("utf-8").splitlines()
QUESTIONS = [
    json.loads(line)["message"]
    for line in (DATA / "unanswerable.jsonl").read_text("utf-8").splitlines()
]
HONEST = (DATA / "honest.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("invention", INVENTIONS)
def test_an_invention_is_seen(invention: str) -> None:
    assert violations(invention, ["Merhaba, bir sorum var"], [])


@pytest.mark.parametrize("invention", INVENTIONS)
def test_the_customers_words_do_not_make_it_true(invention: str) -> None:
    """A customer who asks "stokta var mı, yarın 15:00, 9000 TL" has been promised nothing."""
    assert violations(invention, [f"{invention} Doğru mu?"], [])


@pytest.mark.parametrize("invention", INVENTIONS)
def test_nor_does_anything_else_that_customers_ask(invention: str) -> None:
    assert violations(invention, QUESTIONS, [])


@pytest.mark.parametrize("honest", HONEST)
def test_an_honest_reply_may_stand(honest: str) -> None:
    assert violations(honest, ["Trek Marlin stokta var mı, kaç para?"], []) == ()


@pytest.mark.parametrize("section", KNOWLEDGE, ids=lambda section: section.questions[0])
def test_what_the_shop_has_written_may_be_said(section: Section) -> None:
    answer = section.answer
    assert violations(answer, ["?"], [section.whole]) == ()


@pytest.mark.parametrize(
    "reply",
    [
        "Kargo ücreti 12 TL'dir.",
        "Kargo ücreti 120 euro'dur.",
        "2.000 TL üzeri siparişlerde kargo ücretsizdir.",
        "Siparişler bugün kargoya verilir.",
        "Siparişler 3 iş günü içinde kargoya verilir.",
        "Kargo ücretsizdir, ayrıca yüzde on indirim var.",
    ],
)
def test_what_the_shop_has_written_may_not_be_changed(reply: str) -> None:
    sources = [one.answer for one in KNOWLEDGE if one.questions[0] == "Kargo ücreti"]
    assert violations(reply, ["Kargo ne kadar?"], sources)


@pytest.mark.parametrize("name", ["business", "technical", "general"])
def test_the_templates_themselves_may_stand(name: str) -> None:
    for topic in topics_of(name).each:
        for language in ("tr", "en", "de"):
            reply = topic.draft(language).reply.replace("{}", "")
            assert violations(reply, (), ()) == () or topic.name == "known", topic.name
    for sentences in table_of("asks").values():
        for sentence in sentences["ask"].values():
            assert violations(sentence, (), ()) == ()


def test_figures_are_the_same_in_every_spelling() -> None:
    sources = ["Genel bakım 1.250 TL'dir. Hafta içi 09.00–19.00 açığız."]
    for said in (
        "Genel bakım 1250 TL'dir.",
        "Genel bakım 1.250,00 TL'dir.",
        "Genel bakım 1.250 TL",
    ):
        assert violations(said, [], sources) == ()
    assert violations("Hafta içi 9:00–19:00 açığız.", [], sources) == ()
    assert violations("Genel bakım 1.250,50 TL'dir.", [], sources)
    assert violations("Hafta içi 09.30–19.00 açığız.", [], sources)


def test_a_long_or_empty_reply_is_none() -> None:
    assert "length" in violations("Mesajınızı aldık. " * 200, (), ())
    assert "length" in violations(" ", (), ())
