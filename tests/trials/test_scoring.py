from dataclasses import replace

import pytest

from izer_bridge.domain.analysis import Analysis, Category, Priority, ResponseTime, Sentiment
from izer_bridge.trials.scoring import Labelled, evaluate

PERFECT = Analysis(
    urgency_score=9,
    category=Category.TECHNICAL,
    sentiment=Sentiment.URGENT,
    priority_level=Priority.CRITICAL,
    action_required=True,
    recommended_response_time=ResponseTime.IMMEDIATE,
)


def labelled(
    name: str,
    urgency: tuple[int, int] = (9, 10),
    category: tuple[Category, ...] = (Category.TECHNICAL, Category.SUPPORT),
    action: bool | None = True,
    language: str = "tr",
) -> Labelled:
    return Labelled.model_validate(
        {
            "id": name,
            "language": language,
            "chat_name": "Ayşe",
            "phone_number": "+905551112233",
            "is_group": False,
            "vip": False,
            "history": [],
            "message": "fren",
            "expected": {
                "urgency": urgency,
                "category": category,
                "sentiment": ["urgent", "negative"],
                "action_required": action,
                "recommended_response_time": ["immediate"],
            },
        }
    )


def test_a_perfect_answer_scores_full() -> None:
    total = evaluate([labelled("a")], {"a": PERFECT}).total
    assert (total.overall, total.action, total.urgent_recall) == (1, 1, 1)
    assert (total.distance, total.bias) == (0, 0)
    assert total.false_alarms is None


def test_any_accepted_category_is_right_but_only_the_first_is_strictly() -> None:
    report = evaluate([labelled("a")], {"a": replace(PERFECT, category=Category.SUPPORT)})
    assert (report.total.category, report.total.strict_category) == (1, 0)
    assert report.confusion == {(Category.SUPPORT, Category.SUPPORT): 1}


def test_no_answer_is_wrong_everywhere_and_as_far_off_as_can_be() -> None:
    report = evaluate([labelled("a"), labelled("b", (1, 2), action=None)], {"c": PERFECT})
    total = report.total
    assert (total.overall, total.action, total.urgent_recall, total.false_alarms) == (0, 0, 0, 0)
    assert total.distance == (8 + 8) / 2
    assert total.bias is None
    assert report.confusion == {(Category.TECHNICAL, None): 2}


def test_urgency_is_measured_by_its_distance_from_the_range() -> None:
    messages = [labelled("low", (1, 4)), labelled("high", (9, 10)), labelled("in", (7, 9))]
    answers = {"low": 7, "high": 6, "in": 8}
    total = evaluate(
        messages, {name: replace(PERFECT, urgency_score=score) for name, score in answers.items()}
    ).total
    assert total.urgency == pytest.approx(1 / 3)
    assert total.distance == pytest.approx((3 + 3) / 3)
    assert total.bias == 0
    assert (total.urgent_recall, total.false_alarms) == (0.5, 1)


def test_either_action_is_right_where_none_is_expected() -> None:
    messages = [labelled("a", action=None), labelled("b", action=False)]
    assert evaluate(messages, {"a": PERFECT, "b": PERFECT}).total.action == 0


def test_precision_and_recall_by_category() -> None:
    only_sales = (Category.SALES,)
    messages = [labelled("a"), labelled("b"), labelled("c", category=only_sales)]
    report = evaluate(messages, dict.fromkeys("abc", PERFECT))
    technical = report.classes[Category.TECHNICAL]
    assert (technical.precision, technical.recall, technical.support) == (2 / 3, 1, 2)
    assert technical.f1 == pytest.approx(0.8)
    sales = report.classes[Category.SALES]
    assert (sales.precision, sales.recall, sales.f1, sales.support) == (None, 0, 0, 1)
    assert report.confusion[Category.SALES, Category.TECHNICAL] == 1


def test_scores_by_language_and_by_best_category() -> None:
    report = evaluate([labelled("a"), labelled("b", language="en")], {"a": PERFECT})
    assert report.by_language["tr"].overall == 1
    assert report.by_language["en"].overall == 0
    assert report.by_category[Category.TECHNICAL].messages == 2


def test_nothing_to_measure() -> None:
    total = evaluate([], {}).total
    assert (total.messages, total.overall) == (0, None)
