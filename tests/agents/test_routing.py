"""The first rule that matches decides, and says why."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from izer_bridge.agents.routing import Facts, Hours, Route, Rule, around, checks, route
from izer_bridge.domain.analysis import (
    Analysis,
    Category,
    Priority,
    ResponseTime,
    Sentiment,
    priority_of,
    raised,
)

LEGACY = (
    Rule("business_workflow", categories=frozenset({Category.TECHNICAL, Category.SUPPORT})),
    Rule("business_workflow", min_urgency=8),
    Rule("code_debugger", keywords=frozenset({"api", "bug"})),
    Rule("general_purpose"),
)
# A Wednesday.
SENT_AT = datetime(2026, 11, 25, 19, 30, tzinfo=UTC)


def analysis(urgency: int = 3, category: Category = Category.GENERAL) -> Analysis:
    return Analysis(
        urgency_score=urgency,
        category=category,
        sentiment=Sentiment.NEUTRAL,
        priority_level=priority_of(urgency),
        action_required=False,
        recommended_response_time=ResponseTime.ONE_DAY,
    )


def facts(given: Analysis, text: str = "merhaba") -> Facts:
    return Facts(text, given, is_vip=False, is_group=False, group=(), at=SENT_AT)


@pytest.mark.parametrize(
    ("given", "text", "agent", "reason"),
    [
        (analysis(category=Category.SUPPORT), "fatura", "business_workflow", "category support"),
        (analysis(urgency=8), "acil", "business_workflow", "urgency 8 >= 8"),
        (analysis(), "sitede bir bug var", "code_debugger", "keyword bug"),
        (analysis(), "apinize baglanamiyorum", "code_debugger", "keyword api"),
        (analysis(), "debugging", "general_purpose", "default"),
        (analysis(), "bugun acik misiniz", "general_purpose", "default"),
        (analysis(urgency=7), "merhaba", "general_purpose", "default"),
    ],
)
def test_legacy_table(given: Analysis, text: str, agent: str, reason: str) -> None:
    assert route(LEGACY, facts(given, text)) == Route(agent, reason)


def test_no_matching_rule_is_said() -> None:
    with pytest.raises(LookupError, match="no condition"):
        route(LEGACY[:1], facts(analysis()))


IN_GROUP = replace(facts(analysis()), is_group=True, group=("1@g.us", "tedarikciler"))
VIP = replace(facts(analysis()), is_vip=True)


@pytest.mark.parametrize(
    ("rule", "given", "holds", "what"),
    [
        (Rule("a", sentiments=frozenset({Sentiment.NEUTRAL})), VIP, True, "sentiment neutral"),
        (
            Rule("a", sentiments=frozenset({Sentiment.URGENT, Sentiment.NEGATIVE})),
            VIP,
            False,
            "sentiment neutral is not negative or urgent",
        ),
        (Rule("a", languages=frozenset({"tr"})), VIP, True, "language tr"),
        (Rule("a", languages=frozenset({"de"})), VIP, False, "language tr is not de"),
        (Rule("a", min_urgency=4), VIP, False, "urgency 3 < 4"),
        (Rule("a", groups=frozenset({"1@g.us"})), IN_GROUP, True, "group 1@g.us"),
        (Rule("a", groups=frozenset({"tedarikciler"})), IN_GROUP, True, "group tedarikciler"),
        (Rule("a", groups=frozenset({"baska"})), IN_GROUP, False, "another chat"),
        (Rule("a", in_group=True), IN_GROUP, True, "in a group"),
        (Rule("a", in_group=True), VIP, False, "in a direct chat"),
        (Rule("a", in_group=False), VIP, True, "in a direct chat"),
        (Rule("a", vip=True), VIP, True, "important customer"),
        (Rule("a", vip=True), IN_GROUP, False, "no important customer"),
        (Rule("a", vip=False), IN_GROUP, True, "no important customer"),
        (Rule("a", days=frozenset({"wed"})), VIP, True, "day wed"),
        (Rule("a", days=frozenset({"sun"})), VIP, False, "day wed is not sun"),
        (
            Rule("a", hours=Hours(time(9), time(18, 30))),
            VIP,
            False,
            "19:30 outside 09:00-18:30",
        ),
        (Rule("a", hours=Hours(time(18, 30), time(9))), VIP, True, "19:30 within 18:30-09:00"),
        (Rule("a", keywords=frozenset({"gun aydin"})), facts(analysis(), "gun aydin!"), True, ""),
        (
            Rule("a", keywords=frozenset({"gun aydin"})),
            facts(analysis(), "gun. aydinlik"),
            False,
            "",
        ),
    ],
)
def test_a_condition_says_what_it_found(rule: Rule, given: Facts, holds: bool, what: str) -> None:
    [check] = checks(rule, given)
    assert check.holds is holds
    assert what in check.what


@pytest.mark.parametrize(
    ("moment", "inside"), [("18:29", False), ("18:30", True), ("00:00", True), ("09:00", False)]
)
def test_hours_go_over_midnight(moment: str, inside: bool) -> None:
    assert (time.fromisoformat(moment) in Hours(time(18, 30), time(9))) is inside


def test_all_conditions_must_hold() -> None:
    rules = (Rule("a", vip=True, min_urgency=3), Rule("b", vip=True), Rule("c"))
    assert route(rules, VIP) == Route("a", "urgency 3 >= 3 and important customer")
    assert route(rules, replace(VIP, analysis=analysis(2))) == Route("b", "important customer")


@pytest.mark.parametrize(
    ("fallback", "down", "goes_to"),
    [
        ("hub", {"chef"}, Route("hub", "chef is down; default")),
        ("hub", {"chef", "hub"}, Route("chef", "default")),
        ("hub", set(), Route("chef", "default")),
        ("", {"chef"}, Route("chef", "default")),
        ("chef", {"chef"}, Route("chef", "default")),
    ],
)
def test_somebody_stands_in_for_one_that_is_down(
    fallback: str, down: set[str], goes_to: Route
) -> None:
    assert around(Route("chef", "default"), fallback, down) == goes_to


@pytest.mark.parametrize(("before", "after"), [(1, 4), (7, 10), (9, 10), (10, 10)])
def test_raising_adds_three_up_to_ten(before: int, after: int) -> None:
    result = raised(analysis(urgency=before), Priority.CRITICAL)
    assert (result.urgency_score, result.priority_level) == (after, Priority.CRITICAL)
