"""The first rule that matches decides, and says why."""

import pytest

from izer_bridge.model.analysis import (
    Analysis,
    Category,
    Priority,
    ResponseTime,
    Sentiment,
    priority_of,
    raised,
)
from izer_bridge.model.routing import Rule, route

LEGACY = (
    Rule("business_workflow", categories=frozenset({Category.TECHNICAL, Category.SUPPORT})),
    Rule("business_workflow", min_urgency=8),
    Rule("code_debugger", keywords=frozenset({"api", "bug"})),
    Rule("general_purpose"),
)


def analysis(urgency: int = 3, category: Category = Category.GENERAL) -> Analysis:
    return Analysis(
        urgency_score=urgency,
        category=category,
        sentiment=Sentiment.NEUTRAL,
        priority_level=priority_of(urgency),
        action_required=False,
        recommended_response_time=ResponseTime.ONE_DAY,
    )


@pytest.mark.parametrize(
    ("given", "text", "agent", "reason"),
    [
        (analysis(category=Category.SUPPORT), "fatura", "business_workflow", "category support"),
        (analysis(urgency=8), "acil", "business_workflow", "urgency 8 >= 8"),
        (analysis(), "Sitede bir BUG var", "code_debugger", "keyword bug"),
        (analysis(), "debugging", "general_purpose", "default"),
        (analysis(urgency=7), "merhaba", "general_purpose", "default"),
    ],
)
def test_legacy_table(given: Analysis, text: str, agent: str, reason: str) -> None:
    found = route(LEGACY, given, text)
    assert (found.agent, found.reason) == (agent, reason)


def test_no_matching_rule_is_said() -> None:
    with pytest.raises(LookupError, match="no condition"):
        route(LEGACY[:1], analysis(), "merhaba")


@pytest.mark.parametrize(("before", "after"), [(1, 4), (7, 10), (9, 10), (10, 10)])
def test_raising_adds_three_up_to_ten(before: int, after: int) -> None:
    result = raised(analysis(urgency=before), Priority.CRITICAL)
    assert (result.urgency_score, result.priority_level) == (after, Priority.CRITICAL)
