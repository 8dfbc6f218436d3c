"""A shop that answers its customers while it is killed between any two steps of answering.

The messages that everybody really received are counted on the simulated WhatsApp, not in the
bridge.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.server import Outgoing
from izer_bridge.simulator.simulator import Simulator
from izer_bridge.store.database import Database
from tests.chaos.arena import Arena, BrokenPromiseError
from tests.chaos.boundaries import REPLY_BOUNDARIES
from tests.end_to_end.scenario import after_reading
from tests.servers.agent import AgentServer
from tests.servers.loopback import Raw, Recorded, as_json

_LIVENESS_SECONDS = 60
_LOOK_SECONDS, _LOOKS_AT_REST = 0.1, 5
_QUESTIONS = 3
_NOWHERE = "at no boundary"
_MOST_IN_ONE_ARENA = 50
_OUTBOX = "SELECT state, quoted_id, error FROM outbox WHERE kind = 'reply'"
_UNFINISHED = "SELECT count(*) FROM outbox WHERE state IN ('draft', 'approved', 'sending')"
_AT_REST = ("sent", "cancelled", "uncertain", "lapsed")
SETTINGS = {
    "IZER_REPLY__MODE": "send",
    "IZER_REPLY__BURST_SECONDS": "0",
    "IZER_REPLY__TYPING_SECONDS": "0.05",
    "IZER_REPLY__HUMAN_PAUSE_MINUTES": "0",
    "IZER_REPLY__PER_CHAT_PER_HOUR": "60",
    "IZER_REPLY__PER_HOUR": "1000",
    "IZER_REPLY__QUIET_FROM": "00:00",
    "IZER_REPLY__QUIET_UNTIL": "00:00",
}


@dataclass
class ReplyArena(Arena):
    """`outcomes` counts the replies' results."""

    kills: int = 0
    by_place: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    _asked: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.people += [
            self.whatsapp.contact(f"+90555444{number:04d}", f"Yeni {number}", f"300000{number:09d}")
            for number in range(34)
        ]

    async def burst(self, count: int) -> None:
        """`count` questions of several people; sometimes the owner answers by hand."""
        for _ in range(count):
            sender = self.random.choice(self.people)
            words = content.text(f"{len(self.sent)}. soru: bisikletim hazır mı?")
            asked = await self.whatsapp.say(sender, words)
            self.sent.append(asked)
            self._asked[asked.id] = sender
            if self.random.random() < 0.1:
                own = content.text("Ben bakıyorum.")
                await self.whatsapp.say(self.whatsapp.phone, own, to=sender, at=after_reading())

    async def killed_somewhere(self) -> None:
        """Die once: at a boundary of answering, or while a reply is on the wire."""
        if self.random.random() < 0.3:
            await self._killed_on_the_wire()
        else:
            await self._died_at(self.random.choice(REPLY_BOUNDARIES))
        self._check_received()

    async def _died_at(self, boundary: str) -> None:
        # Passed once, at the start, and only after a death on the wire.
        is_rare = boundary.startswith(("reply_abandoned", "reply_uncertain"))
        count = 1 if is_rare else self.random.randint(1, 3)
        async with self.mortal_bridge(boundary, count) as bridge:
            await self.burst(_QUESTIONS)
            if not await self._has_died(bridge):
                await bridge.kill()
                boundary = _NOWHERE
            self._count(bridge, boundary)

    async def _has_died(self, bridge: BridgeProcess) -> bool:
        """False if it has nothing left to do, and so will not pass the boundary again."""
        at_rest = 0
        async with Database(self.store_url) as database, asyncio.timeout(_LIVENESS_SECONDS):
            while at_rest < _LOOKS_AT_REST:
                if bridge.has_ended:
                    return True
                has_more = await database.read(lambda one: one.scalar(text(_UNFINISHED)))
                at_rest = 0 if has_more or not await self._is_finished(database) else at_rest + 1
                await asyncio.sleep(_LOOK_SECONDS)
        return False

    async def _killed_on_the_wire(self) -> None:
        """As soon as WhatsApp has a reply, or a random moment later."""
        before = len(self.whatsapp.server.outgoing)
        self.whatsapp.server.reception.unacknowledged = self.random.randint(0, 1)
        async with self.bridge() as bridge:
            await self.burst(_QUESTIONS)
            try:
                await self.whatsapp.server.wait_for(
                    lambda: len(self.whatsapp.server.outgoing) > before, _LIVENESS_SECONDS / 2
                )
            except TimeoutError:
                pass
            else:
                await asyncio.sleep(self.random.choice((0, 0, 0.01, 0.05)))
            await bridge.kill()
            self._count(bridge, "on the wire")
        self.whatsapp.server.reception.unacknowledged = 0

    def _count(self, bridge: BridgeProcess, place: str) -> None:
        if not bridge.was_killed:
            raise BrokenPromiseError(f"the bridge ended by itself: {bridge.output[-2000:]}")
        self.kills += place != _NOWHERE
        self.by_place[place] += 1

    @property
    def received(self) -> int:
        """How many replies have reached a customer."""
        return len(self._received())

    def _received(self) -> list[Outgoing]:
        sent = self.whatsapp.server.outgoing
        return [one for one in sent if not one.body.HasField("deviceSentMessage")]

    def _check_received(self) -> Counter[str]:
        """Each reply arrived once, at the right person; how often each question was answered."""
        answers: Counter[str] = Counter()
        for one in self._received():
            part = one.body.extendedTextMessage
            question = part.contextInfo.stanzaID
            asker = self._asked.get(question)
            if asker is None or not asker.is_at(one.to) or part.text != f"Cevap: {question}":
                raise BrokenPromiseError(f"{one.id} went to another chat")
            answers[question] += 1
        if twice := [question for question, count in answers.items() if count > 1]:
            raise BrokenPromiseError(f"answered twice: {twice}")
        return answers

    async def settled(self) -> None:
        """Let it run until nothing is left to do, and compare the outbox with what was received."""
        await self.started()
        async with Database(self.store_url) as database:
            await self._wait(database)
            rows = (await database.read(lambda one: one.execute(text(_OUTBOX)))).all()
        await self.ended()
        answers = self._check_received()
        for row in rows:
            self._check_row(row, answers[row.quoted_id])
        self.outcomes = Counter(row.state for row in rows)
        if sum(answers.values()) < self.outcomes["sent"]:
            raise BrokenPromiseError("fewer were received than sent")

    def _check_row(self, row: Any, received: int) -> None:
        allowed = {"sent": (1,), "uncertain": (0, 1)}.get(row.state, (0,))
        if row.state not in _AT_REST or received not in allowed:
            raise BrokenPromiseError(f"a reply is {row.state} and was received {received} times")

    async def _wait(self, database: Database) -> None:
        async with asyncio.timeout(_LIVENESS_SECONDS):
            while True:
                if not await database.read(lambda one: one.scalar(text(_UNFINISHED))):
                    return
                await asyncio.sleep(0.1)


@dataclass
class ReplyResult:
    """The result of a run; `replies` counts the outbox's rows by their final state."""

    seed: int
    kills: int = 0
    places: int = 0
    questions: int = 0
    received: int = 0
    replies: dict[str, int] = field(default_factory=dict)
    by_place: dict[str, int] = field(default_factory=dict)
    answered_twice: int = 0
    to_another_chat: int = 0
    seconds: float = 0.0


async def run(
    new_url: Callable[[], str], folder: Path, seed: int, kills: int, done: Callable[[int], None]
) -> ReplyResult:
    """At least `kills` deaths while answering. Raises BrokenPromiseError at the first violation."""
    result, started = ReplyResult(seed), time.monotonic()
    places: Counter[str] = Counter()
    replies: Counter[str] = Counter()
    while result.kills < kills:
        place = folder / f"arena-{result.kills}"
        place.mkdir()
        async with reply_arena(place, new_url(), seed + result.kills) as one:
            while one.kills < min(_MOST_IN_ONE_ARENA, kills - result.kills):
                await one.killed_somewhere()
                done(result.kills + one.kills)
        result.kills += one.kills
        result.questions += len(one.sent)
        result.received += one.received
        places += one.by_place
        replies += one.outcomes
    result.replies, result.by_place = dict(sorted(replies.items())), dict(sorted(places.items()))
    result.places = len(places.keys() - {_NOWHERE})
    result.seconds = round(time.monotonic() - started, 1)
    return result


def answer(request: Recorded) -> Raw:
    return as_json({"reply": f"Cevap: {request.json['message']['message_id']}", "confidence": 0.95})


@asynccontextmanager
async def reply_arena(folder: Path, store_url: str, seed: int) -> AsyncIterator[ReplyArena]:
    """A paired bridge that answers, stopped; every random choice is drawn from `seed`."""
    (folder / "whatsapp").mkdir()
    async with Simulator(folder / "whatsapp") as whatsapp, AgentServer() as agent:
        agent.answerer = answer
        url = store_url or f"sqlite:///{folder / 'store.db'}"
        one = ReplyArena(whatsapp, agent, folder, url, random.Random(seed), SETTINGS)
        await one.pair()
        try:
            yield one
            await one.settled()
            await one.check(in_order=False)
            await one.verify()
        finally:
            if one.running is not None:
                await one.running.kill()
