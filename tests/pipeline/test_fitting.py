"""Everything that arrives can be recorded: values too large for any column, on both stores."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.identity import GROUP_SERVER, LID_SERVER, NUMBER_SERVER, Jid
from izer_bridge.domain.message import HistoryEntry, Kind, Media, Message
from izer_bridge.domain.outbox_state import ReceiptKind
from izer_bridge.domain.outgoing import Receipt
from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.pipeline.store.gaps import Gaps
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.store.messages import ACCOUNT, NOON, NUMBER, message

EXTREMES = (-(2**63), -1, 0, 1, 2**31, 2**63 - 1, 2**63, 2**64 - 1)
LENGTHS = (32, 33, 64, 65, 128, 129, 255, 256, 100_000)
EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
TIMES = (
    datetime.min.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=EAST),
    datetime(999, 12, 31, tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=WEST),
)


def hostile() -> list[Message]:
    """Each with one value that its column cannot hold, and an ordinary one after them."""
    some = Media("image/jpeg", 0, "a.jpg", b"source")
    values: list[dict[str, Any]] = [
        *(
            {"kind": Kind.IMAGE, "media": Media("image/jpeg", size, None, b"s")}
            for size in EXTREMES
        ),
        *({"kind": Kind.DOCUMENT, "media": Media("m" * n, 1, "f" * n)} for n in LENGTHS),
        *({"message_id": "I" * length} for length in LENGTHS),
        *({"target_id": "T" * length, "kind": Kind.EDIT} for length in LENGTHS),
        *({"account": "+" + "9" * length} for length in LENGTHS),
        *({"sender_name": "N" * length, "chat_name": "C" * length} for length in LENGTHS),
        *({"sent_at": at} for at in TIMES),
        {"text": "ş" * 1_200_000},
        {"kind": Kind.IMAGE, "media": some, "text": "\ud800\0" * 100},
    ]
    for server in (NUMBER_SERVER, LID_SERVER, GROUP_SERVER, "broadcast", "s" * 300):
        for length in LENGTHS:
            jid = Jid("1" * length, server)
            values.append({"chat": jid, "sender": jid, "sender_alt": jid, "chat_alt": jid})
    values.append({"chat": Jid("\ud8001\0 ", NUMBER_SERVER), "sender": Jid("\ud8001\0 ", "lid")})
    return [message(number, **one) for number, one in enumerate([*values, {"text": "Merhaba"}])]


async def test_hostile_values_are_recorded_together_and_known_again(
    ledger: SqlLedger, stored: Store
) -> None:
    messages = hostile()
    await ledger.record(messages)
    await ledger.record(messages)
    rows = await stored.messages()
    assert len(rows) == len(messages)
    assert rows[-1].current_message == "Merhaba"
    assert len({row.message_id for row in rows}) == len(messages)


async def test_what_is_too_long_stays_apart_from_its_like(ledger: SqlLedger, stored: Store) -> None:
    start = "9" * 300
    jids = [Jid(start + str(number), NUMBER_SERVER) for number in range(3)]
    for number in range(2):
        for jid in jids:
            one = f"{start}{jid.user[-1]}{number}"
            await ledger.record([message(number, message_id=one, chat=jid, sender=jid)])
    rows = await stored.messages()
    assert len(rows) == 6
    assert len({row.chat_number for row in rows}) == 3


async def test_a_space_at_the_end_is_a_difference(ledger: SqlLedger, stored: Store) -> None:
    """MySQL ignores trailing spaces when comparing, so the same key would be inserted for ever."""
    for user in (NUMBER.user, f"{NUMBER.user} ", f"{NUMBER.user}  "):
        jid = Jid(user, NUMBER_SERVER)
        for name in ("A1", "A1 ", "A1  "):
            await ledger.record([message(1, message_id=name, chat=jid, sender=jid)])
    assert len(await stored.messages()) == 9


async def test_so_are_gaps_and_receipts(ledger: SqlLedger, store_url: str) -> None:
    for length in LENGTHS:
        jid = Jid("1" * length, GROUP_SERVER)
        gap = Gap(ACCOUNT, "I" * length, GapReason.UNDECRYPTABLE, NOON, jid, jid, "\0" * length)
        assert await ledger.notice([gap])
        assert not await ledger.notice([gap])
        receipt = Receipt(ACCOUNT, jid, ("I" * length, "\ud800"), ReceiptKind.READ, TIMES[-1])
        await ledger.receive([receipt])
    async with Gaps(store_url) as gaps:
        assert len(await gaps.list()) == len(LENGTHS)


@pytest.mark.parametrize("at", TIMES)
async def test_so_is_what_a_program_posts(ledger: SqlLedger, stored: Store, at: datetime) -> None:
    for number, length in enumerate(LENGTHS):
        entry = HistoryEntry("S" * length, "c\0\ud800", at, "k" * length, False)
        one = message(number, message_id="I" * length, sent_at=at, account="webhook")
        webhook = WebhookMessage(one, "+905551112233", (entry,), {"a": 2**64, "b": 1e308})
        first, again = [await ledger.record_webhook(webhook) for _ in range(2)]
        assert (first.is_new, again.is_new) == (True, False)
    assert len(await stored.messages()) == len(LENGTHS)
