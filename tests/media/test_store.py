"""The media rows on both stores: what is due, what holds a message back, and what lets it go."""

from dataclasses import replace
from datetime import timedelta

import pytest

from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.media.decide import HOLD_SECONDS, MediaState
from izer_bridge.media.ports import Attachment, KeptFile
from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.store.ledgers import Clock, counts_of
from tests.store.messages import ACCOUNT, GROUP, NOON, in_group, message

SOURCE = bytes(range(256))
FILE = KeptFile(f"media/aa/{'a' * 64}.ogg", "a" * 64, "audio/ogg", 3)


def voice(number: int, source: bytes | None = SOURCE, **fields: object) -> Message:
    media = Media("audio/ogg; codecs=opus", 7, source=source)
    return message(number, "", kind=Kind.VOICE, media=media, **fields)


async def due(ledger: SqlLedger) -> Attachment:
    [one] = await ledger.media().due(ACCOUNT, 10)
    return one


async def counted(ledger: SqlLedger) -> dict[str, int]:
    return {
        state: count for state, count in (await counts_of(ledger).stats()).media.items() if count
    }


async def test_what_came_with_its_request_is_worded_without_a_link(ledger: SqlLedger) -> None:
    media = Media("image/jpeg", 3)
    photo = message(1, "", kind=Kind.IMAGE, media=media, account="webhook", origin=Origin.WEBHOOK)
    picture = replace(FILE, mimetype="image/jpeg")
    await ledger.record_webhook(WebhookMessage(photo, "", (), {}), picture)
    assert await ledger.claim(10) == ()
    [one] = await ledger.media().due(None, 10)
    assert one.file == picture
    await ledger.media().worded(one, "eğri bir jant")
    [work] = await ledger.claim(10)
    assert work.message.announced == "[fotoğraf] (eğri bir jant)"


async def test_a_file_that_nobody_words_holds_nothing_back(ledger: SqlLedger) -> None:
    media = Media("application/pdf", 3)
    paper = message(1, "", kind=Kind.DOCUMENT, media=media, account="webhook")
    pdf = replace(FILE, mimetype="application/pdf")
    await ledger.record_webhook(WebhookMessage(paper, "", (), {}), pdf)
    assert len(await ledger.claim(10)) == 1
    assert await ledger.media().due(None, 10) == []


async def test_a_file_is_due_and_its_message_waits(ledger: SqlLedger, clock: Clock) -> None:
    await ledger.record([voice(1)])
    one = await due(ledger)
    assert (one.kind, one.declared_size, one.source, one.file) == (Kind.VOICE, 7, SOURCE, None)
    assert await ledger.claim(10) == ()
    assert await counted(ledger) == {"pending": 1}
    clock.forward(HOLD_SECONDS)
    [work] = await ledger.claim(10)
    assert work.message.announced == "[audio/ogg; codecs=opus]"


async def test_later_messages_of_the_chat_wait_with_it(ledger: SqlLedger) -> None:
    await ledger.record([voice(1), message(2), in_group(3, chat_name="İzer Management")])
    [work] = await ledger.claim(10)
    assert work.message.chat == GROUP


async def test_words_let_the_message_go_and_stand_in_it(ledger: SqlLedger) -> None:
    await ledger.record([voice(1)])
    media, one = ledger.media(), await due(ledger)
    await media.kept(one, FILE, is_worded_next=True)
    assert await ledger.claim(10) == ()
    kept = await due(ledger)
    assert kept.file == FILE
    await media.worded(kept, "Tekerim\0 patladı")
    [work] = await ledger.claim(10)
    assert work.message.announced == "[sesli mesaj] Tekerim patladı"
    assert await media.due(ACCOUNT, 10) == []
    assert await counted(ledger) == {"kept": 1}


async def test_words_are_part_of_the_context_that_follows(ledger: SqlLedger) -> None:
    await ledger.record([voice(1), message(2)])
    one = await due(ledger)
    await ledger.media().worded(one, "Tekerim patladı")
    [work] = await ledger.claim(10)
    [entry] = await ledger.context(work.row_id + 1, 20)
    assert entry.content == "[sesli mesaj] Tekerim patladı"


async def test_a_file_without_words_lets_the_message_go(ledger: SqlLedger) -> None:
    await ledger.record([voice(1)])
    await ledger.media().kept(await due(ledger), FILE, is_worded_next=False)
    assert len(await ledger.claim(10)) == 1
    assert await ledger.media().due(ACCOUNT, 10) == []


async def test_a_failure_lets_the_message_go_and_is_tried_again(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    await ledger.record([voice(1)])
    media, one = ledger.media(), await due(ledger)
    await media.postpone(one, NOON + timedelta(seconds=5), "WhatsApp: 404")
    assert len(await ledger.claim(10)) == 1
    assert await media.due(ACCOUNT, 10) == []
    clock.forward(5)
    assert (await due(ledger)).attempts == 1
    [row] = await stored.media()
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, "WhatsApp: 404")


@pytest.mark.parametrize("state", [MediaState.TOO_LARGE, MediaState.FAILED, MediaState.OFF])
async def test_what_is_given_up_lets_the_message_go(ledger: SqlLedger, state: MediaState) -> None:
    await ledger.record([voice(1)])
    await ledger.media().end(await due(ledger), state, "because")
    assert len(await ledger.claim(10)) == 1
    assert await ledger.media().due(ACCOUNT, 10) == []
    assert await counted(ledger) == {str(state): 1}


async def test_words_that_fail_for_good_are_counted(ledger: SqlLedger) -> None:
    await ledger.record([voice(1)])
    await ledger.media().kept(await due(ledger), FILE, is_worded_next=True)
    await ledger.media().end(await due(ledger), MediaState.KEPT, "OpenAI refused the API key")
    assert await counted(ledger) == {"kept": 1, "without_words": 1}


async def test_a_message_that_names_no_file_fails_at_once_and_waits_for_nothing(
    ledger: SqlLedger,
) -> None:
    await ledger.record([voice(1, source=None)])
    assert len(await ledger.claim(10)) == 1
    assert await ledger.media().due(ACCOUNT, 10) == []
    assert await counted(ledger) == {"failed": 1}


async def test_only_what_is_analysed_is_fetched(ledger: SqlLedger, stored: Store) -> None:
    others = [
        voice(1, origin=Origin.HISTORY),
        voice(2, from_me=True),
        voice(3, chat=GROUP, chat_name="Pazar turu"),
    ]
    await ledger.record([*others, voice(4), voice(4)])
    await ledger.record([voice(4)])
    [row] = await stored.media()
    assert row.declared_type == "audio/ogg; codecs=opus"


async def test_an_old_message_that_comes_live_is_fetched(ledger: SqlLedger) -> None:
    await ledger.record([voice(1, origin=Origin.HISTORY)])
    await ledger.record([voice(1)])
    assert (await due(ledger)).source == SOURCE
    assert await ledger.claim(10) == ()


async def test_another_account_s_files_are_not_ours(ledger: SqlLedger) -> None:
    await ledger.record([voice(1, account="+905550000009")])
    assert await ledger.media().due(ACCOUNT, 10) == []


async def test_what_was_never_tried_comes_before_what_failed(
    ledger: SqlLedger, clock: Clock
) -> None:
    await ledger.record([voice(1)])
    await ledger.media().postpone(await due(ledger), NOON, "WhatsApp: 404")
    await ledger.record([voice(2)])
    clock.forward(1)
    found = await ledger.media().due(ACCOUNT, 10)
    assert [one.attempts for one in found] == [0, 1]


async def test_words_that_come_late_do_not_disturb_a_message_under_way(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    await ledger.record([voice(1)])
    one = await due(ledger)
    clock.forward(HOLD_SECONDS)
    [work] = await ledger.claim(10)
    await ledger.media().worded(one, "Tekerim patladı")
    await ledger.bury(work, "the agent refused it")
    [row] = await stored.messages()
    assert row.state == State.DEAD
