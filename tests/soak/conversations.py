"""Thousands of conversations in which a person steps in at random, on a clock that is turned.

The real store, recorder, worker and courier; what is invented is time, the customers, the agent,
and a sender that is held to the same contract as the real one and remembers what it was given.
"""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from izer_bridge.agents.limits import GuardedAgent, Limits
from izer_bridge.agents.routing import Rule
from izer_bridge.analysis.analyse import Analysing
from izer_bridge.analysis.budget import Spending
from izer_bridge.domain.cost import NO_BUDGET
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.domain.outgoing import (
    HandedOver,
    MayBeHandedOverError,
    NotHandedOverError,
    Outgoing,
)
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.host.clock import Clock
from izer_bridge.host.loop import Hint
from izer_bridge.inbox.entry import InboxEntry
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline import automatic
from izer_bridge.pipeline.record import Recorder
from izer_bridge.pipeline.signals import RecordSignals, WorkSignals
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.pipeline.worker import Steps, Worker
from izer_bridge.replies.decide import QuietHours, ReplyPolicy
from izer_bridge.replies.send import Courier, SendSettings, SendSignals
from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.store.database import Database
from tests.chaos.arena import BrokenPromiseError

ACCOUNT = "+905550000001"
_OWN = Jid.parse("905550000001@s.whatsapp.net")
_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_PAUSE = timedelta(minutes=30)
_AT_A_TIME = 40
_EVENTS = 3
_IN_ONE_STREET = 500
_LOOK_SECONDS = 0.01
_PENDING = """
SELECT (SELECT count(*) FROM webhook_messages WHERE state IN ('recorded', 'analysed', 'dispatched'))
     + (SELECT count(*) FROM outbox WHERE state = 'sending')
"""
POLICY = ReplyPolicy(
    mode=Mode.SEND,
    burst=timedelta(seconds=8),
    human_pause=_PAUSE,
    max_age=timedelta(minutes=30),
    per_chat_per_hour=3,
    per_hour=120,
    quiet=QuietHours(),
)


@dataclass
class TurnedClock:
    now: datetime = _START

    def __call__(self) -> datetime:
        return self.now


class Agent:
    """Answers each message with its own id, mostly sure of it."""

    url = None

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        sure = 0.9 if self._chance.random() < 0.95 else 0.2
        return {"reply": f"Cevap: {body['message']['message_id']}", "confidence": sure}


@dataclass(frozen=True)
class Said:
    """The messages of a chat, in the order in which they reached WhatsApp."""

    who: str
    at: datetime
    id: str


@dataclass
class Town:
    """The chats as WhatsApp has them, and the sender that writes into them."""

    clock: TurnedClock
    chance: random.Random
    inbox: SqliteInbox
    account: str | None = ACCOUNT
    is_ready: bool = True
    arrived: Hint = field(default_factory=Hint)
    chats: dict[Jid, list[Said]] = field(default_factory=lambda: defaultdict(list))
    paused_until: dict[Jid, datetime] = field(default_factory=dict)
    sent_at: dict[Jid, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    all_sent: list[datetime] = field(default_factory=list)
    handed: Counter[str] = field(default_factory=Counter)
    events: dict[int, Message] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    broken: list[BrokenPromiseError] = field(default_factory=list)
    _typed_in: Jid = _OWN
    _looked_at: datetime = _START

    @property
    def appended(self) -> int:
        return self.inbox.appended

    def depth(self) -> int:
        """A person may step in right after the courier has looked."""
        self._looked_at = self.clock()
        if self._typed_in != _OWN and self.chance.random() < 0.05:
            asyncio.get_running_loop().call_soon(self.write, self._typed_in, "shop")
        return self.inbox.depth()

    async def show_typing(self, chat: Jid, *, is_typing: bool) -> None:
        """A person may step in just then."""
        self._typed_in = chat if is_typing else _OWN
        if is_typing and self.chance.random() < 0.05:
            self.write(chat, "shop")

    async def send(self, outgoing: Outgoing) -> HandedOver:
        """Every promise must hold at the moment of handing over."""
        chance, self._typed_in = self.chance.random(), _OWN
        if chance < 0.02:
            raise NotHandedOverError("not connected")
        self._judge(outgoing)
        chat, now = outgoing.chat, self.clock()
        self.handed[outgoing.text] += 1
        self.sent_at[chat].append(now)
        self.all_sent.append(now)
        self.counts["replies"] += 1
        whatsapp_id = f"SENT{self.counts['replies']}"
        self.chats[chat].append(Said("bridge", now, whatsapp_id))
        if chance < 0.04:
            raise MayBeHandedOverError("no answer")
        await asyncio.sleep(0)
        return HandedOver(whatsapp_id, now)

    def id_of(self, secret: bytes) -> str | None:
        return None

    def write(self, chat: Jid, who: str) -> None:
        """A customer, or the shop by hand, writes; the event is in the inbox when this returns."""
        number = len(self.events)
        now = self.clock()
        is_own = who == "shop"
        if is_own and self._would_be_a_greeting(chat, now):
            return
        sender = _OWN if is_own else chat
        said = Said(who, now, f"3EB0{number:08d}")
        self.events[number] = Message(
            account=ACCOUNT,
            message_id=said.id,
            chat=chat,
            sender=sender,
            sent_at=now,
            kind=Kind.TEXT,
            text=f"{number}. {'Bakıyoruz' if is_own else 'Bisikletim hazır mı?'}",
            origin=Origin.LIVE,
            from_me=is_own,
            sender_name="" if is_own else "Müşteri",
        )
        self.inbox.append([(17, str(number).encode())])
        self.arrived()
        self.chats[chat].append(said)
        self.counts[who] += 1
        if is_own:
            self.paused_until[chat] = now + _PAUSE

    def _would_be_a_greeting(self, chat: Jid, now: datetime) -> bool:
        """No person answers a first message at once; the shop's app does."""
        said = self.chats[chat]
        before = [automatic.ChatTurn(one.at, one.who != "customer") for one in said]
        recent = [one for one in before if one.at > now - automatic.SILENCE]
        return automatic.follows_at_once(now, recent)

    def _judge(self, outgoing: Outgoing) -> None:
        """What is wrong now was so when the courier looked, or the clock was turned in between."""
        before = self._wrong(outgoing, self._looked_at)
        for what in self._wrong(outgoing, self.clock()) & before:
            self.broken.append(BrokenPromiseError(f"a reply was sent {what}"))
            raise self.broken[-1]

    def _wrong(self, outgoing: Outgoing, now: datetime) -> set[str]:
        chat = outgoing.chat
        question = outgoing.text.removeprefix("Cevap: ")
        last = next(one for one in reversed(self.chats[chat]) if one.who != "bridge")
        hour = now - timedelta(hours=1)
        wrong = {
            "twice": self.handed[outgoing.text] > 0,
            "to another chat or to an older message, or after a person": last.id != question,
            "without its quote": outgoing.quoted is None or outgoing.quoted.message_id != question,
            "while the chat is paused": self.paused_until.get(chat, now) > now,
            "over the chat's cap": _since(self.sent_at[chat], hour) >= POLICY.per_chat_per_hour,
            "over the shop's cap": _since(self.all_sent, hour) >= POLICY.per_hour,
            "in quiet hours": POLICY.quiet.end_after(now) is not None,
            "to an old message": now - last.at > POLICY.max_age,
        }
        return {what for what, is_so in wrong.items() if is_so}


def _since(moments: list[datetime], begin: datetime) -> int:
    return sum(moment > begin for moment in moments[-POLICY.per_hour - 1 :])


@dataclass(frozen=True)
class Street:
    """A town with a bridge that works it."""

    town: Town
    ledger: SqlLedger
    recorder: Recorder
    worker: Worker
    courier: Courier
    work: Hint
    sending: SendSignals
    store: Database


@dataclass(frozen=True)
class Figures:
    """What became of the conversations; `replies` counts rows of the outbox by state."""

    conversations: int
    questions: int
    by_hand: int
    sent: int
    replies: dict[str, int]
    seconds: float


class _NoDirectory:
    async def group_name(self, group: Jid) -> str:
        return ""

    async def number_of(self, lid: Jid) -> Jid | None:
        return None

    async def is_admin(self, group: Jid, member: Sequence[Jid]) -> bool | None:
        return None

    async def shop_is_admin(self, group: Jid) -> bool | None:
        return None


def _event(town: Town, entry: InboxEntry) -> list[Message]:
    return [town.events[int(entry.payload)]]


async def converse(one: Street, count: int, done: Callable[[int], None]) -> Figures:
    """`count` conversations, some at a time. Raises BrokenPromiseError."""
    began = time.monotonic()
    town = one.town
    for first in range(0, count, _AT_A_TIME):
        chats = [
            Jid.parse(f"90555{number:07d}@s.whatsapp.net")
            for number in range(first, min(first + _AT_A_TIME, count))
        ]
        for chat in chats:
            town.write(chat, "customer")
            await _turn(one, town.chance.uniform(0, 20))
        for _ in range(_EVENTS * len(chats)):
            await _happen(one, town.chance.choice(chats))
        await _turn(one, 3 * 3600, until_done=True)
        done(first + len(chats))
    return Figures(
        conversations=count,
        questions=town.counts["customer"],
        by_hand=town.counts["shop"],
        sent=town.counts["replies"],
        replies=await _checked(one),
        seconds=round(time.monotonic() - began, 1),
    )


async def _happen(one: Street, chat: Jid) -> None:
    """Somebody writes, or only time passes."""
    town, chance = one.town, one.town.chance
    who = chance.choices(("customer", "burst", "shop", "nobody"), (3, 1, 1, 2))[0]
    match who:
        case "burst":
            for _ in range(chance.randint(2, 3)):
                town.write(chat, "customer")
                await _turn(one, chance.uniform(0, 4))
        case "customer" | "shop":
            town.write(chat, who)
    await _turn(one, chance.choice((0, 5, 20, 90, 600)), until_done=chance.random() < 0.1)


async def _turn(one: Street, seconds: float, *, until_done: bool = False) -> None:
    """Let time pass; now and then until the bridge has nothing left to do."""
    one.town.clock.now += timedelta(seconds=seconds)
    one.work()
    one.sending.hint()
    for _ in range(one.town.chance.randint(1, 100)):
        await asyncio.sleep(0)
    if not until_done:
        return
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if await _is_done(one):
                return
            await asyncio.sleep(_LOOK_SECONDS)


async def _is_done(one: Street) -> bool:
    if one.town.inbox.depth():
        return False
    if await one.store.read(lambda connection: connection.scalar(text(_PENDING))):
        return False
    return await one.ledger.outbox().next_due(ACCOUNT) is None


async def _checked(one: Street) -> dict[str, int]:
    """The outbox's sent rows are exactly what was handed over, and each rightly so."""
    for broken in one.town.broken:
        raise broken
    query = text("SELECT state, quoted_id FROM outbox")
    rows = (await one.store.read(lambda connection: connection.execute(query))).all()
    for row in rows:
        handed = one.town.handed[f"Cevap: {row.quoted_id}"]
        if handed != (row.state in ("sent", "uncertain")):
            raise BrokenPromiseError(f"a reply is {row.state} and was handed over {handed} times")
        if row.state in ("approved", "sending"):
            raise BrokenPromiseError(f"a reply is still {row.state}")
    return dict(sorted(Counter(row.state for row in rows).items()))


@asynccontextmanager
async def street(folder: Path, store_url: str, seed: int) -> AsyncIterator[Street]:
    """Everything runs until the block ends."""
    chance, clock = random.Random(seed), TurnedClock()
    inbox = SqliteInbox(folder / "inbox.db")
    town = Town(clock, chance, inbox)
    url = store_url or f"sqlite:///{folder / 'store.db'}"
    ledger = SqlLedger(
        url,
        Screening(ImportanceRules.of([], []), False, POLICY),
        "street",
        lease_seconds=1e6,
        clock=clock,
    )
    await ledger.open()
    steps = Steps(
        rules=[Rule("agent")],
        agents={"agent": GuardedAgent("agent", Agent(chance), Limits(), lambda: 0.0)},
        analysing=Analysing(None, "none", Spending(ledger, None, NO_BUDGET, clock), 2),
    )
    work, sending = Hint(), SendSignals()
    worker = Worker(
        ledger,
        steps,
        Clock(clock, lambda: 0.0, chance.random),
        16,
        WorkSignals(work, rested=lambda _: sending.hint()),
    )
    recorder = Recorder(
        inbox,
        ledger,
        lambda entry: _event(town, entry),
        _NoDirectory(),
        RecordSignals(town.arrived, recorded=lambda _: work(), emptied=sending.hint),
    )
    sent = SendSettings(0.0001, timedelta(hours=1))
    courier = Courier(ledger.outbox(), town, town, sent, clock, sending)
    try:
        async with Database(url) as store, asyncio.TaskGroup() as tasks:
            for part in (recorder, worker, courier):
                tasks.create_task(part.run())
            yield Street(town, ledger, recorder, worker, courier, work, sending, store)
            for part in (recorder, worker, courier):
                part.stop()
    finally:
        await ledger.close()
        inbox.close()


def _add(done: Callable[[int], None], before: int, here: int) -> None:
    done(before + here)


async def run(folder: Path, seed: int, count: int, done: Callable[[int], None]) -> Figures:
    """`count` conversations in streets of their own stores. Raises BrokenPromiseError."""
    all_of_them: list[Figures] = []
    for first in range(0, count, _IN_ONE_STREET):
        place = folder / f"street-{first}"
        place.mkdir()
        async with street(place, "", seed + first) as one:
            some = min(_IN_ONE_STREET, count - first)
            all_of_them.append(await converse(one, some, partial(_add, done, first)))
    states = sorted({state for one in all_of_them for state in one.replies})
    return Figures(
        conversations=sum(one.conversations for one in all_of_them),
        questions=sum(one.questions for one in all_of_them),
        by_hand=sum(one.by_hand for one in all_of_them),
        sent=sum(one.sent for one in all_of_them),
        replies={state: sum(one.replies.get(state, 0) for one in all_of_them) for state in states},
        seconds=round(sum(one.seconds for one in all_of_them), 1),
    )
