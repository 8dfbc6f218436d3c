"""What can be wrong with the work: made on a real bridge, and looked for in every place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from izer_bridge.domain.condition import ConditionName
from izer_bridge.simulator import content
from izer_bridge.simulator.process import PATIENCE_SECONDS
from tests.conditions.shop import WatchedShop
from tests.servers.agent import failing
from tests.servers.openai import failing as refusing_key

_DANGER = "Bisikletimin freni patladı, yolda kaza yaptım, yaralıyım!"


async def test_sending_is_stopped_after_a_463_in_two_chats(shop: WatchedShop) -> None:
    async with shop.linked(IZER_REPLY__MODE="send") as bridge:
        shop.whatsapp.server.reception.refused = 2
        await shop.ask()
        await shop.told(bridge, ConditionName.CHATS_LIMITED)
        await shop.ask(who=1)
        one = await shop.told(bridge, ConditionName.SENDING_STOPPED, "463", "nothing is sent until")
        assert "outbox resume" in one["remedy"]
        await shop.told(bridge, ConditionName.SENDS_FAILED)
        assert (await shop.health())["status"] == "degraded"
        await shop.typed("outbox", "resume")
        await shop.ended(bridge, ConditionName.SENDING_STOPPED)


async def test_an_agent_is_down_and_messages_wait(shop: WatchedShop) -> None:
    async with shop.linked(IZER_ROUTING__WHEN_DOWN="") as bridge:
        shop.agent.answerer = lambda _: failing(500)
        for number in range(6):
            await shop.ask(f"{number}. soru: fiyat nedir?", who=number % 2)
        one = await shop.told(bridge, ConditionName.AGENT_DOWN, "wait to be tried again")
        assert one["severity"] == "error"
        shop.agent.answerer = shop.agent._default
        await bridge.line("agent_up")
        await shop.ended(bridge, ConditionName.AGENT_DOWN)


async def test_a_refused_key_is_an_error_once(shop: WatchedShop) -> None:
    async with shop.linked(OPENAI_API_KEY="sk-test-wrong") as bridge:
        shop.openai.answerer = lambda _: refusing_key(401)
        for number in range(3):
            asked = await shop.ask(f"{number}. soru")
            await bridge.line("message_dispatched", f"id={asked.id}")
        one = await shop.told(bridge, ConditionName.OPENAI_REFUSED, "401")
        assert "OPENAI_API_KEY" in one["remedy"]
        assert bridge.output.count("openai_refused error=") == 1
        assert "openai_failed" not in bridge.output
        shop.openai.answerer = shop.openai._default
        await shop.ask("Bir soru daha")
        await shop.ended(bridge, ConditionName.OPENAI_REFUSED)


async def test_drafts_wait_until_somebody_decides(shop: WatchedShop) -> None:
    async with shop.linked(IZER_REPLY__MODE="draft") as bridge:
        await shop.ask()
        await shop.told(bridge, ConditionName.DRAFTS_WAITING, "1 draft waits")
        await shop.typed("drafts", "refuse", "1")
        await shop.ended(bridge, ConditionName.DRAFTS_WAITING)


async def test_a_customer_in_danger_and_one_who_waits(shop: WatchedShop) -> None:
    async with shop.linked(IZER_VIP__NUMBERS=f'["{shop.customers[1].number}"]') as bridge:
        await shop.ask(_DANGER)
        await shop.told(bridge, ConditionName.DANGER_OPEN)
        words = content.text("Hemen geliyoruz, iyi misiniz?")
        # Not within two seconds: the shop's app answers as fast by itself.
        later = datetime.now(UTC) + timedelta(seconds=5)
        await shop.whatsapp.say(shop.whatsapp.phone, words, to=shop.customers[0], at=later)
        await shop.ended(bridge, ConditionName.DANGER_OPEN)
        await shop.ask("Siparişim gelmedi, ne zaman gelir?", who=1)
        await bridge.printed(lambda output: output.count("message_dispatched") > 1)
        await shop.store.execute("UPDATE escalations SET next_at = '2026-01-01' WHERE next_at > 0")
        await shop.told(bridge, ConditionName.ESCALATIONS_OPEN)
        await shop.typed("escalations", "close", "2")
        await shop.ended(bridge, ConditionName.ESCALATIONS_OPEN)


async def test_nobody_took_a_message(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        shop.agent.answerer = lambda _: failing(400)
        await shop.ask()
        await shop.told(bridge, ConditionName.DEAD_LETTERS)
        shop.agent.answerer = shop.agent._default
        await shop.typed("dlq", "retry", "--all")
        await shop.ended(bridge, ConditionName.DEAD_LETTERS)


async def test_an_event_that_the_store_does_not_take(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        await shop.store.execute(
            "CREATE TRIGGER refusing BEFORE INSERT ON webhook_messages"
            " WHEN new.current_message = 'Fren' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        asked, other = await shop.ask("Fren"), await shop.ask(who=1)
        await bridge.line("message_dispatched", f"id={other.id}")
        one = await shop.told(bridge, ConditionName.EVENTS_SET_ASIDE, "1 event could not be")
        assert "dlq list" in one["remedy"]
        await shop.store.execute("DROP TRIGGER refusing")
        await shop.typed("dlq", "retry", "--all")
        await shop.ended(bridge, ConditionName.EVENTS_SET_ASIDE)
        await bridge.line("message_dispatched", f"id={asked.id}")


async def test_a_reply_of_which_nobody_knows_whether_it_was_sent(shop: WatchedShop) -> None:
    async with shop.linked(IZER_REPLY__MODE="send") as bridge:
        reception = shop.whatsapp.server.reception
        reception.unacknowledged, reception.is_receipted = 1, False
        await shop.ask()
        await shop.whatsapp.server.wait_for(lambda: shop.whatsapp.server.outgoing, PATIENCE_SECONDS)
        await bridge.kill()
    async with shop.bridge() as bridge:
        await shop.told(bridge, ConditionName.SENDS_UNCERTAIN)
        await shop.typed("outbox", "drop", "1")
        await shop.ended(bridge, ConditionName.SENDS_UNCERTAIN)


async def test_openai_fails_and_then_the_days_money_is_spent(shop: WatchedShop) -> None:
    settings = {"OPENAI_API_KEY": "sk-test", "IZER_OPENAI__DAILY_CAP_USD": "0.0003"}
    async with shop.linked(**settings) as bridge:
        shop.openai.answerer = lambda _: refusing_key(500)
        for number in range(3):
            asked = await shop.ask(f"{number}. soru")
            await bridge.line("message_dispatched", f"id={asked.id}")
        # Its own question has no answer either, so that doctor says more than a warning.
        await bridge.line("condition_began", "condition=openai_failing ", "3 times in a row")
        shop.openai.answerer = shop.openai._default
        await shop.ask("Bir soru daha")
        await shop.ended(bridge, ConditionName.OPENAI_FAILING)
        await shop.told(bridge, ConditionName.BUDGET_SPENT, "until midnight")


async def test_what_is_missing_is_closed_over_http(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        shop.whatsapp.server.mailbox.garbled = 9
        await shop.ask()
        await shop.told(bridge, ConditionName.GAPS_OPEN, "1 message that WhatsApp had is missing")
        token = (Path(shop.settings["IZER_STATE_DIR"]) / "api_token").read_text("ascii").strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            closed = await session.post(f"{shop.url}/v1/gaps/1/close")
            assert closed.status == 204
        await shop.ended(bridge, ConditionName.GAPS_OPEN)
