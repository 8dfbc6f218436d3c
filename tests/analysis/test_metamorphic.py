"""What must not change how a message is judged; generated from the held-out and given messages.

Every relation is held for all of them, and says how many may move: a point of urgency in doubt is
no fault, another kind of answer is.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from izer_bridge.analysis.local.analyser import analyse
from izer_bridge.domain.analysis import URGENT_FROM, Analysis
from izer_bridge.domain.message import HistoryEntry, Subject
from tests.analysis.sets import labelled

Change = Callable[[Subject], Subject]
SUBJECTS = [one.subject for name in ("analysis-dev", "analysis-heldout") for one in labelled(name)]
# A message of two words leans on every sign beside it.
FEWEST_WORDS = 3


def _said(one: Subject) -> HistoryEntry:
    """The same message as the one right before it, half an hour ago, from the same person."""
    return HistoryEntry(
        one.chat_name, one.text, one.sent_at - timedelta(minutes=30), "text", from_me=False
    )


def of_another(one: Subject) -> Subject:
    return replace(one, chat_name="Zeynep", phone_number="+905550000001", message_id="another")


def _answer(one: Subject) -> HistoryEntry:
    sent_at = one.sent_at - timedelta(minutes=20)
    return HistoryEntry("İzer Bisiklet", "Tamam", sent_at, "text", from_me=True)


def answered(one: Subject) -> Subject:
    return replace(one, history=(_answer(one),))


def once_more(one: Subject) -> Subject:
    """The shop has answered the first, so that nobody waits."""
    return replace(one, history=(_said(one), _answer(one)))


def alone(one: Subject) -> Subject:
    return replace(one, history=())


def with_emoji(one: Subject) -> Subject:
    return replace(one, text=f"{one.text} 🚲")


def after_a_greeting(one: Subject) -> Subject:
    return replace(one, text=f"Merhaba, {one.text}")


def after_a_long_greeting(one: Subject) -> Subject:
    return replace(one, text=f"İyi günler kolay gelsin, {one.text}")


def with_a_full_stop(one: Subject) -> Subject:
    return replace(one, text=f"{one.text.rstrip()}.")


def spaced_out(one: Subject) -> Subject:
    return replace(one, text=f"  {one.text}\n")


def _words(one: Subject) -> int:
    return len(one.text.split())


def _moved(base: Change, change: Change) -> Iterator[tuple[Subject, Analysis, Analysis]]:
    for one in SUBJECTS:
        if _words(one) >= FEWEST_WORDS:
            before, after = analyse(base(one)), analyse(change(base(one)))
            if _kind(before) != _kind(after):
                yield one, before, after


def _kind(analysis: Analysis) -> tuple[str, bool]:
    return str(analysis.category), analysis.urgency_score >= URGENT_FROM


@pytest.mark.parametrize(
    ("base", "change", "share"),
    [
        (lambda one: one, of_another, 0.0),
        (lambda one: one, spaced_out, 0.0),
        (lambda one: one, with_a_full_stop, 0.0),
        (lambda one: one, with_emoji, 0.03),
        (alone, after_a_greeting, 0.05),
        (alone, after_a_long_greeting, 0.06),
        (answered, once_more, 0.02),
    ],
)
def test_what_says_nothing_moves_nothing(base: Change, change: Change, share: float) -> None:
    moved = [(one.text[:60], _kind(a), _kind(b)) for one, a, b in _moved(base, change)]
    asked = sum(_words(one) >= FEWEST_WORDS for one in SUBJECTS)
    assert len(moved) <= share * asked, f"{len(moved)} of {asked}: {moved[:5]}"
