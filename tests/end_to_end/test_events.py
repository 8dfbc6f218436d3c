"""Events of a real bridge that is really killed between delivering one and noting it."""

import json
import signal
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

import aiohttp
from standardwebhooks import Webhook

from izer_bridge.simulator.process import BridgeProcess
from tests.end_to_end.http import get, post
from tests.end_to_end.stored import Store
from tests.end_to_end.test_process import WEBHOOK, process
from tests.servers.loopback import Loopback, Raw

SECRET = "whsec_" + b64encode(bytes(32)).decode()


def settings(server: Loopback) -> dict[str, str]:
    """The shop's program subscribes to messages, a monitor to the link's state."""
    targets = [
        {"name": name, "url": f"{server.url}/{name}", "secrets": ["crm_secret"], "types": [kind]}
        for name, kind in (("crm", "message"), ("monitor", "session.status"))
    ]
    return {
        "IZER_EVENTS__TARGETS": json.dumps(targets),
        "CRM_SECRET": SECRET,
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }


async def test_a_kill_before_it_is_noted_brings_it_again_with_the_same_id(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'state' / 'bridge.db'}")
    async with Loopback(["/crm", "/monitor"], lambda _: Raw(b"")) as server:
        async with process(tmp_path, **settings(server)) as bridge:
            url = await bridge.url()
            server.answerer = lambda one: _killing(bridge, one.path)
            with suppress(aiohttp.ClientError):
                await post(f"{url}/webhook", WEBHOOK)
            await bridge.ended()
            assert bridge.was_killed
        [first] = [one for one in server.requests if one.path == "/crm"]
        [row] = await store.rows("SELECT * FROM event_deliveries WHERE target = 'crm'")
        assert (row.state, row.attempts) == ("pending", 0)
        # As if the lease had run out.
        await store.execute("UPDATE event_deliveries SET next_attempt_at = '2026-01-01 00:00:00'")
        server.answerer = lambda _: Raw(b"")
        async with process(tmp_path, **settings(server)) as bridge:
            url = await bridge.url()
            async with server.arrived:
                await server.arrived.wait_for(
                    lambda: [one.path for one in server.requests].count("/crm") == 2
                )
            assert (await get(f"{url}/stats"))[1]["stats"]["events"]["dead"] == 0
            await bridge.stop()
        again = [one for one in server.requests if one.path == "/crm"][-1]
        assert again.headers["webhook-id"] == first.headers["webhook-id"] == row.event_id
        assert again.body == first.body
        told = Webhook(SECRET).verify(again.body, dict(again.headers))
        assert told["data"]["text"] == WEBHOOK["current_message"]
        [row] = await store.rows("SELECT state FROM event_deliveries WHERE target = 'crm'")
        assert row.state == "delivered"
        states = {one.json["data"]["status"] for one in server.requests if one.path == "/monitor"}
        assert states == {"STARTING", "STOPPED"}
        assert SECRET not in bridge.output


def _killing(bridge: BridgeProcess, path: str) -> Raw:
    """The event has arrived, and its answer never gets back."""
    if path == "/crm":
        bridge.signal(signal.SIGKILL)
    return Raw(b"")
