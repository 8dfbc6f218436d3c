"""The built-in agents as a separate process, called over HTTP by a bridge, signed."""

import base64
import re
from pathlib import Path
from typing import Any

from izer_bridge.agents.builtin.knowledge import sections_in
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.end_to_end.http import post
from tests.test_agents_process import served, urls

KNOWLEDGE = Path(__file__).parents[2] / "docs" / "knowledge"
SECTIONS = sections_in((KNOWLEDGE / "ornek.md").read_text("utf-8"))
SECRET = f"whsec_{base64.b64encode(b's' * 24).decode()}"


def webhook(number: int, text: str) -> dict[str, Any]:
    return {
        "message_id": f"m{number}",
        "chat_time": "2026-03-01T09:30:00Z",
        "chat_name": "Ayşe",
        "phone_number": "+905551112233",
        "current_message": text,
        "history": [],
    }


async def test_a_bridge_calls_them_over_http(tmp_path: Path) -> None:
    signed = {
        name: value
        for agent in ("BUSINESS_WORKFLOW", "GENERAL_PURPOSE")
        for name, value in (
            (f"IZER_AGENTS__{agent}__SECRETS", '["agents_secret"]'),
            ("AGENTS_SECRET", SECRET),
        )
    }
    folder = tmp_path / "whatsapp"
    folder.mkdir()
    async with (
        Simulator(folder) as whatsapp,
        served(IZER_AGENTS_BUILTIN__KNOWLEDGE_DIR=str(KNOWLEDGE), **signed) as agents,
    ):
        where = await urls(agents)
        environment = {
            **whatsapp.environment,
            **signed,
            "IZER_STATE_DIR": str(tmp_path / "state"),
            "IZER_API__PORT": "0",
            "OPENAI_API_KEY": "",
            **{f"IZER_AGENTS__{name.upper()}__URL": url for name, url in where.items()},
        }
        async with BridgeProcess(whatsapp.command("run"), environment) as bridge:
            url = await bridge.url()
            _, known = await post(f"{url}/webhook", webhook(1, "Genel bakım ne kadar?"))
            _, order = await post(f"{url}/webhook", webhook(2, "Siparişim 40718 hâlâ gelmedi"))
            assert await bridge.stop() == 0
        assert await agents.stop() == 0
    fee = next(one.answer for one in SECTIONS if one.questions[0] == "Genel bakım ücreti")
    assert known["routing"]["agent"] == "general_purpose"
    assert known["routing"]["response"]["reply"] == fee
    assert known["routing"]["response"]["needs_human"] is False
    assert order["routing"]["agent"] == "business_workflow"
    assert order["routing"]["response"]["actions"][0]["order_number"] == "40718"
    assert not re.search("40718|Genel", agents.output)
