"""Identifying data stays on this machine, and is in the stored analysis."""

import json
import re
from pathlib import Path
from typing import Any

from izer_bridge.simulator import content
from tests.chaos.arena import arena
from tests.end_to_end.stored import Store
from tests.servers.openai import ANALYSIS, OpenAIServer

_SAID = [
    "Param gelmedi! IBAN'ım TR33 0006 1005 1978 6457 8413 26, mailim ayse@example.com",
    "Kartım 4111 1111 1111 1111 idi. Beni 0555 444 33 22'den arayın, sipariş no 5321234567",
]
_SECRETS = ("5554443322", "0006100519786457841326", "4111111111111111", "ayseexamplecom")
_STORED = """
SELECT a.keywords, a.analysis_details
FROM analytics_results a JOIN webhook_messages w ON w.id = a.webhook_message_id
WHERE w.message_id = '{}'
"""


def _echoing(content: str) -> dict[str, Any]:
    """An answer that repeats everything that was masked in the request."""
    return ANALYSIS | {
        "keywords": sorted(set(re.findall(r"\[[A-Z]+_\d+\]", content))),
        "suggested_next_action": "[PHONE_1] numarasını arayın",
    }


async def test_no_request_holds_what_the_stored_analysis_does(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    async with OpenAIServer(_echoing) as openai, arena(tmp_path, url, 1) as shop:
        shop.settings |= {"IZER_OPENAI__BASE_URL": openai.base_url, "OPENAI_API_KEY": "sk-test"}
        # This contact has no name: its chat and its messages are identified by the number.
        ayse = shop.whatsapp.contact("+905554443322", "+90 555 444 33 22")
        bridge = await shop.started()
        for words in _SAID:
            sent = await shop.whatsapp.say(ayse, content.text(words))
            shop.sent.append(sent)
            await bridge.line("message_dispatched", f" id={sent.id}")
        await shop.live(bridge)
        assert openai.analyses
        for request in openai.requests:
            plain = re.sub(r"\W", "", request.body.decode())
            assert not [secret for secret in _SECRETS if secret in plain]
        assert "5321234567" in openai.analyses[-1].body.decode()
        [stored] = await Store(url).rows(_STORED.format(shop.sent[-1].id))
        assert [re.sub(r"\W", "", one) for one in json.loads(stored.keywords)] == [
            "4111111111111111",
            "ayseexamplecom",
            "TR330006100519786457841326",
            "05554443322",
        ]
        details = json.loads(stored.analysis_details)
        assert re.sub(r"\D", "", details["suggested_next_action"]).endswith("5554443322")
