from typing import Any

import pytest
from pydantic import ValidationError

from izer_bridge.analysis.schema import AnalysisAnswer
from izer_bridge.model.analysis import Category
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
        {"urgency_score": 7.5},
        {"confidence": 1.1},
        {"confidence": float("nan")},
        {"category": "Teknik"},
        {"language": "Türkçe"},
        {"keywords": "fren"},
        {"action_required": "belki"},
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        answer(**changes)


def test_what_is_too_much_is_trimmed() -> None:
    many = answer(keywords=[f"kelime {n}" for n in range(20)] + ["x" * 500, "", "kelime 1"])
    assert len(many.keywords) == 8
    assert max(map(len, answer(keywords=["x" * 500]).keywords)) == 40
    assert len(answer(business_context="fren\n" * 1000).business_context) == 400


def test_what_nobody_sees_is_taken_out() -> None:
    trimmed = answer(keywords=["fr\u200ben\x00"], suggested_next_action="ara\u202e\n hemen")
    assert trimmed.keywords == ["fren"]
    assert trimmed.suggested_next_action == "ara hemen"
