"""Which events a day in the ledger emits, to whom, and how they are claimed, on both stores."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from izer_bridge.domain.event import EVERY_TYPE, EventType, Subscriptions
from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.link_state import LinkState, LinkStatus
from izer_bridge.domain.message import Kind, Media, Origin
from izer_bridge.events.store.emit import emit
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING, Clock, counts_of
from tests.store.messages import ACCOUNT, LID, NOON, NUMBER, RECORD, in_group, message

WANTED = {
    "crm": EVERY_TYPE,
    "board": frozenset({EventType.MESSAGE, EventType.SESSION_STATUS}),
}


async def opened(url: str, clock: Clock, subscriptions: Subscriptions) -> SqlLedger:
    ledger = SqlLedger(url, SCREENING, "me", subscriptions=subscriptions, clock=clock)
    await ledger.open()
    return ledger


@pytest.fixture
async def telling(store_url: str, clock: Clock) -> AsyncIterator[SqlLedger]:
    ledger = await opened(store_url, clock, Subscriptions(WANTED))
    yield ledger
    await ledger.close()


async def told(stored: Store, target: str = "crm") -> list[dict[str, Any]]:
    rows = await stored.rows(
        "SELECT e.payload, d.target FROM events e JOIN event_deliveries d ON d.event_id = e.id "
        "ORDER BY d.id"
    )
    return [json.loads(row.payload) for row in rows if row.target == target]


async def test_a_message_is_told_once_to_each_who_wants_it(
    telling: SqlLedger, stored: Store
) -> None:
    photo = message(2, "Bu?", kind=Kind.IMAGE, media=Media("image/png", 5, "a.png"))
    await telling.record([message(1), photo])
    await telling.record([message(1), photo])
    found = await told(stored)
    assert found == await told(stored, "board")
    assert [one["data"]["message_id"] for one in found] == ["3EB0000001", "3EB0000002"]
    assert found[0] == {
        "type": "message",
        "timestamp": NOON.isoformat(),
        "data": {
            "message_id": "3EB0000001",
            "account": ACCOUNT,
            "chat": str(NUMBER),
            "chat_name": "Ayşe",
            "sender": str(NUMBER),
            "sender_name": "Ayşe",
            "phone_number": "+905551112233",
            "from_me": False,
            "is_automatic": False,
            "is_forwarded": False,
            "kind": "text",
            "origin": "live",
            "sent_at": (NOON + timedelta(seconds=1)).isoformat(),
            "is_vip": False,
            "is_critical_group": False,
            "media_type": None,
            "media_size": None,
            "target_id": None,
            "text": "Merhaba",
            "file_name": None,
        },
    }
    assert found[1]["data"]["file_name"] == "a.png"


async def test_what_is_no_news_is_not_told(telling: SqlLedger, stored: Store) -> None:
    status = Jid.parse("status@broadcast")
    letter = Jid.parse("120363000000000077@newsletter")
    await telling.record(
        [
            message(1, origin=Origin.HISTORY),
            message(2, chat=status, sender=NUMBER),
            message(3, chat=letter, sender=letter),
            in_group(4, "", kind=Kind.PROTOCOL),
            message(5, "x", kind=Kind.EDIT, target_id="3EB0009999"),
        ]
    )
    assert await told(stored) == []
    await telling.record([message(1), in_group(4, "Koli geldi")])
    assert [one["data"]["text"] for one in await told(stored)] == ["Merhaba", "Koli geldi"]


async def test_edits_and_revokes_are_told_when_they_change_something(
    telling: SqlLedger, stored: Store
) -> None:
    edit = message(2, "Selam", kind=Kind.EDIT, target_id="3EB0000001")
    stranger = message(3, "x", kind=Kind.EDIT, target_id="3EB0000001", chat=LID, sender=LID)
    revoke = message(4, "", kind=Kind.REVOKE, target_id="3EB0000001")
    await telling.record([message(1), edit, stranger, revoke])
    await telling.record([edit, revoke])
    _, edited, revoked = await told(stored)
    assert (edited["type"], edited["data"]["text"]) == ("message.edited", "Selam")
    assert (revoked["type"], revoked["data"]["changed_by"]) == ("message.revoked", "3EB0000004")
    assert edited["data"]["message_id"] == revoked["data"]["message_id"] == "3EB0000001"
    assert "text" not in revoked["data"]


async def test_analysis_death_gap_and_link_are_told(telling: SqlLedger, stored: Store) -> None:
    await telling.record([message(1)])
    [work] = await telling.claim(1)
    await telling.analysed(work, RECORD)
    await telling.open()
    [work] = await telling.claim(1)
    await telling.bury(work, "the agent refused it (400)")
    gap = Gap(ACCOUNT, "3EB0000009", GapReason.UNAVAILABLE, NOON, NUMBER)
    await telling.notice([gap])
    await telling.notice([gap])
    status = LinkStatus(LinkState.LOGGED_OUT)
    await telling.deliveries().tell_status("FAILED", status, NOON)
    _, analysed, dead, missing, failed = await told(stored)
    assert analysed["type"] == "analysis.completed"
    assert (
        analysed["data"].items()
        >= {
            "message_id": "3EB0000001",
            "urgency_score": 7,
            "category": "technical",
            "analyser": "local",
            "keywords": ["fren", "acil"],
            "business_context": "Fren arızası",
        }.items()
    )
    assert dead["type"] == "message.dead"
    assert dead["data"]["error"] == "the agent refused it (400)"
    assert (missing["type"], missing["data"]["reason"]) == ("gap.detected", "unavailable")
    assert (failed["type"], failed["data"]["status"]) == ("session.status", "FAILED")
    assert [one["type"] for one in await told(stored, "board")] == ["message", "session.status"]


async def test_words_stay_here_where_the_operator_says_so(
    store_url: str, clock: Clock, stored: Store
) -> None:
    ledger = await opened(store_url, clock, Subscriptions(WANTED, with_texts=False))
    await ledger.record([message(1, "gizli söz")])
    [work] = await ledger.claim(1)
    await ledger.analysed(work, RECORD)
    await ledger.close()
    found = await told(stored)
    assert [one["type"] for one in found] == ["message", "analysis.completed"]
    assert not any(word in json.dumps(found, ensure_ascii=False) for word in ("gizli", "fren"))


async def test_nothing_is_written_for_nobody(ledger: SqlLedger, stored: Store) -> None:
    await ledger.record([message(1)])
    assert await stored.rows("SELECT id FROM events") == []


async def test_what_did_not_happen_is_not_told(telling: SqlLedger, stored: Store) -> None:
    database = await telling.store()

    def change(connection: Connection) -> None:
        emit(connection, EventType.DRAFT_CREATED, {"draft": 1}, at=NOON)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(change)
    assert await stored.rows("SELECT id FROM events") == []
    assert await stored.rows("SELECT id FROM event_deliveries") == []


async def test_a_delivery_belongs_to_one_until_its_lease_ends(
    telling: SqlLedger, clock: Clock, store_url: str, stored: Store
) -> None:
    await telling.record([message(number) for number in range(3)])
    other = await opened(store_url, clock, Subscriptions(WANTED))
    first = await telling.deliveries().claim("crm", 2, 30)
    second = await other.deliveries().claim("crm", 9, 30)
    assert (len(first), len(second)) == (2, 1)
    assert await other.deliveries().claim("crm", 9, 30) == ()
    assert len(await other.deliveries().claim("board", 9, 30)) == 3
    await telling.deliveries().delivered(first[0])
    clock.forward(31)
    again = await other.deliveries().claim("crm", 9, 30)
    assert {one.event_id for one in again} == {first[1].event_id, second[0].event_id}
    # The slower process has lost it, and no longer has a say about it.
    await telling.deliveries().bury(first[1], "too late")
    [mine] = [one for one in again if one.event_id == first[1].event_id]
    await other.deliveries().delivered(mine)
    states = await stored.rows(
        f"SELECT state FROM event_deliveries WHERE event_id = '{mine.event_id}' "  # noqa: S608
        "AND target = 'crm'"
    )
    assert [row.state for row in states] == ["delivered"]
    await other.close()


async def test_a_shut_target_gets_nothing_and_loses_nothing(
    telling: SqlLedger, clock: Clock
) -> None:
    await telling.record([message(1)])
    [one] = await telling.deliveries().claim("crm", 9, 30)
    await telling.deliveries().shut("crm", one, "answered 410")
    await telling.deliveries().shut("crm", one, "answered 410")
    await telling.record([message(2)])
    assert await telling.deliveries().claim("crm", 9, 30) == ()
    assert len(await telling.deliveries().claim("board", 9, 30)) == 2
    assert (await counts_of(telling).stats()).events == {
        "pending": 4,
        "delivered": 0,
        "dead": 0,
        "dropped": 0,
    }
