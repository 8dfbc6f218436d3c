"""Edits and revokes change what their author has written, and nobody else's messages.

Each case is in its own chat, so that one store is enough for all of them.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.store.messages import NOON, NUMBER, in_group, message

_FIRST, _CHANGE = "3EB0000001", "3EB0000002"


def person(place: int) -> dict[str, Any]:
    """A customer's chat by number; `as_lid` is the same by LID."""
    number = Jid(f"90555111{place:04}", "s.whatsapp.net")
    lid = Jid(f"1000000000{place:04}", "lid")
    return {"chat": number, "chat_alt": lid, "sender": number, "sender_alt": lid}


def as_lid(who: dict[str, Any]) -> dict[str, Any]:
    chat, alt = who["chat"], who["chat_alt"]
    return {"chat": alt, "chat_alt": chat, "sender": alt, "sender_alt": chat}


def change(kind: Kind, text: str = "", **fields: Any) -> Message:
    return message(2, text, kind=kind, target_id=_FIRST, **fields)


async def found(stored: Store) -> dict[int, tuple[Any, bool, bool]]:
    """By the chat's position: the new text, whether it was revoked, and what was refused."""
    places: dict[int, tuple[Any, bool, bool]] = {}
    rows = await stored.messages()
    refused = {
        _place(row) for row in rows if row.skip_reason == "refused" and row.last_error is not None
    }
    for row in rows:
        if row.message_id == _FIRST:
            place = _place(row)
            places[place] = (row.edited_text, row.revoked_at is not None, place in refused)
    return places


def _place(row: Any) -> int:
    return int((row.chat_number or row.chat_jid.partition("@")[0])[-4:])


async def test_an_author_changes_their_own_by_number_or_lid(
    ledger: SqlLedger, stored: Store
) -> None:
    for place, (is_lid, is_other) in enumerate(product((False, True), repeat=2)):
        who = person(place)
        first, second = (as_lid(who) if one else who for one in (is_lid, is_other))
        await ledger.record([message(1, "Fiyatı 9.900", **first)])
        await ledger.record([change(Kind.EDIT, "Fiyatı 8.900", **second)])
    own = person(4)
    await ledger.record([message(1, "Fiyatı 9.900", from_me=True, **own)])
    await ledger.record([replace(change(Kind.REVOKE, from_me=True, **own), message_id="3EB0R")])
    assert await found(stored) == {
        **dict.fromkeys(range(4), ("Fiyatı 8.900", False, False)),
        4: (None, True, False),
    }


async def test_nobody_changes_the_others_words(ledger: SqlLedger, stored: Store) -> None:
    """Whether the message was here before, comes in the same batch, or comes later."""
    cases = product((True, False), (Kind.EDIT, Kind.REVOKE), (Origin.LIVE, Origin.HISTORY), "bsl")
    count = 0
    for place, (from_me, kind, origin, order) in enumerate(cases):
        fields = person(place) | {"origin": origin}
        original = message(1, "Fiyatı 9.900", from_me=from_me, **fields)
        forged = change(kind, "Fiyatı 1", from_me=not from_me, by_admin=True, **fields)
        batches = {"b": [[original], [forged]], "s": [[original, forged]]}
        for batch in batches.get(order, [[forged], [original]]):
            await ledger.record(batch)
        count += 1
    assert await found(stored) == dict.fromkeys(range(count), (None, False, True))


async def test_a_change_waits_for_what_comes_later(ledger: SqlLedger, stored: Store) -> None:
    """A history chunk may bring the message after what changes it."""
    for place, kind in enumerate((Kind.EDIT, Kind.REVOKE)):
        await ledger.record([change(kind, "yeni", **person(place))])
        await ledger.record([message(1, "eski", origin=Origin.HISTORY, **person(place))])
    assert await found(stored) == {0: ("yeni", False, False), 1: (None, True, False)}


async def test_an_admin_takes_back_what_others_wrote_and_edits_nothing(
    ledger: SqlLedger, stored: Store
) -> None:
    """In a group; an admin whose status is unknown now does not count."""
    expected = {}
    cases = [(Kind.REVOKE, True), (Kind.REVOKE, False), (Kind.REVOKE, None), (Kind.EDIT, True)]
    for place, ((kind, by_admin), is_late) in enumerate(product(cases, (False, True))):
        group = Jid(f"12036300000000{place:04}", "g.us")
        original = in_group(1, "Saat 9'da", chat=group, sender=NUMBER, sender_alt=None)
        forged = replace(
            in_group(2, "Saat 8'de", chat=group, sender=Jid("77", "lid"), sender_alt=None),
            kind=kind,
            target_id=_FIRST,
            by_admin=by_admin,
        )
        for one in (forged, original) if is_late else (original, forged):
            await ledger.record([one])
        counts = kind is Kind.REVOKE and by_admin is True
        expected[place] = (None, counts, not counts)
    assert await found(stored) == expected


async def test_an_edit_is_judged_where_its_keys_came_before_it(
    ledger: SqlLedger, stored: Store
) -> None:
    who = person(1)
    await ledger.record([message(1, "Kadrom böyle", **who)])
    [work] = await ledger.claim(1)
    await ledger.record([message(2, "", kind=Kind.PROTOCOL, **who)])
    await ledger.record([change(Kind.EDIT, "Kadrom çatladı", **who)])
    with pytest.raises(TransientError):
        await ledger.bury(work, "the old words")
    [again] = await ledger.claim(1)
    assert again.message.text == "Kadrom çatladı"


async def test_what_is_refused_is_refused_in_the_store_where_its_keys_came_before_it(
    ledger: SqlLedger, stored: Store
) -> None:
    """A member's first message in a group comes twice under its id, first with keys alone."""
    other = {"sender": Jid("905551110002", "s.whatsapp.net"), "sender_alt": None}
    await ledger.record([in_group(1, "4 takım alıyorum")])
    await ledger.record([in_group(2, "", kind=Kind.PROTOCOL, **other)])
    edit = {"kind": Kind.EDIT, "target_id": _FIRST}
    await ledger.record([in_group(2, "40 takım alıyorum", **edit, **other)])
    words, forged = await stored.messages()
    assert (words.edited_text, forged.kind, forged.skip_reason) == (None, "edit", "refused")
    assert forged.last_error


async def test_what_is_refused_is_told_once(ledger: SqlLedger) -> None:
    await ledger.record([message(1, "Fiyatı 9.900", from_me=True)])
    told = (await ledger.record([change(Kind.REVOKE)])).skipped
    assert [(one.message_id, one.reason) for one in told] == [(_CHANGE, "refused")]
    assert (await ledger.record([change(Kind.REVOKE)])).skipped == []


async def test_of_ones_edits_the_last_one_sent_stands(ledger: SqlLedger, stored: Store) -> None:
    """Whatever order they arrive in, and whatever another has tried."""
    early, late = (NOON + timedelta(minutes=one) for one in (1, 2))
    for place, order in enumerate((("first", "second"), ("second", "first"))):
        who = person(place)
        edits = {
            "first": replace(change(Kind.EDIT, "15", **who), message_id="3EB0E1", sent_at=early),
            "second": replace(change(Kind.EDIT, "17", **who), message_id="3EB0E2", sent_at=late),
        }
        forged = change(Kind.EDIT, "1", **who | {"from_me": True})
        await ledger.record([message(1, "14", **who)])
        await ledger.record(
            [replace(forged, message_id="3EB0E3", sent_at=late + timedelta(minutes=1))]
        )
        for one in order:
            await ledger.record([edits[one]])
    assert await found(stored) == dict.fromkeys(range(2), ("17", False, True))
