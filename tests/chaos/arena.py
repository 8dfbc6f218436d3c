"""One WhatsApp, one agent, and a bridge that is killed and started again and again.

After every kill there is a liveness phase: everything that was sent must become acknowledged,
stored once and dispatched, in the order of its chat.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from izer_bridge.pipeline.store.gaps import Gaps
from izer_bridge.simulator import content
from izer_bridge.simulator.people import Group, Person
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Sent, Simulator
from izer_bridge.store.database import Database
from izer_bridge.upkeep.store.verify import Verification
from tests.chaos.boundaries import IN_ONE_GO
from tests.end_to_end.impatient_bridge import impatient
from tests.servers.agent import AgentServer

_LIVENESS_SECONDS = 60
_CRITICAL = "İzer Management"
_SETTLED = "SELECT count(*) FROM webhook_messages WHERE state = 'settled'"
_STORED = "SELECT message_id, state FROM webhook_messages ORDER BY id"
_WORKED = """
SELECT message_id,
    (SELECT count(*) FROM analytics_results a WHERE a.webhook_message_id = m.id) analyses,
    (SELECT count(*) FROM agent_routing r WHERE r.webhook_message_id = m.id AND r.routing_success)
        answers
FROM webhook_messages m WHERE state = 'settled'
"""


class BrokenPromiseError(Exception):
    """A promise does not hold; the text says what, and how to reproduce it."""


@dataclass
class Arena:
    """Sends bursts, kills, and checks. `random` makes all choices.

    `settings` are the bridge's own, as environment variables; `before` precedes its command. With
    `may_be_in_one_go` each start decides whether agents are built in or on a server; a bridge that
    `is_impatient` waits for nothing longer than it must.
    """

    whatsapp: Simulator
    agent: AgentServer
    folder: Path
    store_url: str
    random: random.Random
    settings: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    may_be_in_one_go: bool = False
    is_impatient: bool = False
    sent: list[Sent] = field(default_factory=list)
    undone: int = 0
    redelivered: int = 0
    running: BridgeProcess | None = None

    def __post_init__(self) -> None:
        self.people = [
            self.whatsapp.contact(
                f"+90555111{number:04d}",
                f"Müşteri {number}",
                lid=f"1000000000{number:04d}",
                addressed_by="lid" if number % 2 else "number",
            )
            for number in range(6)
        ]
        self.group = self.whatsapp.group(_CRITICAL, self.people, [self.whatsapp.phone])

    @property
    def environment(self) -> dict[str, str]:
        return self._environment(in_one_go=False)

    def _environment(self, *, in_one_go: bool) -> dict[str, str]:
        """With built-in agents it works a message in memory, otherwise in steps."""
        names = ("BUSINESS_WORKFLOW", "CODE_DEBUGGER", "GENERAL_PURPOSE")
        urls = {} if in_one_go else {f"IZER_AGENTS__{name}__URL": self.agent.url for name in names}
        return {
            **self.whatsapp.environment,
            "IZER_STATE_DIR": str(self.folder / "state"),
            "IZER_STORE__URL": self.store_url,
            "IZER_API__PORT": "0",
            "OPENAI_API_KEY": "",
            **urls,
            **self.settings,
        }

    def bridge(self) -> BridgeProcess:
        in_one_go = self.may_be_in_one_go and self.random.random() < 0.5
        environment = self._environment(in_one_go=in_one_go)
        command = self.whatsapp.command("run")
        started = impatient(command) if self.is_impatient else command
        return BridgeProcess([*self.before, *started], environment)

    def mortal_bridge(self, boundary: str, count: int) -> BridgeProcess:
        """A bridge that dies when it reaches `boundary` for the `count`-th time."""
        launcher = self.whatsapp.command("run")
        root = launcher[launcher.index("--root-key") + 1]
        command = [launcher[0], "-m", "tests.chaos.mortal_bridge", root, boundary, str(count)]
        in_one_go = boundary.partition(":")[0] in IN_ONE_GO
        return BridgeProcess([*command, "run"], self._environment(in_one_go=in_one_go))

    async def pair(self) -> None:
        async with self.bridge() as bridge:
            await self.whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            await self.burst(len(self.people))
            await bridge.line("messages_recorded")
            await self.live(bridge)
            await bridge.stop()

    async def burst(self, count: int) -> None:
        """`count` messages of several people, some to the group."""
        for _ in range(count):
            sender: Person = self.random.choice(self.people)
            to: Group | None = self.group if self.random.random() < 0.3 else None
            words = content.text(f"{len(self.sent)}. mesaj: bisikletim hazır mı?")
            self.sent.append(await self.whatsapp.say(sender, words, to=to))

    async def started(self) -> BridgeProcess:
        """Start it again and wait until all is well. Raises BrokenPromiseError."""
        self.running = self.bridge()
        await self.running.start()
        await self.live(self.running)
        self.undone += self.running.output.count("message_at_risk_undone")
        return self.running

    async def ended(self) -> None:
        """End the running bridge, if there is one, as an operator does."""
        if self.running is not None:
            await self.running.stop()
            self.running = None

    async def killed_in_a_burst(self, count: int) -> None:
        """Kill the bridge at a random moment while `count` messages arrive."""
        bridge = self.running or await self.started()
        after = self.random.random() * count / 500
        _, _ = await asyncio.gather(self.burst(count), _kill_after(bridge, after))
        self.running = None

    async def killed_again(self) -> None:
        """Kill it while it receives what is delivered again after the previous kill."""
        async with self.bridge() as bridge:
            await bridge.line("state=connected")
            await _kill_after(bridge, self.random.random() / 2)

    async def died_at(self, boundary: str, count: int, messages: int) -> bool:
        """Run into the boundary; False if it was not reached."""
        await self.ended()
        async with self.mortal_bridge(boundary, count) as bridge:
            await self.burst(messages)
            try:
                await self.live(bridge)
            except (BrokenPromiseError, ConnectionError):
                if not bridge.was_killed:
                    raise
            return bridge.was_killed

    async def revived(self) -> None:
        """Start it again, wait until all is well, and check everything that is stored."""
        await self.started()
        await self.check()

    async def live(self, bridge: BridgeProcess) -> None:
        """Everything that was sent is acknowledged, stored once and dispatched."""
        try:
            async with Database(self.store_url) as store, asyncio.timeout(_LIVENESS_SECONDS):
                while not await self._is_finished(store):
                    if bridge.has_ended:
                        raise BrokenPromiseError("the bridge ended by itself")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise BrokenPromiseError(self._told(await self._unfinished(), bridge)) from None

    async def check(self, *, in_order: bool = True) -> None:
        """Nothing missing, nothing twice, one id for one message, order kept in every chat."""
        stored = await self._stored()
        counts = Counter(message_id for message_id, _ in stored)
        twice = [one for one, count in counts.items() if count > 1]
        missing = [one.id for one in self.sent if one.id not in counts]
        if twice or missing:
            raise BrokenPromiseError(f"stored twice: {twice[:10]}, missing: {missing[:10]}")
        await self._check_works()
        self._check_dispatches()
        if in_order:
            self._check_order([message_id for message_id, _ in stored])
        self.redelivered = sum(one.delivery.attempts > 1 for one in self.sent)

    def _check_order(self, stored: Sequence[str]) -> None:
        position = {message_id: place for place, message_id in enumerate(stored)}
        for chat in {one.chat for one in self.sent}:
            places = [position[one.id] for one in self.sent if one.chat == chat]
            if places != sorted(places):
                raise BrokenPromiseError(f"the order of {chat} was not kept")

    async def verify(self) -> None:
        """The ledger is what was written, and no message is reported missing."""
        async with Verification(self.store_url) as verification:
            found = [one async for one in verification.problems(lambda _: None)]
        async with Gaps(self.store_url) as gaps:
            missing = [one.message_id for one in await gaps.list()]
        if found or missing:
            raise BrokenPromiseError(f"verify found: {found[:10]}, open gaps: {missing[:10]}")

    def _check_dispatches(self) -> None:
        """After a kill a message may reach an agent twice, but under one idempotency key."""
        keys: dict[str, set[str]] = {}
        for request in self.agent.requests:
            message_id = request.json["message"]["message_id"]
            keys.setdefault(message_id, set()).add(request.headers["Idempotency-Key"])
        several = {message_id for message_id, found in keys.items() if len(found) > 1}
        if several:
            raise BrokenPromiseError(f"under two ids: {sorted(several)[:10]}")

    async def _check_works(self) -> None:
        """One analysis and one answer each, whichever way it went and whatever was killed."""
        async with Database(self.store_url) as database:
            rows = (await database.read(lambda one: one.execute(text(_WORKED)))).all()
        wrong = [tuple(row) for row in rows if (row.analyses, row.answers) != (1, 1)]
        if wrong:
            raise BrokenPromiseError(f"not analysed and answered once: {wrong[:10]}")

    async def _is_finished(self, store: Database) -> bool:
        if any(not one.delivery.acknowledged_ns for one in self.sent):
            return False
        settled = await store.read(lambda one: one.scalar(text(_SETTLED)))
        return bool(settled == len(self.sent))

    async def _unfinished(self) -> Sequence[Sent]:
        waiting = [one for one in self.sent if not one.delivery.acknowledged_ns]
        if waiting:
            return waiting
        settled = {found for found, state in await self._stored() if state == "settled"}
        return [one for one in self.sent if one.id not in settled]

    async def _stored(self) -> list[tuple[str, str]]:
        async with Database(self.store_url) as database:
            found = await database.read(lambda one: one.execute(text(_STORED)))
            return [(row.message_id, row.state) for row in found]

    def _told(self, missing: Sequence[Sent], bridge: BridgeProcess) -> str:
        lines = [
            f"{one.id}: {one.delivery.attempts} deliveries, "
            f"{'acknowledged' if one.delivery.acknowledged_ns else 'not acknowledged'}"
            for one in missing[:10]
        ]
        tail = bridge.output.splitlines()[-20:]
        return "\n".join([f"{len(missing)} unfinished:", *lines, "last lines:", *tail])


async def _kill_after(bridge: BridgeProcess, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await bridge.kill()


@asynccontextmanager
async def arena(
    folder: Path, store_url: str, seed: int, *, in_one_go: bool = False
) -> AsyncIterator[Arena]:
    """A paired bridge, stopped; every random choice is drawn from `seed`."""
    (folder / "whatsapp").mkdir()
    async with Simulator(folder / "whatsapp") as whatsapp, AgentServer({"ok": True}) as agent:
        url = store_url or f"sqlite:///{folder / 'store.db'}"
        one = Arena(whatsapp, agent, folder, url, random.Random(seed), may_be_in_one_go=in_one_go)
        await one.pair()
        try:
            yield one
            await one.ended()
            await one.verify()
        finally:
            if one.running is not None:
                await one.running.kill()
