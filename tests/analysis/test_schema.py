from typing import Any

import pytest
from pydantic import ValidationError

from izer_bridge.analysis.schema import AnalysisAnswer
from izer_bridge.domain.analysis import Category, Priority, ResponseTime, Sentiment
from tests.servers.openai import ANALYSIS


def answer(**changes: Any) -> AnalysisAnswer:
    return AnalysisAnswer.model_validate(ANALYSIS | changes)


def test_an_answer_becomes_an_analysis() -> None:
    analysis = answer().to_analysis()
    assert analysis.category is Category.TECHNICAL
    assert (analysis.urgency_score, analysis.confidence) == (7, 0.93)
    assert analysis.keywords == ("fren",)


@pytest.mark.parametrize(
    "changes",
    [
        {"urgency_score": 0},
        {"urgency_score": 11},
        {"urgency_score": "belki"},
        {"urgency_score": float("inf")},
        {"confidence": 1.1},
        {"confidence": float("nan")},
        {"category": "Uzay"},
        {"category": "not technical"},
        {"category": None},
        {"priority_level": "purple"},
        {"recommended_response_time": "24/7"},
        {"recommended_response_time": "never"},
        {"language": "Klingon"},
        {"keywords": {"fren": 1}},
        {"action_required": "belki"},
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        answer(**changes)


@pytest.mark.parametrize(
    ("field", "said", "meant"),
    [
        ("priority_level", "medium", Priority.NORMAL),
        ("priority_level", "Medium ", Priority.NORMAL),
        ("priority_level", "High", Priority.HIGH),
        ("priority_level", "URGENT", Priority.CRITICAL),
        ("priority_level", "not urgent", Priority.LOW),
        ("priority_level", "ÇOK YÜKSEK", Priority.CRITICAL),
        ("priority_level", "düşük", Priority.LOW),
        ("priority_level", "P2", Priority.HIGH),
        ("recommended_response_time", "1 hour", ResponseTime.ONE_HOUR),
        ("recommended_response_time", "one_hour", ResponseTime.ONE_HOUR),
        ("recommended_response_time", "4 Hours", ResponseTime.FOUR_HOURS),
        ("recommended_response_time", "4hours.", ResponseTime.FOUR_HOURS),
        ("recommended_response_time", "within 1 to 4 hours", ResponseTime.ONE_HOUR),
        ("recommended_response_time", "2 saat içinde", ResponseTime.ONE_HOUR),
        ("recommended_response_time", "15 minutes", ResponseTime.IMMEDIATE),
        ("recommended_response_time", "Immediately", ResponseTime.IMMEDIATE),
        ("recommended_response_time", "1 gün", ResponseTime.ONE_DAY),
        ("recommended_response_time", "48h", ResponseTime.ONE_DAY),
        ("category", "Teknik", Category.TECHNICAL),
        ("category", "ŞİKAYET", Category.COMPLAINT),
        ("category", "customer_support", Category.SUPPORT),
        ("sentiment", "NEGATIVE.", Sentiment.NEGATIVE),
        ("sentiment", "olumlu", Sentiment.POSITIVE),
        ("urgency_score", "8/10", 8),
        ("urgency_score", 8.0, 8),
        ("urgency_score", 7.5, 8),
        ("urgency_score", "9 (critical)", 9),
        ("confidence", "90%", 0.9),
        ("confidence", 90, 0.9),
        ("language", "Türkçe", "tr"),
        ("language", "TR-tr", "tr"),
        ("action_required", "Evet", True),
        ("keywords", "fren, acil", ["fren", "acil"]),
    ],
)
def test_near_words_are_read_as_what_they_mean(field: str, said: object, meant: object) -> None:
    assert getattr(answer(**{field: said}), field) == meant


def test_what_is_too_much_is_trimmed() -> None:
    many = answer(keywords=[f"kelime {n}" for n in range(20)] + ["x" * 500, "", "kelime 1"])
    assert len(many.keywords) == 8
    assert max(map(len, answer(keywords=["x" * 500]).keywords)) == 40
    assert len(answer(business_context="fren\n" * 1000).business_context) == 400


def test_what_nobody_sees_is_taken_out() -> None:
    trimmed = answer(keywords=["fr\u200ben\x00"], suggested_next_action="ara\u202e\n hemen")
    assert trimmed.keywords == ["fren"]
    assert trimmed.suggested_next_action == "ara hemen"


def test_what_the_replaced_systems_models_were_not_asked_for_may_be_missing() -> None:
    nine = {key: ANALYSIS[key] for key in ANALYSIS if key not in ("language", "confidence")}
    analysis = AnalysisAnswer.model_validate(nine).to_analysis()
    assert (analysis.language, analysis.confidence) == ("", 0.5)
