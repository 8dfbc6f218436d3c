"""What a message does to the row of its key, and its first state, as tables of cases."""

from datetime import timedelta
from typing import Any

import pytest

from izer_bridge.domain.message import Kind, Media, Origin
from izer_bridge.domain.message_state import SkipReason, State
from izer_bridge.domain.skip import skip_reason
from izer_bridge.pipeline.recording_plan import Beginning, Entry, Known, beginning_of, entry_of
from tests.store.messages import NOON, message


def known(kind: Kind, state: State, text: str = "", origin: Origin = Origin.LIVE) -> Known:
    return Known(1, str(kind), text, str(origin), str(state))


SAID = known(Kind.TEXT, State.RECORDED, "Merhaba")
FROM_HISTORY = known(Kind.TEXT, State.SKIPPED, "Merhaba", Origin.HISTORY)
ONLY_KEYS = known(Kind.PROTOCOL, State.SKIPPED)
# A call's end without an offer, taken by another of the shop's devices.
TAKEN = known(Kind.PROTOCOL, State.SKIPPED, "[arama alındı]")
RINGING = known(Kind.CALL, State.RECORDED, "[arama]")
ON_THE_PHONE = known(Kind.PHONE_ONLY, State.RECORDED)
PHOTO = Media("image/jpeg", 1)


@pytest.mark.parametrize(
    ("row", "fields", "entry"),
    [
        (None, {}, Entry.NEW),
        (SAID, {}, Entry.REPEATS),
        (SAID, {"text": "Selam"}, Entry.REPEATS),
        (SAID, {"origin": Origin.HISTORY}, Entry.REPEATS),
        # A message that only history knew and that now arrives live is worked after all.
        (FROM_HISTORY, {}, Entry.REPLACES),
        (FROM_HISTORY, {"origin": Origin.HISTORY}, Entry.REPEATS),
        # A group's first event contains only keys.
        (ONLY_KEYS, {}, Entry.REPLACES),
        (ONLY_KEYS, {"kind": Kind.PROTOCOL}, Entry.REPEATS),
        (TAKEN, {"kind": Kind.CALL, "settles_at": NOON}, Entry.REPEATS),
        # A phone-only message gets its words now; without words it stays.
        (ON_THE_PHONE, {}, Entry.REPLACES),
        (ON_THE_PHONE, {"text": "", "media": PHOTO, "kind": Kind.IMAGE}, Entry.REPLACES),
        (ON_THE_PHONE, {"text": "", "kind": Kind.PROTOCOL}, Entry.REPEATS),
        (ON_THE_PHONE, {"kind": Kind.PHONE_ONLY}, Entry.REPEATS),
        # A taken call was not missed; one that nobody took has settled.
        (RINGING, {"text": "[arama alındı]", "kind": Kind.PROTOCOL}, Entry.REPLACES),
        (RINGING, {"kind": Kind.CALL}, Entry.SETTLES),
        (RINGING, {"kind": Kind.CALL, "settles_at": NOON}, Entry.REPEATS),
        (SAID, {"kind": Kind.CALL}, Entry.REPEATS),
    ],
)
def test_what_a_message_does_to_the_row_of_its_key(
    row: Known | None, fields: dict[str, Any], entry: Entry
) -> None:
    assert entry_of(message(1, **fields), row) is entry


SOON = NOON + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("settles_at", "reason", "beginning"),
    [
        (None, None, Beginning(State.RECORDED, None, None)),
        (SOON, None, Beginning(State.RECORDED, None, SOON)),
        (NOON, None, Beginning(State.RECORDED, None, None)),
        # A sender's clock may be ahead.
        (
            NOON + timedelta(days=1),
            None,
            Beginning(State.RECORDED, None, NOON + timedelta(minutes=1)),
        ),
        (SOON, SkipReason.OWN, Beginning(State.SKIPPED, SkipReason.OWN, None)),
    ],
)
def test_where_a_message_begins(
    settles_at: Any, reason: SkipReason | None, beginning: Beginning
) -> None:
    assert beginning_of(message(1, settles_at=settles_at), reason, NOON) == beginning


def test_an_owners_decision_is_no_word_of_a_customer() -> None:
    usual = {"is_critical_group": False, "analyse_groups": False}
    assert skip_reason(message(1, "1"), **usual, is_decision=True) is SkipReason.DECISION
    assert skip_reason(message(1, "1"), **usual) is None
