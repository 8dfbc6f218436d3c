"""What begins, ends and stays between two looks, and what a command ends with."""

from datetime import UTC, datetime, timedelta

from izer_bridge.domain.condition import (
    Condition,
    ConditionName,
    ConditionsSeen,
    changed,
    error,
    exit_code,
    in_order,
    warning,
)

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
FULL = error(ConditionName.DISK_FULL, "the disk is full", "make room")
AWAY = error(ConditionName.STORE_AWAY, "the store is away", "start it")
CHEF = warning(ConditionName.AGENT_DOWN, "chef is down", "start it", about="chef")
MAID = warning(ConditionName.AGENT_DOWN, "maid is down", "start it", about="maid")


def test_what_is_found_begins_once_and_ends_once() -> None:
    holding, news = changed((), ConditionsSeen([FULL]), NOW)
    assert [one.since for one in holding] == [NOW]
    assert (list(news.begun), list(news.ended)) == (holding, [])
    again, news = changed(holding, ConditionsSeen([FULL]), LATER)
    assert (again, bool(news)) == (holding, False)
    none, news = changed(again, ConditionsSeen(), LATER)
    assert (none, list(news.ended), list(news.begun)) == ([], holding, [])


def test_what_cannot_be_seen_neither_begins_nor_ends() -> None:
    holding, _ = changed((), ConditionsSeen([AWAY]), NOW)
    unseen = ConditionsSeen([], frozenset({ConditionName.STORE_AWAY}))
    assert changed(holding, unseen, LATER)[0] == holding
    assert changed((), unseen, LATER) == ([], changed((), ConditionsSeen(), NOW)[1])


def test_two_of_a_kind_are_told_apart() -> None:
    holding, _ = changed((), ConditionsSeen([CHEF, MAID]), NOW)
    left, news = changed(holding, ConditionsSeen([MAID]), LATER)
    assert [one.about for one in left] == ["maid"]
    assert [one.about for one in news.ended] == ["chef"]


def test_what_becomes_worse_is_told_again_and_what_becomes_better_is_not() -> None:
    worse = error(ConditionName.AGENT_DOWN, "and 3 wait", "start it", about="chef")
    holding, _ = changed((), ConditionsSeen([CHEF]), NOW)
    holding, news = changed(holding, ConditionsSeen([worse]), LATER)
    assert [(one.sentence, one.since) for one in news.begun] == [("and 3 wait", NOW)]
    _, news = changed(holding, ConditionsSeen([CHEF]), LATER)
    assert not news


def test_the_worst_comes_first_and_makes_the_exit_code() -> None:
    assert [one.name for one in in_order([CHEF, AWAY, FULL])] == [
        ConditionName.DISK_FULL,
        ConditionName.STORE_AWAY,
        ConditionName.AGENT_DOWN,
    ]
    assert [exit_code(found) for found in ([], [CHEF], [CHEF, FULL])] == [0, 3, 1]


def test_what_is_written_is_read_again() -> None:
    for one in changed((), ConditionsSeen([FULL, CHEF]), NOW)[0]:
        assert Condition.of_json(one.as_json()) == one
