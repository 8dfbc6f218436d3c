"""The results of recording messages, on both stores."""

import unicodedata
from typing import Any

import pytest

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.pipeline.ports import Skipped
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.store.messages import GROUP, LID, NUMBER, in_group, message

HANS = Jid.parse("4915550100266@s.whatsapp.net")


async def only(stored: Store) -> Any:
    [row] = await stored.messages()
    return row


async def test_the_same_message_twice_is_one_row(ledger: SqlLedger, stored: Store) -> None:
    await ledger.record([message(1), message(1)])
    await ledger.record([message(1, "anders")])
    assert (await only(stored)).current_message == "Merhaba"


async def test_one_id_in_two_chats_is_two_messages(ledger: SqlLedger, stored: Store) -> None:
    await ledger.record([message(1), message(1, chat=HANS)])
    assert len(await stored.messages()) == 2


@pytest.mark.parametrize("is_one_batch", [True, False])
async def test_a_groups_first_event_is_filled_by_the_second(
    ledger: SqlLedger, stored: Store, is_one_batch: bool
) -> None:
    name = "İzer Management"
    events = [
        in_group(1, "", kind=Kind.PROTOCOL, chat_name=name),
        in_group(1, "Toplantı var", chat_name=name),
    ]
    for batch in [events] if is_one_batch else [[event] for event in events]:
        await ledger.record(batch)
    row = await only(stored)
    assert (row.current_message, row.kind, row.state) == ("Toplantı var", "text", "recorded")
    assert row.skip_reason is None


async def test_number_and_lid_of_one_person_are_one_contact_in_one_chat(
    ledger: SqlLedger, stored: Store
) -> None:
    """First by number, then by LID alone, then with both: two contacts become one."""
    await ledger.record([message(1)])
    await ledger.record([message(2, chat=LID)])
    rows = await stored.messages()
    assert len({row.chat_lid or row.chat_number for row in rows}) == 2
    await ledger.record([message(3, chat=LID, chat_alt=NUMBER, sender_alt=NUMBER)])
    rows = await stored.messages()
    assert {(row.chat_number, row.chat_lid) for row in rows} == {("+905551112233", LID.user)}
    assert {(row.sender_number, row.sender_lid) for row in rows} == {("+905551112233", LID.user)}
    assert {row.phone_number for row in rows} == {"+905551112233"}
    assert len(await ledger.context(rows[2].id, 20)) == 2


async def test_a_lid_that_comes_with_a_new_number_is_the_same_person(
    ledger: SqlLedger, stored: Store
) -> None:
    """A person with a new number keeps the LID; also if everything arrives at once."""
    new = Jid.parse("905559998877@s.whatsapp.net")
    await ledger.record([message(1, chat=LID, chat_alt=NUMBER, sender_alt=NUMBER)])
    await ledger.record([message(2, chat=new)])
    await ledger.record([message(3, chat=LID, chat_alt=new, sender_alt=new), message(4)])
    rows = await stored.messages()
    assert {(row.chat_number, row.chat_lid) for row in rows} == {(new.number, LID.user)}


@pytest.mark.attack("another account with a known number takes over nobody's LID and chat")
@pytest.mark.parametrize("is_one_batch", [True, False])
async def test_a_known_lid_is_never_overwritten(
    ledger: SqlLedger, stored: Store, is_one_batch: bool
) -> None:
    other = Jid.parse("100000000000077@lid")
    both: dict[str, Any] = {"chat_alt": NUMBER, "sender_alt": NUMBER}
    await ledger.record([message(1, chat=LID, **both)])
    said = [message(2, chat=other), message(3, chat=other, **both), message(4, chat=LID, **both)]
    for batch in [said] if is_one_batch else [[one] for one in said]:
        await ledger.record(batch)
    rows = {row.message_id[-1]: row for row in await stored.messages()}
    assert [rows[one].chat_lid for one in "1234"] == [LID.user, other.user, other.user, LID.user]
    assert [rows[one].sender_lid for one in "1234"] == [LID.user, other.user, other.user, LID.user]
    assert {rows[one].chat_number for one in "14"} == {"+905551112233"}


@pytest.mark.parametrize("is_one_batch", [True, False])
async def test_a_verified_name_gives_way_to_another_verified_one_alone(
    ledger: SqlLedger, stored: Store, is_one_batch: bool
) -> None:
    """Whichever comes first; also if two addresses prove to be one business's."""
    both: dict[str, Any] = {"chat_alt": NUMBER, "sender_alt": NUMBER}
    verified: dict[str, Any] = {"has_verified_name": True}
    told = [
        message(1, sender_name="Mağaza 🚲"),
        message(2, chat=LID, sender_name="Parça Deposu A.Ş.", **verified),
        message(3, sender_name="Kampanya!"),
        message(4, chat=LID, sender_name="Kampanya!", **both),
        message(5, sender_name=""),
    ]
    for batch in [told] if is_one_batch else [[one] for one in told]:
        await ledger.record(batch)
    names = "SELECT name FROM contacts UNION SELECT name FROM chats"
    assert [row.name for row in await stored.rows(names)] == ["Parça Deposu A.Ş."]
    said = [row.sender_name for row in await stored.rows("SELECT * FROM webhook_messages")]
    assert said[3:] == 2 * ["Parça Deposu A.Ş."]
    await ledger.record([message(6, sender_name="Depo A.Ş.", **verified)])
    assert [row.name for row in await stored.rows("SELECT name FROM contacts")] == ["Depo A.Ş."]


async def test_names_are_kept_in_one_spelling(ledger: SqlLedger, stored: Store) -> None:
    apples = unicodedata.normalize("NFD", "Şule Öğün")
    await ledger.record([in_group(1, sender_name=apples, chat_name=apples)])
    [row] = await stored.rows("SELECT sender_name, chat_name FROM webhook_messages")
    assert tuple(row) == ("Şule Öğün", "Şule Öğün")


async def test_a_message_that_stood_in_both_chats_is_kept_once(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1), message(1, chat=LID)])
    await ledger.record([message(2, chat=NUMBER, chat_alt=LID, sender_alt=LID)])
    assert [row.message_id for row in await stored.messages()] == ["3EB0000001", "3EB0000002"]


async def test_a_number_that_is_learnt_later_reaches_the_older_rows(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1, chat=LID)])
    assert (await only(stored)).phone_number == ""
    await ledger.record([message(2, chat=LID, chat_alt=NUMBER, sender_alt=NUMBER)])
    assert {row.phone_number for row in await stored.messages()} == {"+905551112233"}


async def test_history_is_stored_and_never_worked(ledger: SqlLedger, stored: Store) -> None:
    await ledger.record([message(1, origin=Origin.HISTORY)])
    row = await only(stored)
    assert (row.state, row.skip_reason) == ("skipped", "history")
    assert not await ledger.claim(5)


async def test_a_message_that_only_history_knew_is_worked_when_it_comes_live(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1, origin=Origin.HISTORY)])
    await ledger.record([message(1)])
    row = await only(stored)
    assert (row.state, row.origin, row.skip_reason) == ("recorded", "live", None)


async def test_a_history_copy_changes_nothing_of_a_live_message(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1)])
    before = await only(stored)
    await ledger.record([message(1, "kopya", origin=Origin.HISTORY)])
    assert await only(stored) == before


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (message(1, from_me=True), "own"),
        (message(1, chat=Jid.parse("status@broadcast"), sender=NUMBER), "status"),
        (message(1, chat=Jid.parse("1203@newsletter")), "newsletter"),
        (message(1, "👍", kind=Kind.REACTION, target_id="3EB0"), "reaction"),
        (message(1, "", kind=Kind.REVOKE, target_id="3EB0"), "protocol"),
        (message(1, "  "), "empty"),
        (in_group(1), "group"),
        (in_group(1, chat_name="izer management"), None),
        (in_group(1, chat_name="Not the İzer Management"), "group"),
        (message(1, "", kind=Kind.IMAGE, media=Media("image/jpeg", 9)), None),
    ],
)
async def test_what_is_not_analysed_has_its_reason(
    ledger: SqlLedger, stored: Store, given: Message, reason: str | None
) -> None:
    await ledger.record([given])
    assert (await only(stored)).skip_reason == reason


async def test_what_comes_and_is_not_worked_is_named_once_and_history_is_not(
    ledger: SqlLedger,
) -> None:
    given = [
        message(1),
        message(2, "  "),
        in_group(3),
        message(4, origin=Origin.HISTORY),
        message(5, from_me=True, origin=Origin.HISTORY),
    ]
    empty, group = (
        Skipped(one.message_id, reason)
        for one, reason in ((given[1], SkipReason.EMPTY), (given[2], SkipReason.GROUP))
    )
    assert (await ledger.record(given)).skipped == [empty, group]
    assert (await ledger.record(given)).skipped == []


async def test_vips_and_groups_come_from_settings_and_tables(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1), message(2, chat=HANS), in_group(3)])
    await stored.execute(
        "INSERT INTO important_customers (customer_name, phone_number)"
        " VALUES ('Ayşe', '0 (555) 111-22-33')"
    )
    await stored.execute(
        "INSERT INTO critical_groups (group_name, group_identifier) VALUES ('T', :jid)",
        jid=str(GROUP),
    )
    await ledger.record([message(4), in_group(5)])
    rows = await stored.messages()
    assert [bool(row.is_vip_customer) for row in rows] == [False, True, False, True, True]
    assert [bool(row.is_critical_group) for row in rows] == [False] * 4 + [True]


async def test_whose_a_group_is_stays_known_while_whatsapp_does_not_say(
    ledger: SqlLedger, stored: Store
) -> None:
    told = [None, True, None, False, None]
    for number, is_admin in enumerate(told):
        one = in_group(number, chat_name="İzer Management", shop_is_admin=is_admin)
        unconfirmed = (await ledger.record([one])).unconfirmed
        assert unconfirmed == ({GROUP} if number >= 3 else set())
    rows = await stored.messages()
    assert [bool(row.is_critical_group) for row in rows] == [False, True, True, False, False]


async def test_what_is_said_of_a_group_holds_from_there_within_one_recording(
    ledger: SqlLedger, stored: Store
) -> None:
    said = [("İzer Management", None), ("Depo", None), ("İzer Management", True)]
    said += [("İzer Management", None), ("Depo", False), ("İzer Management", None)]
    await ledger.record(
        [
            in_group(number, chat_name=name, shop_is_admin=is_admin)
            for number, (name, is_admin) in enumerate(said)
        ]
    )
    rows = await stored.messages()
    assert [row.chat_name for row in rows] == [name for name, _ in said]
    assert [bool(row.is_critical_group) for row in rows] == [False, False, True, True, False, False]
    await ledger.record([in_group(7, chat_name="")])
    assert (await stored.messages())[-1].chat_name == "İzer Management"


async def test_over_http_a_name_is_all_there_is(ledger: SqlLedger, stored: Store) -> None:
    critical: dict[str, Any] = {"chat_name": "İzer Management", "shop_is_admin": None}
    await ledger.record([in_group(1, origin=Origin.WEBHOOK, **critical), in_group(2, **critical)])
    rows = await stored.messages()
    assert [bool(row.is_critical_group) for row in rows] == [True, False]


async def test_an_inactive_row_makes_nobody_important(ledger: SqlLedger, stored: Store) -> None:
    await stored.execute(
        "INSERT INTO important_customers (customer_name, phone_number, is_active)"
        " VALUES ('Ayşe', '+905551112233', 0)"
    )
    await ledger.record([message(1)])
    assert not (await only(stored)).is_vip_customer


async def test_an_edit_is_its_senders_own(ledger: SqlLedger, stored: Store) -> None:
    await ledger.record([in_group(1, "saat 3"), in_group(2, "saat 5", sender=HANS)])
    theirs = {"kind": Kind.EDIT, "target_id": "3EB0000001"}
    await ledger.record([in_group(3, "sahte", sender=HANS, sender_alt=None, **theirs)])
    assert (await stored.messages())[0].edited_text is None
    await ledger.record([in_group(4, "saat 4", **theirs)])
    assert (await stored.messages())[0].edited_text == "saat 4"


async def test_texts_of_every_plane_and_length_stand_as_they_were(
    ledger: SqlLedger, stored: Store
) -> None:
    planes = "".join(chr(point) for point in (0x131, 0x5E9, 0x4E2D, 0x1F6B2, 0x20000, 0xE0041))
    texts = [planes * 3, "ş" * 100_000, "\u202eters\u202c \u200b"]
    await ledger.record([message(number, text) for number, text in enumerate(texts)])
    assert [row.current_message for row in await stored.messages()] == texts


async def test_what_no_store_can_hold_is_replaced(ledger: SqlLedger, stored: Store) -> None:
    await ledger.record([message(1, "a\0b\ud800c", message_id="x" * 600, sender_name="n" * 300)])
    row = await only(stored)
    assert row.current_message == "ab\ufffdc"
    assert len(row.message_id) <= 255
