"""Connectors' real requests are understood, each message once; with more cases of each kind."""

import base64
import json
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.field.connector import MOST_BYTES, Shop, body, fetched, open_shop

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00 picture"
GROUP = "120363041234567890@g.us"
AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


VIP = {"numbers": ["4915112345678", "905551119999@c.us"]}


@pytest.fixture
async def shop(store_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """If the store is involved, on each kind."""
    async with open_shop(store_url, tmp_path, vip=VIP) as one:
        yield one


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Shop]:
    """If only the request matters."""
    async with open_shop(f"sqlite:///{tmp_path / 'store.db'}", tmp_path, vip=VIP) as one:
        yield one


async def test_who_writes_is_known_in_every_connector_s_spelling(shop: Shop) -> None:
    """Cases 41, 42, 47 and the like; `vip` by the settings' other spelling."""
    spellings = {
        "491701234567": ("+491701234567", None),
        "35799123456": ("+35799123456", None),
        "905551112233@c.us": ("+905551112233", None),
        "+905551112234@c.us": ("+905551112234", None),
        "5551112235": ("+905551112235", None),
        "05551112236": ("+905551112236", None),
        "905551112237:4@s.whatsapp.net": ("+905551112237", None),
        "+184467440737095@lid": (None, "184467440737095"),
        "184467440737096@lid": (None, "184467440737096"),
    }
    for at, posted in enumerate(spellings):
        answer = await shop.taken(message_id=f"n{at}", phone_number=posted)
        assert answer["state"] == "settled", posted
        assert answer["routing"]["success"] is True
    number = await shop.taken(message_id="n-number", phone_number=905551112238)
    object_id = {"server": "c.us", "user": "905551112239", "_serialized": "905551112239@c.us"}
    await shop.taken(message_id="n-object", phone_number=object_id)
    rows = {
        one.message_id: (one.sender_number, one.sender_lid) for one in await shop.store.messages()
    }
    assert [rows[f"n{at}"] for at in range(len(spellings))] == list(spellings.values())
    assert rows["n-number"][0] == "+905551112238"
    assert rows["n-object"][0] == "+905551112239"
    assert number["database_id"]
    for vip in ("+49 151 12345678", "4915112345678@c.us", "0555 111 99 99"):
        await shop.taken(message_id=f"vip {vip}", phone_number=vip)
        assert (await shop.row(f"vip {vip}")).is_vip_customer
    status, refused = await shop.post(body(phone_number="447700900011"))
    assert status == 422
    assert refused["errors"][0]["field"] == "phone_number"


async def test_a_lid_is_nowhere_taken_for_a_number(reader: Shop) -> None:
    for at, spelling in enumerate(("98765432109876@lid", "+98765432109876@lid")):
        await reader.taken(message_id=f"l{at}", phone_number=spelling)
    [said] = await reader.store.rows("SELECT sender FROM message_history")
    assert said.sender == "98765432109876@lid"
    assert {one.phone_number for one in await reader.store.messages()} <= {None, ""}


async def test_times_and_ids_are_read_in_every_way_that_they_are_written(shop: Shop) -> None:
    """Case 43 and the like."""
    times: list[Any] = [
        "2026-11-29T15:00:00+03:00",
        1795953600,
        1795953600123,
        1795953600.0,
        "1795953600",
        "1795953600123",
        {"low": 1795953600, "high": 0, "unsigned": True},
    ]
    for at, written in enumerate(times):
        history = [{"sender": "Ali", "content": "Merhaba", "timestamp": written, "type": "chat"}]
        changes = {"message_id": 1000 + at, "chat_time": written, "history": history}
        assert (await shop.taken(**changes))["message_id"] == str(1000 + at)
    found = await shop.store.rows("SELECT chat_time FROM webhook_messages ORDER BY id")
    assert len(found) == len(times)
    assert {str(one.chat_time).replace("T", " ")[:19] for one in found} == {"2026-11-29 12:00:00"}
    for wrong in (0, 5, -1, 10**30, True, "yarın", {"low": "x"}):
        status, refused = await shop.post(body(message_id="w", chat_time=wrong))
        assert (status, [one["field"] for one in refused["errors"]]) == (422, ["chat_time"])


async def test_one_odd_history_item_costs_the_message_nothing(reader: Shop) -> None:
    """Case 44 and the like."""
    at = {"timestamp": "2026-11-29T11:59:00Z"}
    history: list[Any] = [
        {"sender": "Ali", "content": None, "type": "image", **at},
        {"sender": None, "content": "Buyurun", "type": "chat", "fromMe": True, **at},
        {"sender": "Ali", "timestamp": "2026-11-29T11:57:00Z", "type": "ptt"},
        {"sender": 905551112240, "content": 42, "timestamp": "2026-11-29T11:56:00Z", "type": None},
        {"author": "Veli", "body": "ham", "timestamp": None, "type": "chat"},
        {"content": "saatsiz", "timestamp": "dün"},
        {"type": "e2e_notification", "timestamp": 1795950000},
        {"sender": {"a": 1}, "content": ["x"], "timestamp": {}, "type": 7, "fromMe": "maybe"},
        None,
        "metin",
        [],
    ]
    answer = await reader.taken(current_message="Bu fotoğraftaki jant var mı?", history=history)
    assert answer["state"] == "settled"
    assert await reader.contents(answer) == ["saatsiz", "ham", "42", "[ptt]", "Buyurun", "[image]"]
    nothing = await reader.taken(message_id="f2", chat_name=None, history=None)
    assert nothing["state"] == "settled"
    few = {name: body()[name] for name in ("chat_time", "phone_number", "current_message")}
    assert (await reader.post({"message_id": "f3"} | few))[0] == 200


async def test_what_has_no_sender_or_no_words_is_refused_by_name(reader: Shop) -> None:
    for field, value in (
        ("phone_number", None),
        ("phone_number", "+undefined"),
        ("current_message", None),
        ("message_id", None),
        ("message_id", " "),
    ):
        status, answer = await reader.post(body(**{field: value}))
        assert (status, [one["field"] for one in answer["errors"]]) == (422, [field])
    assert await reader.store.messages() == []


@pytest.mark.parametrize("words", ["  \u200b ", "\u2800\u2800", "\u3164", "\ufe0f\u200d\u2060"])
async def test_words_that_nobody_sees_are_stored_and_worked_by_nobody(
    reader: Shop, words: str
) -> None:
    earlier = {"sender": "Ali", "content": words, "timestamp": 1795953000, "type": "chat"}
    answer = await reader.taken(current_message=words)
    assert (answer["state"], answer["skip_reason"]) == ("skipped", "empty")
    seen = await reader.taken(message_id="f2", current_message="❤️", history=[earlier])
    assert seen["state"] == "settled"
    assert await reader.contents(seen) == []


async def test_a_byte_order_mark_is_no_part_of_the_body(reader: Shop) -> None:
    """Case 48."""
    text = json.dumps(body(current_message="Çocuk bisikleti var mı?"), ensure_ascii=False)
    status, answer = await reader.post(b"\xef\xbb\xbf" + text.encode())
    assert (status, answer["state"]) == (200, "settled")
    assert (await reader.post(text.encode("utf-16")))[0] == 400


async def test_own_messages_and_groups_stand_as_on_whatsapp(reader: Shop) -> None:
    """Also case 34: a group's name as Apple's keyboards write it."""
    own = await reader.taken(message_id="own", fromMe=True, current_message="Bugün bakarız")
    assert (own["state"], own["skip_reason"]) == ("skipped", "own")
    to = "905551112233@c.us"
    await reader.taken(message_id="to", fromMe=True, phone_number="+905550000001", to=to)
    row = await reader.row("to")
    assert (row.from_me, row.chat_number) == (1, "+905551112233")
    group = {"chat_name": "Pazar turu", "phone_number": GROUP, "author": "905551112244@c.us"}
    ride = await reader.taken(message_id="ride", **group)
    assert (ride["state"], ride["skip_reason"]) == ("skipped", "group")
    row = await reader.row("ride")
    assert (row.chat_jid, row.sender_number) == (GROUP, "+905551112244")
    apple = unicodedata.normalize("NFD", "İzer  Management ")
    nobody = {"phone_number": f"+{GROUP}", "chat_name": apple}
    critical = await reader.taken(message_id="critical", **nobody)
    assert critical["state"] == "settled"
    assert (await reader.row("critical")).is_critical_group
    for at, type_ in enumerate(("e2e_notification", "gp2", "protocol")):
        notice = await reader.taken(message_id=f"notice{at}", current_message="", type=type_)
        assert notice["state"] == "skipped"


async def test_of_a_long_history_the_newest_twenty_count_without_the_message(
    reader: Shop,
) -> None:
    """Case 51."""
    text = "Bugün gelsem olur mu?"
    for order in (1, -1):
        history = fetched(60, text)[::order]
        answer = await reader.taken(message_id=f"f{order}", current_message=text, history=history)
        assert await reader.contents(answer) == [f"eski {number}" for number in range(40, 60)]


async def test_its_own_place_in_its_history_changes_nothing(reader: Shop) -> None:
    """Case 57."""
    texts = [
        "Cevap bekliyorum",
        "Fren ayarı ne kadar?",
        "Siparişim nerede kaldı?",
        "??",
        "Teşekkürler",
        "tamam",
        "Frenim tutmuyor",
        "Merhaba, açık mısınız?",
    ]
    for at, text in enumerate(texts):
        without, number = fetched(3, text)[1:], f"+905551112{at:03}"
        alone = await reader.taken(
            message_id=f"a{at}", phone_number=number, current_message=text, history=without
        )
        together = {
            f"s{at}": fetched(3, text)[:: 1 if at % 2 else -1],
            f"u{at}": fetched(3, text, id={"_serialized": f"false_9@c.us_3EB0AA{at}F"}),
        }
        for message_id, history in together.items():
            posted_id = f"wamid.1795953600123_3EB0AA{at}F" if message_id[0] == "u" else message_id
            other = await reader.taken(
                message_id=posted_id,
                phone_number=f"+9055522{'su'.index(message_id[0])}{at:04}",
                current_message=text,
                history=history,
            )
            assert other["analysis"] == alone["analysis"], text
            assert await reader.contents(other) == ["eski 1", "eski 2"]


async def test_words_that_came_before_stay_in_the_history(reader: Shop) -> None:
    text = "Cevap bekliyorum"
    earlier = {"sender": "Ali", "content": text, "timestamp": 1795950000, "type": "chat"}
    own = {"sender": "biz", "content": text, "timestamp": 1795953600, "fromMe": True}
    answer = await reader.taken(current_message=text, history=[earlier, own])
    assert await reader.contents(answer) == [text, text]


async def test_a_photo_under_two_ids_is_one_message(shop: Shop) -> None:
    """Case 59."""
    text = "Jantım böyle eğrildi"
    pairs = (
        ("wamid.1795953600123_3EB0F59", "wamid.1795953600923_3EB0F59"),
        ("wamid.1795953600123_3AF1C09B77D2E4", "false_905551112240@c.us_3AF1C09B77D2E4"),
        ("true_905551112240@c.us_AC5F00", "3EB0_AC5F00"),
        ("wamid.1795953600123_foto77", "wamid.1795953600999_foto77"),
    )
    for first, second in pairs:
        one = await shop.taken(message_id=first, current_message=text)
        later = {"chat_time": "2026-11-29T12:00:00.8Z"}
        words = f"[image/jpeg dosyası] {text}"
        two = await shop.taken(message_id=second, current_message=words, **later)
        assert two == one | {"message_id": second}
    assert len(await shop.store.messages()) == len(await shop.store.attempts()) == len(pairs)


async def test_ids_that_only_look_alike_are_different_messages(shop: Shop) -> None:
    ids = ["sip_12345678", "iade_12345678", "7", f"false_{GROUP}_3EB0A1_905551112240@c.us"]
    ids.append(f"false_{GROUP}_3EB0A2_905551112240@c.us")
    rows = {(await shop.taken(message_id=one))["database_id"] for one in ids}
    # Numbered by another customer's connector.
    rows.add((await shop.taken(message_id="7", phone_number="+905551112241"))["database_id"])
    assert len(rows) == len(ids) + 1


async def test_other_words_under_the_same_id_are_an_edit_and_are_judged(shop: Shop) -> None:
    """Retries of either are not edits; the retry of the first words is told which ones count."""
    first = await shop.taken(current_message="Yarın gelsem olur mu?")
    words = "Yarın gelsem olur mu? Frenim hiç tutmuyor"
    edited = await shop.taken(current_message=words)
    assert edited["database_id"] == first["database_id"]
    assert first["analysis"]["urgency_score"] < 8 <= edited["analysis"]["urgency_score"]
    assert await shop.taken(current_message=words) == edited
    again = await shop.taken(current_message="Yarın gelsem olur mu?")
    assert again.pop("analysed_message") == words
    assert again == edited
    rows = await shop.store.messages()
    assert [one.kind for one in rows] == ["text", "edit"]
    assert rows[0].edited_text == words
    assert len(await shop.store.attempts()) == 2


async def test_a_file_that_comes_along_is_kept_and_put_into_words(shop: Shop) -> None:
    """Case 45 and the like."""
    data = base64.b64encode(JPEG).decode()
    media = {"mimetype": "image/jpeg", "filename": "kadro.jpg", "data": data}
    photo = {"current_message": "", "type": "image", "hasMedia": True, "media": media}
    answer = await shop.taken(message_id="photo", **photo)
    assert answer["state"] == "settled"
    url = f"data:image/png;base64,{data}"
    claimed = {"current_message": "Bu?", "media": {"mimetype": "application/pdf", "data": url}}
    await shop.taken(message_id="claimed", phone_number="+905551112241", **claimed)
    kept = {one.message_id: one for one in await shop.store.media()}
    assert (kept["photo"].state, kept["photo"].found_type) == ("kept", "image/jpeg")
    assert kept["photo"].words == "eğri bir jant"
    assert kept["claimed"].found_type == "image/jpeg"
    assert (shop.folder / kept["photo"].path).read_bytes() == JPEG
    [raw] = await shop.store.rows(
        "SELECT raw_data FROM webhook_messages WHERE message_id = 'photo'"
    )
    assert data not in str(raw.raw_data)


async def test_a_file_that_is_not_there_costs_its_message_nothing(shop: Shop) -> None:
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "no-file": ({"type": "ptt"}, "failed"),
        "flag": ({"hasMedia": True}, "failed"),
        "broken": ({"media": {"mimetype": "image/jpeg", "data": "%%%"}}, "failed"),
        "null": ({"type": "image", "media": {"data": None}}, "failed"),
        "large": ({"media": {"data": "A" * 2 * MOST_BYTES}}, "too_large"),
    }
    for name, (given, _) in cases.items():
        answer = await shop.taken(message_id=name, current_message=None, **given)
        assert answer["state"] == "settled", name
    found = {one.message_id: one.state for one in await shop.store.media()}
    assert found == {name: state for name, (_, state) in cases.items()}
    largest = {"media": {"data": "A" * 2 * MOST_BYTES}, "current_message": "x" * 1024**2}
    assert (await shop.post(body(message_id="413", **largest)))[0] == 413


async def test_cards_and_places_say_what_a_person_reads(reader: Shop) -> None:
    lines = ("BEGIN:VCARD", "VERSION:3.0", "N:;Jonas;;;", "FN:Jonas")
    card = "\n".join([*lines, "TEL;type=CELL;waid=491701234567:+49 170 1234567", "END:VCARD"])
    await reader.taken(message_id="card", type="vcard", current_message=card)
    place = {"latitude": 41.0, "longitude": 29.0, "description": "Kadıköy"}
    thumbnail = "/9j/4AAQ" + "A" * 200
    await reader.taken(
        message_id="place", type="location", current_message=thumbnail, location=place
    )
    for type_ in ("call_log", "payment"):
        answer = await reader.taken(message_id=type_, type=type_, current_message="")
        assert answer["state"] == "settled"
    rows = {one.message_id: one.current_message for one in await reader.store.messages()}
    assert rows == {
        "card": "Jonas: +49 170 1234567",
        "place": "41.000000,29.000000 Kadıköy",
        "call_log": "[cevapsız arama]",
        "payment": "[payment]",
    }


async def test_what_no_store_can_hold_is_mended_and_no_words_are_lost(shop: Shop) -> None:
    """JavaScript's `substring` leaves half an emoji."""
    posted = {
        "half": ("Harika olmuş \ud83d", "Harika olmuş \ufffd"),
        "other half": ("\udeb2 aldım", "\ufffd aldım"),
        "NUL": ("Zincir\0 yağı var mı?", "Zincir yağı var mı?"),
        "joined": ("👍🏽 🚲❤️", "👍🏽 🚲❤️"),
    }
    for at, (name, (words, _)) in enumerate(posted.items()):
        item = {"sender": f"Ezgi {words}", "content": words, "timestamp": 1795953000, "\ud83d": 1}
        fields = {"chat_name": words, "history": [item], "phone_number": f"+9055511122{at:02}"}
        answer = await shop.taken(message_id=name, current_message=words, **fields)
        assert answer["state"] == "settled", name
    rows = {one.message_id: one.current_message for one in await shop.store.messages()}
    assert rows == {name: stored for name, (_, stored) in posted.items()}


async def test_ids_and_names_without_end_are_kept_apart(shop: Shop) -> None:
    longest = "A" * 600
    for at in "12":
        fields = {"message_id": longest + at, "chat_name": "Ö" * 20_000, "current_message": at}
        first, again = [await shop.taken(**fields) for _ in range(2)]
        assert first == again
    rows = await shop.store.messages()
    assert [(one.current_message, one.chat_name) for one in rows] == [
        (at, "Ö" * 255) for at in "12"
    ]
