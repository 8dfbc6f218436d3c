"""The learnt points, and how they form a judgement."""

import json

import pytest

from izer_bridge.analysis.local.learned import ANSWERS, judge, learned
from izer_bridge.domain.analysis import Category, ResponseTime, Sentiment
from tests.analysis.learn import TARGET, digest
from tests.analysis.sets import by_author, labelled

_NOTHING = (0,) * len(ANSWERS)


def points(**of: int) -> tuple[int, ...]:
    """Hundredths for the named answers, `u7` an urgency."""
    names = [f"u{one}" if isinstance(one, int) else str(one) for one in ANSWERS]
    assert set(of) <= set(names)
    return tuple(of.get(name, 0) for name in names)


def test_the_file_is_what_the_messages_teach() -> None:
    """Else: `make learn`."""
    document = json.loads(TARGET.read_text("utf-8"))
    assert document["of"] == digest()
    assert document["answers"] == list(map(str, ANSWERS))


def test_nobody_who_teaches_is_asked_how_well_it_was_learnt() -> None:
    taught = by_author(labelled("analysis-train"))
    assert taught.keys().isdisjoint(by_author(labelled("analysis-heldout")))


def test_every_row_has_a_column_for_each_answer() -> None:
    assert {len(row) for row in learned().values()} == {len(ANSWERS)}


def test_points_add_up_and_the_most_win() -> None:
    fren, ses = points(technical=40), points(technical=20)
    model = {"": points(sales=50), "word:fren": fren, "word:ses": ses}
    assert judge({"word:fren": 1.0}, model).category is Category.SALES
    assert judge({"word:fren": 1.0, "word:ses": 1.0}, model).category is Category.TECHNICAL
    assert judge({"word:fren": 1.5}, model).category is Category.TECHNICAL


def test_what_was_not_learnt_says_nothing() -> None:
    model = {"": points(inquiry=100, positive=10)}
    judgement = judge({"word:xyzq": 1.0}, model)
    assert (judgement.category, judgement.sentiment) == (Category.INQUIRY, Sentiment.POSITIVE)
    assert judgement.effects == ()


def test_it_is_sure_where_one_answer_stands_alone() -> None:
    even = judge({}, {"": _NOTHING}).confidence
    assert even == pytest.approx(1 / len(Category))
    assert judge({}, {"": points(sales=500)}).confidence > 0.9


def test_urgency_and_time_go_together() -> None:
    """Separately they would say 3 and immediate."""
    model = {"": points(u3=100, u9=90, immediate=200, **{"24hours": -200, "4hours": -200})}
    judgement = judge({}, model)
    assert (judgement.urgency, judgement.response_time) == (9, ResponseTime.IMMEDIATE)


def test_in_doubt_it_is_urgent() -> None:
    assert judge({}, {"": points(u6=1, u7=0)}).urgency == 7


def test_it_names_the_words_that_told() -> None:
    model = {"": points(technical=90), "word:fren": points(technical=80), "words": points(u5=90)}
    [effect] = judge({"word:fren": 1.0, "words": 0.5}, model).effects
    assert (effect.feature, effect.on, effect.points) == ("word:fren", Category.TECHNICAL, 0.8)
