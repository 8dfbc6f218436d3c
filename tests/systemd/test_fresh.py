"""From a bare Debian to the first answered message, by README.md alone; each command timed."""

import asyncio
import json
import re
import time
from asyncio import to_thread
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.server import Outgoing
from izer_bridge.simulator.simulator import Simulator
from tests.bench.machine import described
from tests.systemd import first_page
from tests.systemd.bare_debian import REPOSITORY, bare_debian
from tests.systemd.container import Container, missing
from tests.systemd.service import SETTINGS, Service
from tests.systemd.terminal import at_terminal, typed

pytestmark = [pytest.mark.fresh, pytest.mark.timeout(1200)]
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CHECKOUT = "~/izer-bridge"
_NO = {"[y/N]": "", "OpenAI API key (Enter for none": ""}
_YES = {"[y/N]": "y"}
# It may be night where the tests run.
_NEVER_QUIET = {"IZER_REPLY__QUIET_FROM": "00:00", "IZER_REPLY__QUIET_UNTIL": "00:00"}


@dataclass
class Newcomer:
    """Knows the README, a bare machine, and the shop's WhatsApp."""

    machine: Container
    whatsapp: Simulator

    async def types(self, command: str, answers: Mapping[str, str] = _NO) -> str:
        """In the checkout, once there is one."""
        folder = "~" if "git clone" in command else _CHECKOUT
        began = time.monotonic()
        said = await typed(self.machine, command, folder, answers)
        print(f"{time.monotonic() - began:5.0f} s  {command}")  # noqa: T201 (what it is run for)
        return said

    async def sets(self, settings: dict[str, dict[str, object]]) -> None:
        """Changes values in the installed file, where each key stands once."""
        text = await to_thread(self.machine.run, "cat", SETTINGS)
        for section, values in settings.items():
            for key, value in values.items():
                toml = json.dumps(value, ensure_ascii=False)
                line = rf"(^\[{section}\]$(?:\n(?!\[).*)*?\n{key} = ).*$"
                text, count = re.subn(line, rf"\g<1>{toml}", text, flags=re.MULTILINE)
                assert count == 1, key
        await to_thread(self.machine.write, SETTINGS, text)

    async def received(self, person: Person, count: int = 1) -> Outgoing:
        """The last of `count` messages that the bridge has sent this person."""
        server = self.whatsapp.server

        def sent() -> list[Outgoing]:
            return [one for one in server.outgoing if person.is_at(one.to)]

        async with server.changed, asyncio.timeout(PATIENCE_SECONDS):
            await server.changed.wait_for(lambda: len(sent()) >= count)
        return sent()[count - 1]


def _text(sent: Outgoing) -> str:
    return str(sent.body.conversation or sent.body.extendedTextMessage.text)


@pytest.fixture(params=["bookworm", "trixie"])
async def newcomer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Newcomer]:
    if lacking := missing():
        pytest.fail(lacking)
    machine = await to_thread(bare_debian, tmp_path, request.param)
    (tmp_path / "whatsapp").mkdir()
    print(f"\n{described()}: {request.param}")  # noqa: T201
    try:
        await to_thread(machine.boot)
        async with Simulator(tmp_path / "whatsapp") as whatsapp:
            service = Service(machine)
            await to_thread(service.look_for, whatsapp, watchdog_seconds=30, **_NEVER_QUIET)
            yield Newcomer(machine, whatsapp)
            # pytest keeps it for whoever looks for the cause of a failure.
            journal = await to_thread(machine.run, "journalctl", "--no-pager", "-b")
            (tmp_path / "journal").write_text(journal)
            assert "inherited credential" not in journal
    finally:
        await to_thread(machine.end)


async def test_the_first_page_leads_from_a_bare_machine_to_an_answered_message(
    newcomer: Newcomer,
) -> None:
    get, install, link = first_page.first_commands()
    await newcomer.types(get.replace("ADDRESS", REPOSITORY))
    said = await newcomer.types(install)
    assert all(question in said for question in _NO)
    assert first_page.promised() in said
    size = await to_thread(newcomer.machine.run, "du", "-smL", "/opt/izer-bridge/current")
    print(f"{size.split()[0]:>5} MB is a release")  # noqa: T201

    terminal = at_terminal(newcomer.machine, link)
    async with BridgeProcess(terminal, {}) as linking:
        await newcomer.whatsapp.scan(await linking.code())
        assert await linking.ended() == 0

    await _watch_a_message(newcomer)
    await _answer_by_a_draft(newcomer)

    for command in first_page.daily_commands():
        await newcomer.types(command, _YES)


async def _watch_a_message(newcomer: Newcomer) -> None:
    command, line = first_page.watching()
    shown = re.fullmatch(r"\S+ \S+ #\d+ (.+?): (.+?)  (\(.*\))", line)
    assert shown
    name, words, outcome = shown.groups()
    customer = newcomer.whatsapp.contact("+905551112233", name, lid="100000000000033")
    async with BridgeProcess(at_terminal(newcomer.machine, command), {}) as watching:
        await newcomer.whatsapp.say(customer, content.text(words))
        line = f"{name}: {words}  {outcome}"
        assert await watching.printed(lambda said: line in _COLOUR.sub("", said))


async def _answer_by_a_draft(newcomer: Newcomer) -> None:
    settings = first_page.settings()
    await newcomer.sets(settings)
    await newcomer.types(first_page.restart())
    number = str(settings["reply"]["owner"]).replace(" ", "").removeprefix("0")
    owner = newcomer.whatsapp.contact(f"+90{number}", "Usta", lid="100000000000011")
    head, *shown, _proposal = first_page.draft()
    name, words = re.findall("«(.*)»", "\n".join([head, *shown]))
    customer = newcomer.whatsapp.contact("+905321234567", name, lid="100000000000022")
    await newcomer.whatsapp.say(customer, content.text(words))
    notice = _text(await newcomer.received(owner))
    assert "\n".join([f"«{name}»", *shown]) in notice
    await newcomer.whatsapp.say(owner, content.text("1"))
    answer = _text(await newcomer.received(customer))
    assert answer
    assert answer in notice
