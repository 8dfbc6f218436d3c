"""After an outage OpenAI is asked again; both analyses are kept, and no agent is called twice."""

import asyncio
import json
from pathlib import Path

from izer_bridge.simulator import content
from izer_bridge.simulator.process import PATIENCE_SECONDS
from tests.chaos.arena import arena
from tests.end_to_end.stored import Store
from tests.servers.openai import ANALYSIS, OpenAIServer, answering, failing, refusing

_OPINIONS = """
SELECT w.message_id, a.analyser, a.category,
       a.second_opinion, a.second_model, a.second_error, a.second_at, a.input_tokens
FROM analytics_results a JOIN webhook_messages w ON w.id = a.webhook_message_id ORDER BY w.id
"""


async def test_what_was_judged_in_an_outage_is_analysed_again(
    tmp_path: Path, store_url: str
) -> None:
    async with OpenAIServer(ANALYSIS) as openai, arena(tmp_path, store_url, 1) as shop:
        shop.settings |= {
            "IZER_OPENAI__BASE_URL": openai.base_url,
            "OPENAI_API_KEY": "sk-test",
        }
        shop.is_impatient = True
        well = openai.answerer
        openai.answerer = lambda _: failing(503)
        bridge = await shop.started()
        asked_about = []
        for words in ("Bisikletimi çaldılar", "Fren sesi", "Merhaba, kaçta açıksınız?"):
            sent = await shop.whatsapp.say(shop.people[0], content.text(words))
            shop.sent.append(sent)
            asked_about.append(sent.id)
            await bridge.line("message_dispatched", f" id={sent.id}")
        calls = len(shop.agent.requests)
        openai.script(refusing(), answering(ANALYSIS | {"category": "bananas"}))
        openai.answerer = well
        store = Store(store_url)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while sum(row.second_at is not None for row in await store.rows(_OPINIONS)) < 9:
                pass
        rows = await store.rows(_OPINIONS)
        assert {row.analyser for row in rows} == {"local"}
        # Earlier ones were judged when there was no key.
        assert not any(row.second_opinion for row in rows if row.message_id not in asked_about)
        refused, unreadable, last = (row for row in rows if row.message_id in asked_about)
        assert "refused" in refused.second_error
        assert "category" in unreadable.second_error
        assert [row.input_tokens for row in (refused, unreadable, last)] == [700] * 3
        opinion = last.second_opinion
        opinion = json.loads(opinion) if isinstance(opinion, str) else opinion
        assert (last.category, opinion["category"]) == ("inquiry", "technical")
        assert last.second_model == "gpt-5-mini"
        assert len(shop.agent.requests) == calls
        await shop.live(bridge)
