"""How many customers wrote, have an answer, and wait."""

from datetime import UTC, datetime, timedelta

from izer_bridge.reports.customers import ChatLine, count, shown

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def line(chat: int, minute: int, *, ours: bool = False, wants: bool = True) -> ChatLine:
    return ChatLine(chat, NOON + timedelta(minutes=minute), ours, wants)


def test_each_customer_is_counted_once_by_how_it_stands() -> None:
    found = count(
        [
            line(1, 0),
            line(1, 2),
            line(2, 3),
            line(1, 4, ours=True),
            line(3, 5, wants=False),
            line(4, 6, ours=True),
            line(1, 7, wants=False),
            line(5, 8),
            line(5, 18, ours=True),
            line(5, 20),
        ]
    )
    assert (found.wrote, found.answered, found.waiting, found.nothing_to_answer) == (4, 1, 2, 1)
    assert found.median_answer_seconds == 7 * 60


def test_nobody_wrote() -> None:
    assert count([]).median_answer_seconds is None
    assert [shown(one) for one in (None, 5, 240, 4800)] == ["–", "5 s", "4 min", "1 h 20 min"]
