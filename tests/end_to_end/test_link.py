"""Every state of the link, on the real client: what is reported, what is kept, what helps."""

import json
import re
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from izer_bridge.domain.link_state import SENTENCES, LinkState
from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import OWNER_NUMBER, Simulator
from tests.end_to_end.http import get
from tests.end_to_end.impatient_bridge import impatient

STRANGER = "+905550009999"


@pytest.fixture
async def whatsapp(tmp_path: Path) -> AsyncIterator[Simulator]:
    folder = tmp_path / "whatsapp"
    folder.mkdir()
    async with Simulator(folder) as simulator:
        yield simulator


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    state = {"IZER_STATE_DIR": str(tmp_path / "state"), "IZER_API__PORT": "0"}
    return {**state, "OPENAI_API_KEY": "", **more}


def started(whatsapp: Simulator, tmp_path: Path, **more: str) -> BridgeProcess:
    variables = environment(tmp_path, **whatsapp.environment, **more)
    return BridgeProcess(whatsapp.command("run"), variables)


def link_command(tmp_path: Path, *arguments: str) -> BridgeProcess:
    command = [sys.executable, "-m", "izer_bridge", "link", *arguments]
    return BridgeProcess(command, environment(tmp_path))


async def is_said(bridge: BridgeProcess, state: LinkState) -> str:
    """In the journal and in `/health`, with what to do; returns the journal's line."""
    line = await bridge.line(f"state={state} ")
    assert SENTENCES[state] in line
    _, health = await get(f"{await bridge.url()}/health")
    assert health["link"]["state"] == state
    assert SENTENCES[state] in health["link"]["detail"]
    return line


async def linked(whatsapp: Simulator, bridge: BridgeProcess) -> None:
    await whatsapp.scan(await bridge.code())
    await bridge.line("state=connected")


@pytest.mark.parametrize(
    ("reason", "more", "state", "detail"),
    [
        (401, {}, LinkState.LOGGED_OUT, ""),
        (402, {"code": "101", "expire": "3600"}, LinkState.BANNED, "(until "),
        (403, {}, LinkState.PHONE_GONE, ""),
        (405, {}, LinkState.OUTDATED, ""),
        (409, {}, LinkState.REFUSED, "reason"),
    ],
)
async def test_a_refused_login_is_said_by_its_reason(
    whatsapp: Simulator,
    tmp_path: Path,
    reason: int,
    more: dict[str, str],
    state: LinkState,
    detail: str,
) -> None:
    async with started(whatsapp, tmp_path) as bridge:
        await linked(whatsapp, bridge)
        await whatsapp.refuse(reason, **more)
        line = await bridge.line(f"state={state} ")
        assert SENTENCES[state] in line
        assert detail in line
        assert "level=error" in line


async def test_after_a_ban_it_connects_again(whatsapp: Simulator, tmp_path: Path) -> None:
    command = impatient(whatsapp.command("run"))
    async with BridgeProcess(command, environment(tmp_path, **whatsapp.environment)) as bridge:
        await linked(whatsapp, bridge)
        await whatsapp.refuse(402, code="101", expire="1")
        line = await is_said(bridge, LinkState.BANNED)
        assert re.search(r"\(until \d\d \w+, \d\d:\d\d \+03\)", line)
        whatsapp.server.refusal = None
        bridge.output = ""
        await bridge.line("state=connected")


async def test_a_passkey_is_said_and_its_dead_codes_are_not_shown(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    async with started(whatsapp, tmp_path) as bridge:
        await bridge.code()
        await whatsapp.ask_for_passkey()
        await is_said(bridge, LinkState.PASSKEY)
        await whatsapp.drop()
        await bridge.line("qr_codes_rest")
        bridge.output = ""
        async with link_command(tmp_path) as command:
            await linked(whatsapp, bridge)
            assert await command.ended() == 0


async def test_a_scan_that_whatsapp_wants_twice_is_said_at_once(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    async with started(whatsapp, tmp_path) as bridge:
        await bridge.code()
        async with link_command(tmp_path) as command:
            await scan_twice(whatsapp, bridge, command)


async def scan_twice(whatsapp: Simulator, bridge: BridgeProcess, command: BridgeProcess) -> None:
    first = await command.code()
    await whatsapp.ask_for_second_scan()
    await is_said(bridge, LinkState.SCAN_AGAIN)
    await command.line(SENTENCES[LinkState.SCAN_AGAIN])
    await command.line("scan this new code")
    second = await bridge.code()
    assert second.partition(",")[0] == first.partition(",")[0]
    assert second != first
    await whatsapp.drop()
    line = await bridge.line("state=qr_expired")
    assert "a code was scanned" in line
    # It was reported before, too.
    await bridge.printed(lambda said: "state=scan_qr_code " in said.partition(line)[2])
    await is_said(bridge, LinkState.SCAN_QR_CODE)
    await linked(whatsapp, bridge)
    assert await command.ended() == 0


async def test_codes_rest_after_some_series_and_come_again_on_request(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    async with started(whatsapp, tmp_path) as bridge:
        for _ in range(3):
            await bridge.code()
            bridge.output = bridge.output.replace("█", "")
            await whatsapp.drop()
        await bridge.line("qr_codes_rest")
        await is_said(bridge, LinkState.QR_EXPIRED)
        assert not (tmp_path / "state" / "qr.png").exists()
        async with link_command(tmp_path) as command:
            await whatsapp.scan(await command.code())
            await command.line(SENTENCES[LinkState.CONNECTED])
            assert await command.ended() == 0
        await bridge.line("state=connected")


async def test_the_link_command_says_how_it_stands(whatsapp: Simulator, tmp_path: Path) -> None:
    async with link_command(tmp_path) as before:
        assert await before.ended() == 75
    assert "no bridge runs" in before.output
    async with started(whatsapp, tmp_path) as bridge:
        code = await bridge.code()
        for name in ("qr.png", "link.json"):
            assert (tmp_path / "state" / name).stat().st_mode & 0o777 == 0o600
        async with link_command(tmp_path, "--json") as shown:
            assert await shown.ended() == 0
        assert json.loads(shown.output)["state"] == "scan_qr_code"
        assert code not in shown.output
        await linked(whatsapp, bridge)
        assert not (tmp_path / "state" / "qr.png").exists()
        async with link_command(tmp_path) as after:
            assert await after.ended() == 0
        assert SENTENCES[LinkState.CONNECTED] in after.output


async def test_another_number_is_turned_away_and_nothing_of_it_is_kept(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    stranger = Person(STRANGER, "Yabancı", "200000000009999")
    async with started(whatsapp, tmp_path, IZER_WHATSAPP__NUMBER="0555 000 00 01") as bridge:
        await whatsapp.scan(await bridge.code(), stranger)
        line = await bridge.line("state=wrong_number")
        assert "…99" in line
        assert "905550009999" not in bridge.output
        await bridge.printed(lambda output: output.count("state=scan_qr_code") > 1)
        bridge.output = bridge.output.replace("█", "")
        await linked(whatsapp, bridge)
        ayse = whatsapp.contact("+905551112233", "Ayşe")
        await whatsapp.say(ayse, content.text("Merhaba"))
        await bridge.line("message_dispatched")
    with closing(sqlite3.connect(tmp_path / "state" / "bridge.db")) as store:
        accounts = store.execute("SELECT account FROM webhook_messages").fetchall()
    assert accounts == [(OWNER_NUMBER,)]


async def test_a_session_of_another_number_ends_the_start_and_stays(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    async with started(whatsapp, tmp_path) as bridge:
        await linked(whatsapp, bridge)
        await bridge.stop()
    async with started(whatsapp, tmp_path, IZER_WHATSAPP__NUMBER=STRANGER) as wrong:
        assert await wrong.ended() == 78
    assert "whatsapp.number" in wrong.output
    async with started(whatsapp, tmp_path) as again:
        await again.line("state=connected")


async def test_a_phone_that_gave_no_sign_for_long_is_said_until_it_does(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    async with started(whatsapp, tmp_path) as bridge:
        await linked(whatsapp, bridge)
        await bridge.stop()
    note = tmp_path / "state" / "link.json"
    old = json.loads(note.read_text("utf-8")) | {"phone_seen_at": "2026-01-01T00:00:00Z"}
    note.write_text(json.dumps(old), "utf-8")
    async with started(whatsapp, tmp_path) as bridge:
        line = await is_said(bridge, LinkState.PHONE_AWAY)
        assert "days ago" in line
        bridge.output = ""
        ayse = whatsapp.contact("+905551112233", "Ayşe")
        await whatsapp.say(whatsapp.phone, content.text("Bugün açığız"), to=ayse)
        await bridge.line("state=connected")
