"""After an outage OpenAI is asked again; both analyses are kept, and no agent is called twice."""

import asyncio
import json
from pathlib import Path

from izer_bridge.simulator import content
from tests.chaos.arena import arena
from tests.daemon.stored import Store
from tests.servers.openai import ANALYSIS, OpenAIServer, failing, refusing

_OPINIONS = """
SELECT w.message_id, a.analyser, a.category, a.second_opinion, a.second_model, a.second_error
FROM analytics_results a JOIN webhook_messages w ON w.id = a.webhook_message_id ORDER BY w.id
"""


async def test_what_was_judged_in_an_outage_is_analysed_again(
    tmp_path: Path, store_url: str
) -> None:
    async with OpenAIServer(ANALYSIS) as openai, arena(tmp_path, store_url, 1) as shop:
        shop.settings |= {
            "IZER_OPENAI__BASE_URL": openai.base_url,
            "IZER_ANALYSIS__AGAIN_EVERY_SECONDS": "1",
            "OPENAI_API_KEY": "sk-test",
        }
        well = openai.answerer
        openai.answerer = lambda _: failing(503)
        bridge = await shop.started()
        sent = await shop.whatsapp.say(shop.people[0], content.text("Merhaba, kaçta açıksınız?"))
        shop.sent.append(sent)
        await bridge.line(f" id={sent.id}")
        calls = len(shop.agent.requests)
        openai.script(refusing())
        openai.answerer = well
        store = Store(store_url)
        async with asyncio.timeout(30):
            # The refused one is the oldest; six were judged before there was a key.
            while len(rows := await store.rows(_OPINIONS)) != len(
                [row for row in rows if row.second_opinion or row.second_error]
            ):
                pass
        assert {row.analyser for row in rows} == {"local"}
        refused, *others = rows
        assert "refused" in refused.second_error
        last = next(row for row in others if row.message_id == sent.id)
        opinion = last.second_opinion
        opinion = json.loads(opinion) if isinstance(opinion, str) else opinion
        assert (last.category, opinion["category"]) == ("inquiry", "technical")
        assert last.second_model == "gpt-5-mini"
        assert len(shop.agent.requests) == calls
        await shop.live(bridge)
