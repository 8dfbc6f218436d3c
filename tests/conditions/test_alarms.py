"""Alarms about the bridge itself: when they are due, once each, and what a restart keeps."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from izer_bridge.conditions import owner_texts
from izer_bridge.conditions.alarms import FILE, AlarmFile, BridgeAlarms
from izer_bridge.domain.condition import Condition, ConditionName, error, warning
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.escalation import Target
from izer_bridge.domain.outgoing import MayBeHandedOverError
from izer_bridge.escalation.alarm_ports import Alarm
from izer_bridge.host.clock import Clock

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Istanbul")
_N = ConditionName


@dataclass
class FakeChannel:
    """Keeps what it is given; `errors` are raised first, one a call."""

    errors: list[Exception] = field(default_factory=list)
    given: list[Alarm] = field(default_factory=list)

    async def deliver(self, alarm: Alarm) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.given.append(alarm)

    @property
    def events(self) -> list[str]:
        return [one.event for one in self.given]


@dataclass
class Watched:
    """A bridge whose conditions a test sets, and two ways out; minutes pass as it says."""

    folder: Path
    now: datetime = START
    holding: list[Condition] = field(default_factory=list)
    email: FakeChannel = field(default_factory=FakeChannel)
    webhook: FakeChannel = field(default_factory=FakeChannel)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        channels = {Target.EMAIL: self.email, Target.WEBHOOK: self.webhook}
        clock = Clock(lambda: self.now, lambda: 0.0, lambda: 0.5)
        file = AlarmFile(self.folder / FILE)
        self.alarms = BridgeAlarms(lambda: self.holding, channels, file, ZONE, clock)

    async def look(self, *holding: Condition, after: float = 0.0) -> None:
        """Some minutes later."""
        self.now += timedelta(minutes=after)
        self.holding = list(holding)
        await self.alarms._step()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def banned(at: datetime = START) -> Condition:
    return error(_N.BANNED, "WhatsApp has banned this number", "wait", since=at)


async def test_its_begin_and_its_end_are_told_once_by_each_way(watched: Watched) -> None:
    for _ in range(3):
        await watched.look(banned())
    assert (watched.email.events, watched.webhook.events) == (["condition.began"],) * 2
    for _ in range(4):
        await watched.look(after=1)
    assert (watched.email.events, watched.webhook.events) == (
        ["condition.began", "condition.ended"],
    ) * 2
    begun, ended = watched.email.given
    assert begun.subject == "İzer Bridge: WhatsApp bu numarayı geçici olarak yasakladı"
    assert "01.03. 12:30" in begun.text
    assert "Ne yapmalı: " in begun.text
    assert ended.subject.startswith("İzer Bridge: düzeldi – ")
    assert "01.03. 12:30 – 01.03. 12:31" in ended.text
    assert begun.data["remedy"] == "wait"
    assert ended.data["ended_at"] == "2026-03-01T09:31:00+00:00"
    assert begun.key != ended.key


async def test_a_restart_tells_nothing_twice_and_forgets_no_end(watched: Watched) -> None:
    await watched.look(banned())
    watched.restart()
    await watched.look(banned(), after=5)
    assert watched.email.events == ["condition.began"]
    await watched.look(after=1)
    watched.restart()
    await watched.look(after=2)
    assert watched.email.events == ["condition.began", "condition.ended"]


async def test_a_store_that_is_away_for_a_moment_calls_nobody(watched: Watched) -> None:
    away = error(_N.STORE_AWAY, "the store does not answer", "start it", since=START)
    await watched.look(away, after=2)
    await watched.look(after=1)
    assert watched.email.given == []
    later = error(_N.STORE_AWAY, "the store does not answer", "start it", since=watched.now)
    await watched.look(later, after=3)
    assert watched.email.events == ["condition.began"]


async def test_what_comes_and_goes_has_begun_once(watched: Watched) -> None:
    await watched.look(banned())
    for _ in range(5):
        await watched.look(after=0.5)
        await watched.look(banned(watched.now), after=0.4)
    assert watched.email.events == ["condition.began"]


async def test_a_way_that_is_away_is_tried_again_and_the_other_is_not_held(
    watched: Watched,
) -> None:
    watched.email.errors = [TransientError("no SMTP server"), TransientError("no SMTP server")]
    for _ in range(4):
        await watched.look(banned(), after=2)
    assert (watched.email.events, watched.webhook.events) == (["condition.began"],) * 2


async def test_an_end_before_the_begin_could_be_told_is_told_alone(watched: Watched) -> None:
    watched.email.errors = [TransientError("no network")]
    await watched.look(banned())
    await watched.look(after=3)
    await watched.look(after=3)
    assert watched.email.events == ["condition.ended"]
    assert "12:30 – 01.03. 12:33" in watched.email.given[0].text


@pytest.mark.parametrize("failure", [PermanentError("550"), MayBeHandedOverError("cut")])
async def test_what_no_try_can_mend_or_may_have_arrived_is_not_repeated(
    watched: Watched, failure: Exception
) -> None:
    watched.email.errors = [failure]
    for _ in range(3):
        await watched.look(banned(), after=2)
    assert watched.email.given == []
    assert watched.webhook.events == ["condition.began"]


async def test_only_what_is_about_the_bridge_itself_calls_somebody(watched: Watched) -> None:
    drafts = warning(_N.DRAFTS_WAITING, "3 drafts", "see", since=START)
    await watched.look(drafts, after=60)
    assert watched.email.given == []
    asked = {
        *(_N.LOGGED_OUT, _N.BANNED, _N.SENDING_STOPPED, _N.DISK_FULL, _N.DISK_LOW),
        *(_N.STORE_AWAY, _N.WHATSAPP_SILENT),
    }
    assert asked <= owner_texts.TOLD


def test_a_file_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('[{"name": "no such"}]')
    assert list(AlarmFile(tmp_path / FILE).read()) == []
