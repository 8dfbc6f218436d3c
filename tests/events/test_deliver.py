"""The courier over a real store and real HTTP: no target waits for another, nothing is lost."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from izer_bridge.domain.event import EVERY_TYPE, Subscriptions
from izer_bridge.domain.link_state import LinkState, LinkStatus
from izer_bridge.domain.retry import DELIVERY_ATTEMPTS, delivery_seconds
from izer_bridge.events.deliver import EventCourier
from izer_bridge.events.http_target import HttpTarget, open_session
from izer_bridge.events.link_events import SessionNews
from izer_bridge.events.store.deliveries import Deliveries
from izer_bridge.host.clock import Clock
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.servers.loopback import Hang, Loopback, Raw
from tests.store import ledgers
from tests.store.ledgers import SCREENING
from tests.store.messages import message

SECRET = SecretStr("whsec_" + b64encode(bytes(32)).decode())


@dataclass
class Office:
    """A store, targets `a` and `b` at servers, and the time, which a test moves."""

    url: str
    ledger: SqlLedger
    servers: dict[str, Loopback]
    clock: ledgers.Clock
    courier: EventCourier
    again: Callable[[], EventCourier]

    async def states(self, target: str) -> list[str]:
        rows = await Store(self.url).rows("SELECT target, state FROM event_deliveries ORDER BY id")
        return [row.state for row in rows if row.target == target]

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Yield until it holds; the test's own timeout ends it."""
        while not await condition():
            pass

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        running = asyncio.create_task(self.courier.run())
        yield
        self.courier.stop()
        await running


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    url, clock = f"sqlite:///{tmp_path / 'store.db'}", ledgers.Clock(datetime.now(UTC))
    wanted = Subscriptions({"a": EVERY_TYPE, "b": EVERY_TYPE})
    ledger = SqlLedger(url, SCREENING, "me", subscriptions=wanted, clock=clock)
    await ledger.open()
    servers = {name: Loopback("/hook", lambda _: Raw(b"")) for name in "ab"}
    async with open_session() as session, servers["a"], servers["b"]:
        targets = {
            name: HttpTarget(f"{one.url}/hook", [SECRET], session) for name, one in servers.items()
        }
        time = Clock(now=clock, milliseconds=lambda: 0.0, chance=lambda: 0.5)

        def courier() -> EventCourier:
            return EventCourier(ledger.deliveries(), targets, time)

        yield Office(url, ledger, servers, clock, courier(), courier)
    await ledger.close()


def ids(server: Loopback) -> list[str]:
    return [request.headers["webhook-id"] for request in server.requests]


async def test_one_that_hangs_holds_up_neither_the_other_nor_the_ledger(office: Office) -> None:
    office.servers["a"].script(*[Hang()] * 20)
    await office.ledger.record([message(number) for number in range(20)])
    running = asyncio.create_task(office.courier.run())
    await office.servers["b"].wait_for(20)
    await office.ledger.record([message(20)])
    await office.servers["b"].wait_for(21)
    assert len(office.servers["a"].requests) <= 8
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert set(await office.states("a")) == {"pending"}


async def test_every_try_has_the_same_id_and_body_until_it_is_given_up(office: Office) -> None:
    server = office.servers["a"]
    server.answerer = lambda _: Raw(b"", status=500)
    began = office.clock.now
    await office.ledger.record([message(1)])
    async with office.working():
        for number in range(1, DELIVERY_ATTEMPTS + 1):
            await server.wait_for(number)
            last = number == DELIVERY_ATTEMPTS
            await office.until(lambda last=last: noted(office, "dead" if last else "pending"))  # type: ignore[misc]
            pause = 0 if last else delivery_seconds(number, 0.5)
            office.clock.forward(pause)
    assert office.clock.now - began > timedelta(hours=27)
    assert len(server.requests) == DELIVERY_ATTEMPTS
    assert len(set(ids(server))) == 1
    assert len({request.body for request in server.requests}) == 1
    assert await office.states("a") == ["dead"]
    assert await office.states("b") == ["delivered"]
    async with Deliveries(office.url, ["a", "b"], office.clock) as deliveries:
        [left] = await deliveries.list()
        assert (left.why, left.attempts, left.error) == ("dead", 9, "answered 500")
        server.answerer = lambda _: Raw(b"")
        assert await deliveries.retry([left.row_id]) == 1
    office.courier = office.again()
    async with office.working():
        await server.wait_for(DELIVERY_ATTEMPTS + 1)
    assert await office.states("a") == ["delivered"]
    assert len(set(ids(server))) == 1


async def noted(office: Office, state: str) -> bool:
    """Whether the latest attempt at `a` has been recorded."""
    [row] = await Store(office.url).rows(
        "SELECT state, lease_token FROM event_deliveries WHERE target = 'a'"
    )
    return row.state == state and row.lease_token is None


async def test_what_a_target_asks_for_is_kept(office: Office) -> None:
    busy = Raw(b"", status=429, headers={"Retry-After": "7200"})
    office.servers["a"].script(busy)
    await office.ledger.record([message(1)])
    async with office.working():
        await office.servers["a"].wait_for(1)
        await office.until(lambda: noted(office, "pending"))
        assert await office.ledger.deliveries().claim("a", 9, 1) == ()
        office.clock.forward(7199)
        assert await office.ledger.deliveries().claim("a", 9, 1) == ()
        office.clock.forward(1)
        await office.servers["a"].wait_for(2)


async def test_a_target_that_is_gone_waits_for_the_operator(office: Office) -> None:
    office.servers["a"].script(Raw(b"", status=410))
    await office.ledger.record([message(1)])
    async with office.working():
        await office.servers["a"].wait_for(1)
        await office.until(lambda: noted(office, "pending"))
        await office.ledger.record([message(2)])
        await office.servers["b"].wait_for(2)
        assert len(office.servers["a"].requests) == 1
        async with Deliveries(office.url, ["a", "b"], office.clock) as deliveries:
            assert [one.why for one in await deliveries.list()] == ["held", "held"]
            assert await deliveries.enable("a")
        await office.servers["a"].wait_for(3)
    assert await office.states("a") == ["delivered", "delivered"]


async def test_stopping_brings_what_is_due(office: Office) -> None:
    await office.ledger.record([message(number) for number in range(8)])
    office.courier.stop()
    await office.courier.run()
    assert await office.states("a") == await office.states("b") == ["delivered"] * 8


async def test_only_changes_that_others_see_are_told_in_order(office: Office) -> None:
    news = SessionNews(office.ledger.deliveries().tell_status, office.clock)
    running = asyncio.create_task(news.run())
    for state in (
        LinkState.STARTING,
        LinkState.SCAN_QR_CODE,
        LinkState.QR_EXPIRED,
        LinkState.SCAN_QR_CODE,
        LinkState.PAIRING,
        LinkState.CONNECTED,
        LinkState.CONNECTED,
        LinkState.BANNED,
        LinkState.STOPPED,
    ):
        news.changed(LinkStatus(state))
        office.clock.forward(1)
    await news.stop()
    await running
    office.courier.stop()
    await office.courier.run()
    told = [json.loads(request.body)["data"] for request in office.servers["a"].requests]
    words = [one["status"] for one in sorted(told, key=lambda one: ORDER.index(one["state"]))]
    assert words == ["STARTING", "SCAN_QR_CODE", "STARTING", "WORKING", "FAILED", "STOPPED"]


ORDER = ["starting", "scan_qr_code", "pairing", "connected", "banned", "stopped"]


def test_the_pauses_reach_over_a_day_and_never_shrink() -> None:
    tries = range(1, DELIVERY_ATTEMPTS)
    assert sum(delivery_seconds(one, 0.0) for one in tries) > 27 * 3600
    assert [delivery_seconds(one, 0.0) for one in tries] == sorted(
        delivery_seconds(one, 0.0) for one in tries
    )
    assert delivery_seconds(1, 0.999) < 6.25
    assert delivery_seconds(1, 0.0, asked_for=90.0) == 90
    assert delivery_seconds(8, 0.0, asked_for=90.0) == 36_000
