"""How a bridge starts and ends as a process, and its errors."""

import asyncio
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from izer_bridge.domain.link_state import SENTENCES, LinkState
from izer_bridge.simulator import content
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess, execute
from izer_bridge.simulator.simulator import Simulator
from izer_bridge.whatsapp.client.network_causes import cause_of
from tests.end_to_end.http import get, post
from tests.end_to_end.stored import Store
from tests.servers.mariadb import MariaDB

COMMAND = [sys.executable, "-m", "izer_bridge"]
GREETING = {
    "sender": "Ayşe",
    "content": "Merhaba",
    "timestamp": "2026-03-01T09:29:00Z",
    "type": "chat",
}
WEBHOOK = {
    "message_id": "old-1",
    "chat_time": "2026-03-01T09:30:00Z",
    "chat_name": "Ayşe",
    "phone_number": "+905551112233",
    "current_message": "Bisikletimin freni çalışmıyor, acil yardım lazım!",
    "history": [GREETING],
}


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {
        "IZER_STATE_DIR": str(tmp_path / "state"),
        "IZER_API__PORT": "0",
        "OPENAI_API_KEY": "",
        **more,
    }


def process(tmp_path: Path, *arguments: str, **more: str) -> BridgeProcess:
    return BridgeProcess([*COMMAND, *(arguments or ("run",))], environment(tmp_path, **more))


@pytest.fixture(autouse=True)
def _by_an_interpreter_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started by a new interpreter, as an operator sees it."""
    monkeypatch.setattr(BridgeProcess, "execute", execute)


@pytest.fixture
async def whatsapp(tmp_path: Path) -> AsyncIterator[Simulator]:
    folder = tmp_path / "whatsapp"
    folder.mkdir()
    async with Simulator(folder) as simulator:
        yield simulator


def linked(whatsapp: Simulator, tmp_path: Path, **more: str) -> BridgeProcess:
    variables = environment(tmp_path, **whatsapp.environment, **more)
    return BridgeProcess(whatsapp.command("run"), variables)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"IZER_VIP__NUMBERS": '["12"]'}, "vip.numbers"),
        ({"IZER_STORE__URL": "postgres://x/y"}, "allowed: sqlite://, mysql://, mariadb://"),
        ({"IZER_API__PORT": "70000"}, "api.port"),
        ({"IZER_NOTHING": "1"}, "there is no setting 'nothing'"),
        ({"IZER_STATE_DIR": "/proc/nowhere"}, "state_dir"),
        ({"IZER_API__HOST": "0.0.0.0", "BRIDGE_API_TOKEN": "short"}, "shorter than 32"),  # noqa: S104
        ({"IZER_API__WEBHOOK_SECRETS": '["shop_secret"]'}, "there is no secret shop_secret"),
    ],
)
async def test_a_wrong_setting_ends_the_start_with_one_line(
    tmp_path: Path, variables: dict[str, str], said: str
) -> None:
    async with process(tmp_path, **variables) as bridge:
        assert await bridge.ended() == 78
    assert said in bridge.output
    assert len(bridge.output.strip().splitlines()) == 1


async def test_the_token_is_made_once_private_and_asked_for(tmp_path: Path) -> None:
    away = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    async with process(tmp_path, **away) as bridge:
        url = await bridge.url()
        assert (await get(f"{url}/stats"))[0] == 200
        await bridge.stop()
    path = tmp_path / "state" / "api_token"
    token = path.read_text().strip()
    assert (stat.S_IMODE(path.stat().st_mode), len(token)) == (0o600, 43)
    async with process(tmp_path, IZER_API__REQUIRE_TOKEN="true", **away) as bridge:
        url = await bridge.url()
        assert (await get(f"{url}/stats"))[0] == 401
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{url}/stats", headers=headers) as response,
        ):
            assert response.status == 200
        await bridge.stop()
        assert token not in bridge.output
    assert path.read_text().strip() == token
    path.chmod(0o640)
    async with process(tmp_path) as bridge:
        assert await bridge.ended() == 78
    assert "others may read the token's file" in bridge.output
    assert len(bridge.output.strip().splitlines()) == 1


async def test_a_server_that_was_off_at_night_removes_what_is_old_when_it_starts(
    tmp_path: Path,
) -> None:
    # A person in danger stays listed until somebody has answered.
    calm = {**WEBHOOK, "current_message": "Kaçta açılıyorsunuz?"}
    async with process(tmp_path, HTTPS_PROXY="http://127.0.0.1:9") as bridge:
        url = await bridge.url()
        assert (await post(f"{url}/webhook", calm))[0] == 200
        await bridge.stop()
    store = Store(f"sqlite:///{tmp_path / 'state' / 'bridge.db'}")
    await store.execute(
        "UPDATE webhook_messages SET chat_time = '2020-01-01', created_at = '2020-01-01'"
    )
    keeping = {"HTTPS_PROXY": "http://127.0.0.1:9", "IZER_RETENTION__MESSAGES_DAYS": "30"}
    async with process(tmp_path, **keeping) as bridge:
        assert " messages=1 " in await bridge.line("old_rows_removed")
        url = await bridge.url()
        assert (await get(f"{url}/stats"))[1]["stats"]["removed"]["messages"] == 1
        assert await bridge.stop() == 0
    assert await store.messages() == []
    async with process(tmp_path, "verify") as verify:
        assert await verify.ended() == 0


async def test_an_hour_that_ended_while_nobody_ran_is_summed(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'state' / 'bridge.db'}")
    summed = "SELECT id FROM system_stats WHERE stat_type = 'messages_recorded'"
    async with process(tmp_path, HTTPS_PROXY="http://127.0.0.1:9") as bridge:
        assert (await post(f"{await bridge.url()}/webhook", WEBHOOK))[0] == 200
        await bridge.kill()
    await store.execute("DELETE FROM system_stats")
    earlier = "strftime('%Y-%m-%d %H:%M:%S', created_at, '-3 hours') || '.000000'"
    await store.execute(f"UPDATE webhook_messages SET created_at = {earlier}")  # noqa: S608
    async with process(tmp_path, HTTPS_PROXY="http://127.0.0.1:9") as bridge:
        url = await bridge.url()
        async with asyncio.timeout(PATIENCE_SECONDS):
            # No event says so; a person who asks sees the same figures before.
            while not await store.rows(f"{summed} AND numeric_value = 1"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert (await get(f"{url}/stats"))[1]["stats"]["by_category"] == {"technical": 1}
        assert await bridge.stop() == 0
    assert len(await store.rows(summed)) in (24, 25)
    async with process(tmp_path, "verify") as verify:
        assert await verify.ended() == 0


async def test_a_missing_configuration_file_is_named(tmp_path: Path) -> None:
    async with process(tmp_path, "run", "--config", str(tmp_path / "no.toml")) as bridge:
        assert await bridge.ended() == 78
    assert "no.toml" in bridge.output


async def test_a_store_that_refuses_the_password_ends_the_start(
    tmp_path: Path, mariadb: MariaDB
) -> None:
    url = f"mysql://nobody:wrong@127.0.0.1:{mariadb.port}/none"
    async with process(tmp_path, IZER_STORE__URL=url, HTTPS_PROXY="http://127.0.0.1:9") as bridge:
        assert await bridge.ended() == 78
    assert "store.url" in bridge.output
    assert "wrong" not in bridge.output
    assert "Traceback" not in bridge.output


async def test_a_missing_libmagic_is_named_with_its_package(tmp_path: Path) -> None:
    """A `magic` that fails to import stands in for the missing library."""
    (tmp_path / "magic.py").write_text("raise ImportError('failed to find libmagic')")
    async with process(tmp_path, PYTHONPATH=str(tmp_path)) as bridge:
        assert await bridge.ended() == 78
    assert "apt install libmagic1" in bridge.output
    assert "Traceback" not in bridge.output


async def test_whatsapp_out_of_reach_is_said_and_tried_again_while_the_api_answers(
    tmp_path: Path,
) -> None:
    async with process(tmp_path, HTTPS_PROXY="http://127.0.0.1:9") as bridge:
        line = await bridge.line("event=link_changed", "state=unreachable")
        sentence, _, chain = line.partition(" error=")
        assert sentence.endswith(f'{SENTENCES[LinkState.UNREACHABLE]} ({cause_of(chain)})"')
        assert "proxy" in sentence
        assert "dial tcp 127.0.0.1:9: connect: connection refused" in chain
        url = await bridge.url()
        status, health = await get(f"{url}/health")
        assert (status, health["status"]) == (200, "degraded")
        assert health["link"]["state"] == "unreachable"
        status, answer = await post(f"{url}/webhook", WEBHOOK)
        assert (status, answer["routing"]["success"]) == (200, True)
        assert await bridge.stop() == 0
    assert "Traceback" not in bridge.output


async def test_a_first_connection_that_fails_is_retried(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    whatsapp.network.is_refusing = True
    async with linked(whatsapp, tmp_path) as bridge:
        await bridge.line("state=unreachable")
        whatsapp.network.is_refusing = False
        await whatsapp.scan(await bridge.code())
        await bridge.line("state=connected")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_while_a_code_is_shown(
    whatsapp: Simulator, tmp_path: Path, number: signal.Signals
) -> None:
    async with linked(whatsapp, tmp_path) as bridge:
        await bridge.code()
        assert await bridge.stop(number) == 0


async def test_a_second_bridge_on_one_state_directory_is_refused(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    async with linked(whatsapp, tmp_path) as first:
        await first.url()
        async with linked(whatsapp, tmp_path) as second:
            assert await second.ended() == 78
        assert f"another bridge uses it (pid {first.pid})" in second.output


async def test_the_state_directory_is_private(whatsapp: Simulator, tmp_path: Path) -> None:
    async with linked(whatsapp, tmp_path) as bridge:
        await bridge.code()
    state = tmp_path / "state"
    assert state.stat().st_mode & 0o777 == 0o700
    files = [path for path in state.iterdir() if path.is_file()]
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


async def test_a_logged_out_device_is_said_and_can_be_linked_again(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    async with linked(whatsapp, tmp_path) as bridge:
        await whatsapp.scan(await bridge.code())
        await bridge.line("state=connected")
        bridge.output = ""
        await whatsapp.log_out()
        await bridge.line("The phone removed this linked device")
        await whatsapp.scan(await bridge.code())
        await bridge.line("state=connected")


async def test_a_replaced_device_is_said(whatsapp: Simulator, tmp_path: Path) -> None:
    async with linked(whatsapp, tmp_path) as bridge:
        await whatsapp.scan(await bridge.code())
        await bridge.line("state=connected")
        await whatsapp.replace()
        await bridge.line("Another program uses this linked device")


async def test_a_dropped_connection_heals_and_nothing_is_missed(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    async with linked(whatsapp, tmp_path) as bridge:
        await whatsapp.scan(await bridge.code())
        await bridge.line("state=connected")
        ayse = whatsapp.contact("+905551112233", "Ayşe")
        await whatsapp.drop()
        away = await whatsapp.say(ayse, content.text("Hat kesikken"))
        await whatsapp.acknowledged(away)
        await bridge.line("message_dispatched")


async def test_the_webhook_goes_the_same_way_and_knows_a_message_again(tmp_path: Path) -> None:
    async with process(tmp_path, HTTPS_PROXY="http://127.0.0.1:9") as bridge:
        url = await bridge.url()
        first = await post(f"{url}/webhook", WEBHOOK)
        again = await post(f"{url}/webhook", WEBHOOK)
        assert first[0] == again[0] == 200
        assert again[1] == first[1]
        _, stats = await get(f"{url}/stats")
        assert stats["stats"]["total_messages"] == 1
    assert str(WEBHOOK["current_message"]) not in bridge.output


def test_nothing_of_the_product_can_change_whom_the_client_trusts() -> None:
    """Only the launcher does, and no module of the product knows it."""
    product = Path(__file__).parents[2] / "izer_bridge"
    for path in product.rglob("*.py"):
        if "simulator" not in path.relative_to(product).parts:
            assert "simulator" not in path.read_text(encoding="utf-8"), path


async def test_a_store_that_hangs_does_not_hold_the_end(tmp_path: Path, mariadb: MariaDB) -> None:
    async with process(
        tmp_path, IZER_STORE__URL=mariadb.database(), HTTPS_PROXY="http://127.0.0.1:9"
    ) as bridge:
        url = await bridge.url()
        assert (await post(f"{url}/webhook", WEBHOOK))[0] == 200
        mariadb.pause()
        try:
            waiting = asyncio.create_task(post(f"{url}/webhook", WEBHOOK | {"message_id": "2"}))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while (await get(f"{url}/health"))[1]["store"]["ok"]:
                    pass
                assert await bridge.stop() == 0
            with suppress(aiohttp.ClientError):
                await waiting
        finally:
            mariadb.resume()
