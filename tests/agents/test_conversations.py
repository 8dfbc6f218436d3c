"""Whole invented conversations: what is answered, only once, and on whose authority."""

from pathlib import Path
from typing import Any

import pytest

from tests.agents.conversations import (
    Shop,
    conversations_in,
    shop,
    wrong_analyses,
    wrong_drafts,
)

DATA = Path(__file__).parent.parent / "data"
KNOWLEDGE = Path(__file__).parents[2] / "docs" / "knowledge" / "ornek.md"
# Those held out were written before anybody looked at what the code makes of them.
CONVERSATIONS = [
    *conversations_in(DATA / "conversations.jsonl"),
    *conversations_in(DATA / "conversations-heldout.jsonl"),
]
# Of another shop, by somebody who had not read the agents.
STRANGERS = conversations_in(DATA / "conversations-strangers.jsonl")


@pytest.fixture(scope="module")
def bicycle_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return shop(KNOWLEDGE, tmp_path_factory.mktemp("knowledge"))


@pytest.fixture(scope="module")
def other_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return shop(DATA / "knowledge.md", tmp_path_factory.mktemp("other"))


@pytest.mark.parametrize(
    "conversation", CONVERSATIONS, ids=lambda one: f"{one['id']} {one['kind']}"
)
async def test_a_conversation_gets_the_answers_that_are_right(
    bicycle_shop: Shop, conversation: dict[str, Any]
) -> None:
    played = await bicycle_shop.play(conversation)
    assert list(wrong_drafts(played, conversation["expect"])) == []
    assert not any("onaylı bir bilgi" in draft for draft in played.drafts)


@pytest.mark.parametrize("conversation", STRANGERS, ids=lambda one: f"{one['id']} {one['kind']}")
async def test_a_strangers_conversation_gets_them_too(
    other_shop: Shop, conversation: dict[str, Any]
) -> None:
    played = await other_shop.play(conversation)
    assert list(wrong_drafts(played, conversation["expect"])) == []


async def test_what_is_wrong_is_told_with_its_reason(bicycle_shop: Shop) -> None:
    played = await bicycle_shop.play(
        {"messages": [{"at_seconds": 0, "from": "customer", "text": "Otoparkınız var mı?"}]}
    )
    expect = {
        "analyses": [{"urgency": [9, 10], "category": ["complaint"]}],
        "draft_must_contain": ["otogar"],
        "draft_must_not_contain": ["park"],
        "drafts": 2,
        "to_person": True,
    }
    assert [*wrong_drafts(played, expect)] == [
        "draft lacks otogar",
        "draft holds park",
        "1 drafts, wanted 2",
        "to a person: False",
    ]
    [told] = wrong_analyses(played, expect)
    assert told.startswith("'Otoparkınız var mı?': inquiry")
