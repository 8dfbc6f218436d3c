"""A shop in which each fault is made, and every place where its operator may look."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from izer_bridge.conditions.owner_texts import TOLD, begun_subject, ended_subject
from izer_bridge.config import PATH_VARIABLE
from izer_bridge.domain.condition import ConditionName
from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.simulator import Sent, Simulator
from tests.conditions.watchful_bridge import watchful
from tests.console.typed import typed_beside
from tests.end_to_end.http import get
from tests.end_to_end.stored import Store
from tests.escalation.test_alarm_webhook import SECRET
from tests.servers.agent import AgentServer
from tests.servers.loopback import Loopback, as_json
from tests.servers.mariadb import free_port
from tests.servers.openai import OpenAIServer
from tests.servers.smtp import SmtpServer

_LOOK_SECONDS = 0.1
_VERDICTS = {"error": "failed", "warning": "warning"}


@dataclass
class WatchedShop:
    """`settings` are the bridge's own, in its environment's words."""

    whatsapp: Simulator
    agent: AgentServer
    openai: OpenAIServer
    smtp: SmtpServer
    webhook: Loopback
    folder: Path
    settings: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        names = ("BUSINESS_WORKFLOW", "CODE_DEBUGGER", "GENERAL_PURPOSE")
        self.customers = [
            self.whatsapp.contact(
                f"+9055511122{number}", name, f"1000000000000{number}", addressed_by="lid"
            )
            for number, name in ((33, "Ayşe"), (44, "Veli"))
        ]
        self.settings = {
            **self.whatsapp.environment,
            "IZER_STATE_DIR": str(self.folder / "state"),
            "IZER_STORE__URL": f"sqlite:///{self.folder / 'store' / 'store.db'}",
            "IZER_API__PORT": str(free_port()),
            "OPENAI_API_KEY": "",
            "IZER_OPENAI__BASE_URL": self.openai.base_url,
            **{f"IZER_AGENTS__{name}__URL": self.agent.url for name in names},
            "IZER_REPLY__BURST_SECONDS": "0",
            "IZER_REPLY__TYPING_SECONDS": "0",
            "IZER_REPLY__QUIET_FROM": "00:00",
            "IZER_REPLY__QUIET_UNTIL": "00:00",
            "IZER_ESCALATION__WEBHOOK_URL": f"{self.webhook.url}/alarm",
            "IZER_ESCALATION__EMAIL__TO": json.dumps(["owner@shop.example"]),
            "IZER_ESCALATION__EMAIL__SENDER": "bridge@shop.example",
            "IZER_ESCALATION__EMAIL__HOST": "127.0.0.1",
            "IZER_ESCALATION__EMAIL__PORT": str(self.smtp.port),
            "IZER_ESCALATION__EMAIL__SECURITY": "none",
            "ESCALATION_WEBHOOK_SECRET": SECRET,
            "NO_PROXY": "127.0.0.1",
        }
        (self.folder / "store").mkdir(exist_ok=True)
        # The checkout's own file is none of this shop's.
        (self.folder / "config.toml").touch(0o600)
        self.settings[PATH_VARIABLE] = str(self.folder / "config.toml")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings['IZER_API__PORT']}"

    @property
    def store(self) -> Store:
        return Store(self.settings["IZER_STORE__URL"])

    def bridge(self) -> BridgeProcess:
        return BridgeProcess(watchful(self.whatsapp.command("run")), self.settings)

    @asynccontextmanager
    async def linked(self, **settings: str) -> AsyncIterator[BridgeProcess]:
        """A bridge that is linked, and about which nothing is wrong."""
        self.settings.update(settings)
        async with self.bridge() as bridge:
            await self.link(bridge)
            await self.whole()
            yield bridge

    async def link(self, bridge: BridgeProcess, phone: Person | None = None) -> None:
        await self.whatsapp.scan(await bridge.code(), phone)
        await bridge.line("state=connected" if phone is None else "state=wrong_number")

    async def ask(self, words: str = "Bisikletim hazır mı?", who: int = 0) -> Sent:
        return await self.whatsapp.say(self.customers[who], content.text(words))

    async def health(self) -> dict[str, Any]:
        _, found = await get(f"{self.url}/health")
        assert isinstance(found, dict)
        return found

    async def holding(self) -> dict[str, Any]:
        """What `/health` says is wrong, by name; but for what is so of this machine's disk."""
        try:
            found = (await self.health())["conditions"]
        except aiohttp.ClientError:
            return {}
        return {one["name"]: one for one in found if one["name"] != ConditionName.DISK_LOW}

    async def whole(self) -> None:
        await self._until(lambda found: not found)

    async def _until(self, holds: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    found = await self.holding()
                    if holds(found):
                        return found
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            pytest.fail(f"health says {found}")

    async def told(self, bridge: BridgeProcess, name: ConditionName, *words: str) -> Any:
        """Until it is in `/health`; then everywhere, with its remedy. What `/health` says of it."""
        found = await self._until(lambda found: name in found and _has(found[name], words))
        one = found[name]
        assert one["remedy"]
        assert one["since"]
        await bridge.line("condition_began", f"condition={name} ", f"level={one['severity']}")
        await self.commanded(one)
        if name in TOLD:
            await self.alarmed(begun_subject(name), "condition.began", name)
        return one

    async def ended(self, bridge: BridgeProcess, name: ConditionName, *, begun: int = 1) -> None:
        """Until it is over, and everybody has been told of that who was told of its begin; once.

        A bridge that was started since has not `begun` it.
        """
        await self._until(lambda found: name not in found)
        await bridge.line("condition_ended", f"condition={name} ")
        if name in TOLD:
            await self.alarmed(ended_subject(name), "condition.ended", name)
        assert bridge.output.count(f"condition_began condition={name} ") == begun
        assert bridge.output.count(f"condition_ended condition={name} ") == 1

    async def commanded(self, one: Any) -> None:
        """`status` and `doctor` say it, too, and end with what its severity makes of them."""
        status, doctor = await asyncio.gather(self.command("status"), self.command("doctor"))
        code, said = status
        assert one["name"] in [found["name"] for found in said["conditions"]]
        severities = {found["severity"] for found in said["conditions"]}
        assert code == (1 if "error" in severities else 3)
        code, said = doctor
        label = one["name"].replace("_", " ")
        kinds = {label, label.partition(" ")[0]}
        found = [
            finding["fix"]
            for finding in said["findings"]
            if finding["about"] in kinds and finding["verdict"] == _VERDICTS[one["severity"]]
        ]
        assert [fix for fix in found if fix], said
        assert code == (1 if "error" in severities else 3)

    async def command(self, *words: str) -> tuple[int, Any]:
        more = ["--no-sample"] if words == ("doctor",) else []
        said = await typed_beside(self.settings, *words, *more, "--json")
        assert "Traceback" not in said.err
        return said.code, json.loads(said.out)

    async def typed(self, *words: str) -> None:
        """A command that mends something."""
        said = await typed_beside(self.settings, *words)
        assert said.code == 0, said

    async def alarmed(self, subject: str, event: str, name: ConditionName) -> None:
        """The owner has one letter of it, and the webhook one event."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if self.letters(subject) and self.events(event, name):
                    break
                await asyncio.sleep(_LOOK_SECONDS)
        assert (len(self.letters(subject)), len(self.events(event, name))) == (1, 1)

    def letters(self, subject: str) -> list[str]:
        return [str(one.get_content()) for one in self.smtp.messages if one["Subject"] == subject]

    def events(self, event: str, name: ConditionName) -> list[Any]:
        return [
            one.json["data"]
            for one in self.webhook.requests
            if one.json["type"] == event and one.json["data"]["name"] == name
        ]


def _has(one: Any, words: tuple[str, ...]) -> bool:
    return all(word in one["sentence"] for word in words)


@asynccontextmanager
async def opened_shop(folder: Path) -> AsyncIterator[WatchedShop]:
    (folder / "whatsapp").mkdir()
    async with (
        Simulator(folder / "whatsapp") as whatsapp,
        AgentServer() as agent,
        OpenAIServer() as openai,
        SmtpServer() as smtp,
        Loopback("/alarm", lambda _: as_json({})) as webhook,
    ):
        yield WatchedShop(whatsapp, agent, openai, smtp, webhook, folder)
