"""What surrounds a message's words: stored with it, and completed from the store when read."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from izer_bridge.domain.context_info import Advert, ContextInfo, Mention, Quotation, Timer
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.pipeline.automatic import AutomaticTexts
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING, Clock
from tests.store.messages import LID, NOON, NUMBER, in_group, message

_TIMERS = "SELECT disappearing_seconds FROM chats ORDER BY id"
_AUTOMATIC = "SELECT message_id FROM webhook_messages WHERE is_automatic ORDER BY id"
_HELLO = "Merhaba, size en kısa sürede dönüş yapacağız."


def quoting(words: str) -> ContextInfo:
    return ContextInfo(quoted=Quotation(words, "+905550000001", from_me=True))


async def around(ledger: SqlLedger, asked: Message) -> ContextInfo:
    """What the worker of the message is told."""
    await ledger.record([asked])
    [work] = await ledger.claim(1)
    await ledger.bury(work, "read")
    return work.message.context


async def test_a_quotation_is_the_stores_own_words_else_what_came_along(
    ledger: SqlLedger,
) -> None:
    """At any age, in their present wording; never another chat's, whatever the phone names."""
    words = ("26 jant 7.400 TL", "28 jant", "silinen")
    await ledger.record([message(place, text, from_me=True) for place, text in enumerate(words, 1)])
    new = {"from_me": True, "kind": Kind.EDIT, "target_id": "3EB0000002"}
    await ledger.record([message(4, "28 jant 9.900 TL", **new)])
    gone = {"from_me": True, "kind": Kind.REVOKE, "target_id": "3EB0000003"}
    await ledger.record([message(5, "", **gone)])
    shown = quoting("26 jant 1 TL")

    async def quoted(number: int, target_id: str, **fields: Any) -> tuple[str, bool]:
        asked = message(number, "Bundan", target_id=target_id, context=shown, **fields)
        found = (await around(ledger, asked)).quoted
        assert found is not None
        return found.text, found.is_stored

    assert await quoted(100, "3EB0000001") == ("26 jant 7.400 TL", True)
    assert await quoted(101, "3EB0000002") == ("28 jant 9.900 TL", True)
    assert await quoted(102, "3EB0000003") == ("26 jant 1 TL", False)
    stranger = Jid.parse("905551110000@s.whatsapp.net")
    asked = {"chat": stranger, "sender": stranger}
    assert await quoted(103, "3EB0000001", **asked) == ("26 jant 1 TL", False)


async def test_a_file_in_the_store_is_quoted_as_people_call_it(ledger: SqlLedger) -> None:
    """By any name; WhatsApp's name of its type means nothing to anybody."""
    voice, price = Media("audio/ogg; codecs=opus", 9), Media("application/pdf", 9, "fiyat.pdf")
    kept = [(1, Kind.VOICE, "", voice), (2, Kind.DOCUMENT, "Liste", price)]
    for place, kind, caption, medium in kept:
        await ledger.record([message(place, caption, kind=kind, media=medium, from_me=True)])
    for place, words in ((1, "[sesli mesaj]"), (2, "[belge] fiyat.pdf Liste")):
        asked = message(9 + place, "Bu mu?", target_id=f"3EB0{place:06d}", context=quoting("x"))
        assert (await around(ledger, asked)).quoted == Quotation(words, "Ayşe", True, True)


async def test_an_advert_and_a_forward_are_kept(ledger: SqlLedger) -> None:
    given = ContextInfo(advert=Advert("Şehir bisikleti", "12 taksit", "https://fb.me/a"))
    given = replace(given, is_forwarded=True)
    assert await around(ledger, message(1, "Fiyat?", context=given)) == given


async def test_mentions_read_as_names_else_numbers_never_as_lids(
    ledger: SqlLedger, stored: Store
) -> None:
    known, silent, nobody = "100000000000033", "100000000000044", "100000000000055"
    await ledger.record([in_group(1)])
    number = Jid.parse("905551112244@s.whatsapp.net")
    mentions = (
        Mention(Jid(known, "lid")),
        Mention(Jid(silent, "lid"), number),
        Mention(Jid(nobody, "lid")),
        Mention(Jid("120363000000000042", "g.us"), subject="Kasa"),
    )
    text = f"@{known} @{silent}, @{nobody}! @120363000000000042@g.us @77 iade@{known[:9]}"
    quoted = Quotation(f"@{known} gelsin", "", from_me=False)
    context = ContextInfo(quoted=quoted, mentions=mentions)
    await ledger.record([in_group(2, text, context=context), in_group(3, f"Sor: @{known}")])
    texts = [row.current_message for row in await stored.messages()]
    assert texts[1:] == [
        f"@Ayşe @+905551112244, @biri! @Kasa @77 iade@{known[:9]}",
        "Sor: @Ayşe",
    ]
    [row] = await stored.rows("SELECT context_info FROM webhook_messages WHERE context_info <> ''")
    assert known not in str(row.context_info)


async def test_the_latest_timer_of_a_chat_counts(ledger: SqlLedger, stored: Store) -> None:
    def timed(number: int, seconds: int, minutes: int) -> Message:
        return message(number, timer=Timer(seconds, NOON + timedelta(minutes=minutes)))

    await ledger.record([message(1)])
    assert [row[0] for row in await stored.rows(_TIMERS)] == [None]
    await ledger.record([timed(2, 86_400, 5), timed(3, 604_800, 1)])
    assert [row[0] for row in await stored.rows(_TIMERS)] == [86_400]
    await ledger.record([timed(4, 604_800, 2)])
    assert [row[0] for row in await stored.rows(_TIMERS)] == [86_400]
    await ledger.record([timed(5, 0, 6)])
    assert [row[0] for row in await stored.rows(_TIMERS)] == [0]


async def test_a_reaction_to_the_other_sides_words_stands_until_it_is_taken_back(
    ledger: SqlLedger,
) -> None:
    def reacts(number: int, emoji: str, target: int, **fields: Any) -> Message:
        target_id = f"3EB0{target:06d}"
        return message(number, emoji, kind=Kind.REACTION, target_id=target_id, **fields)

    await ledger.record(
        [
            message(1, "Yarın uyar mı?", from_me=True),
            message(2, "14:00 olur mu?", from_me=True),
            message(3, "Sesli sorayım"),
            reacts(4, "❤️", 1),
            reacts(5, "👍", 1, **{"chat": LID, "chat_alt": NUMBER, "sender": LID}),
            reacts(6, "👍", 2),
            reacts(7, "", 2),
            reacts(8, "😂", 3),
            reacts(9, "🙏", 3, from_me=True),
        ]
    )
    await ledger.record([message(20, "Adres?")])
    [*_, work] = await ledger.claim(9)
    while work.message.text != "Adres?":
        await ledger.bury(work, "read")
        [work] = await ledger.claim(1)
    said = [entry.content for entry in await ledger.context(work.row_id, 20)]
    assert said == [
        "Yarın uyar mı?",
        "14:00 olur mu?",
        "Sesli sorayım",
        "👍 (Yarın uyar mı?)",
        "🙏",
    ]


async def test_a_greeting_by_itself_is_no_persons_answer(
    store_url: str, stored: Store, clock: Clock
) -> None:
    """By its text in either origin; by its speed only after a first message, and however short."""
    automatic = AutomaticTexts.of(["Kapalıyız, {gün} görüşürüz."])
    ledger = SqlLedger(store_url, replace(SCREENING, automatic=automatic), "me", clock=clock)
    await ledger.open()

    def chat(place: int) -> dict[str, Any]:
        jid = Jid(f"90555112{place:04}", "s.whatsapp.net")
        return {"chat": jid, "sender": jid}

    def own(number: int, text: str, place: int, **fields: Any) -> Message:
        return message(number, text, from_me=True, **chat(place), **fields)

    await ledger.record([message(1, **chat(0)), own(3, _HELLO, 0)])
    await ledger.record([message(11, **chat(1))])
    await ledger.record([own(14, _HELLO, 1)])
    await ledger.record([message(21, **chat(2)), own(22, "Buyurun", 2)])
    await ledger.record([own(31, "Bir saniye", 3, sent_at=NOON - timedelta(minutes=8))])
    await ledger.record([message(32, **chat(3)), own(33, _HELLO, 3)])
    await ledger.record([message(41, **chat(4)), message(51, **chat(4)), own(52, _HELLO, 4)])
    await ledger.record([own(61, "kapalıyız! Yarın sabah GÖRÜŞÜRÜZ", 5, origin=Origin.HISTORY)])
    await ledger.record([own(71, "Kapalıyız, cumaya kadar ara verdik", 6)])
    await ledger.record([own(81, "Dün yazmıştım", 7, sent_at=NOON - timedelta(minutes=15))])
    await ledger.record([message(82, **chat(7)), own(83, _HELLO, 7)])
    await ledger.close()
    assert [row[0] for row in await stored.rows(_AUTOMATIC)] == [
        "3EB0000003",
        "3EB0000022",
        "3EB0000061",
        "3EB0000083",
    ]
