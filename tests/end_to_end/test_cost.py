"""What analyses cost, in `/stats`, and the cap after which the local analyser answers."""

from pathlib import Path

from izer_bridge.simulator import content
from tests.chaos.arena import arena
from tests.end_to_end.http import get
from tests.end_to_end.stored import Store
from tests.servers.openai import OpenAIServer

# 700 tokens in and 90 out of gpt-5-mini: 0.000355 USD per analysis.
_CAP = "0.001"


async def test_the_cap_holds_over_a_restart_and_says_so(tmp_path: Path, store_url: str) -> None:
    async with OpenAIServer() as openai, arena(tmp_path, store_url, 1) as shop:
        shop.settings |= {
            "IZER_OPENAI__BASE_URL": openai.base_url,
            "IZER_OPENAI__DAILY_CAP_USD": _CAP,
            "OPENAI_API_KEY": "sk-test",
        }
        ids = []
        for number in range(6):
            if number == 4:
                await shop.ended()
            bridge = shop.running or await shop.started()
            sent = await shop.whatsapp.say(shop.people[0], content.text(f"{number}. soru"))
            shop.sent.append(sent)
            await bridge.line("message_dispatched", f" id={sent.id}")
            ids.append(sent.id)
        rows = {row.message_id: row for row in await Store(store_url).messages()}
        assert [rows[one].analyser for one in ids] == ["openai"] * 3 + ["local"] * 3
        assert rows[ids[-1]].fallback_reason == "daily cap of 0.001 USD reached"
        assert len(openai.requests) == 3
        _, answer = await get(f"{await bridge.url()}/stats")
        stats = answer["stats"]
        assert (stats["cost_today"], stats["daily_cap_reached"]) == ("0.001065", True)
        assert (stats["input_tokens"], stats["output_tokens"]) == (2100, 270)
        await shop.live(bridge)
