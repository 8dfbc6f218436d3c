"""An analysis in words: it says nothing that the message does not contain."""

import tomllib
from importlib.resources import files

import pytest

from izer_bridge.analysis.local.analyser import analyse
from izer_bridge.analysis.local.learned import learned
from tests.analysis.subjects import subject


def test_every_situation_is_something_that_was_learnt() -> None:
    tables = tomllib.loads(
        (files("izer_bridge.analysis.local") / "wording.toml").read_text("utf-8")
    )
    assert {one["feature"] for one in tables["situation"]} <= learned().keys()


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("bataryadan duman çıkıyor, alev aldı", "Yangın ya da alev"),
        ("iade etmek istiyorum, nasıl gönderirim", "İade ya da değişim"),
        ("mahkemede görüşürüz, avukatım arayacak", "Hukuki yola"),
    ],
)
def test_the_most_important_situation_speaks(text: str, about: str) -> None:
    assert analyse(subject(text)).business_context.startswith(about)


@pytest.mark.parametrize(
    "text", ["ben avukatım, ofis çıkışı uğrasam kask bakarız", "hastanedeyiz kızımız oldu 🥳"]
)
def test_nobody_is_told_to_call_at_once_about_a_calm_message(text: str) -> None:
    analysis = analyse(subject(text))
    assert analysis.urgency_score < 7
    assert "emen ara" not in analysis.suggested_next_action
