"""Notifies somebody outside WhatsApp of what is wrong with the bridge: its beginning and its end.

Sent alarms are recorded in a file beside the session: the store may be what is away. It decides
nothing (`alarm_plan`).
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from pydantic import TypeAdapter

from izer_bridge.conditions import alarm_plan, owner_texts
from izer_bridge.conditions.alarm_plan import AlarmCase, DueAlarm, Phase
from izer_bridge.domain.condition import Condition
from izer_bridge.domain.errors import ConfigError, PermanentError, TransientError
from izer_bridge.domain.escalation import Target
from izer_bridge.domain.outgoing import MayBeHandedOverError
from izer_bridge.domain.retry import backoff_seconds
from izer_bridge.escalation.alarm_ports import Alarm, Channel
from izer_bridge.host.clock import Clock
from izer_bridge.host.loop import Loop
from izer_bridge.host.plain_files import read_plain

log = structlog.get_logger(__name__)

FILE = "alarms.json"
LOOK_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 300.0
_MOST_BYTES = 256 * 1024
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
_CASES = TypeAdapter(list[AlarmCase])
EVENTS = {Phase.BEGUN: "condition.began", Phase.ENDED: "condition.ended"}


class AlarmFile:
    """The cases at `path`. A disk that refuses them stops nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Sequence[AlarmCase]:
        """Empty if there is no such file, or none that this version can read."""
        try:
            return _CASES.validate_json(read_plain(self._path, _MOST_BYTES))
        except (OSError, ConfigError, ValueError):
            return ()

    def write(self, cases: Sequence[AlarmCase]) -> None:
        scratch = self._path.with_suffix(".new")
        with suppress(OSError):
            with open(os.open(scratch, _WRITING, 0o600), "wb") as file:
                file.write(_CASES.dump_json(list(cases)))
            scratch.replace(self._path)


class BridgeAlarms:
    """`holding` says what is wrong now; without `channels` nobody is notified."""

    def __init__(
        self,
        holding: Callable[[], Sequence[Condition]],
        channels: Mapping[Target, Channel],
        file: AlarmFile,
        zone: ZoneInfo,
        clock: Clock,
    ) -> None:
        self._holding = holding
        self._channels = channels
        self._file = file
        self._zone = zone
        self._clock = clock
        self._cases: Sequence[AlarmCase] = file.read()
        self._loop = Loop("alarms", self._step, LOOK_SECONDS, waits_first=True)

    async def run(self) -> None:
        if self._channels:
            await self._loop.run()

    async def _step(self) -> bool:
        now = self._clock.now()
        self._keep(alarm_plan.followed(self._cases, self._holding(), now))
        for one in list(alarm_plan.due(self._cases, list(self._channels), now)):
            changed = await self._tell(one)
            self._keep([changed if case.key == changed.key else case for case in self._cases])
        self._keep([one for one in self._cases if not alarm_plan.is_over(one, self._channels)])
        return False

    def _keep(self, cases: Sequence[AlarmCase]) -> None:
        if list(cases) != list(self._cases):
            self._cases = cases
            self._file.write(cases)

    async def _tell(self, one: DueAlarm) -> AlarmCase:
        """The case after an attempt, which is repeated until accepted or certain never to be."""
        current = next(case for case in self._cases if case.key == one.case.key)
        fields = {
            "condition": str(one.case.name),
            "phase": str(one.phase),
            "to": str(one.target),
        }
        try:
            await self._channels[one.target].deliver(self._alarm(one))
        except TransientError as error:
            count = alarm_plan.attempts(one) + 1
            pause = timedelta(seconds=backoff_seconds(count, longest=_LONGEST_PAUSE_SECONDS))
            log.warning("alarm_delayed", **fields, error=str(error))
            next_at = self._clock.now() + pause
            return alarm_plan.postponed(current, one.target, one.phase, count, next_at)
        except MayBeHandedOverError as error:
            log.warning("alarm_uncertain", **fields, error=str(error))
        except PermanentError as error:
            log.error("alarm_failed", **fields, error=str(error))
        else:
            log.info("alarm_told", **fields)
        return alarm_plan.told(current, one.target, one.phase)

    def _alarm(self, one: DueAlarm) -> Alarm:
        case = one.case
        at = case.ended_at if one.phase is Phase.ENDED and case.ended_at else case.since
        begun = f"{case.since:%Y%m%dT%H%M%S}"
        about = f"{case.name}.{case.about}" if case.about else str(case.name)
        alarm = Alarm(
            key=f"condition:{about}:{begun}:{one.phase}:{one.target}",
            at=at,
            subject=owner_texts.begun_subject(case.name),
            text=owner_texts.begun_text(case.name, case.since, self._zone),
            data=_data(case),
            event=EVENTS[one.phase],
        )
        if one.phase is Phase.BEGUN:
            return alarm
        return replace(
            alarm,
            subject=owner_texts.ended_subject(case.name),
            text=owner_texts.ended_text(case.name, case.since, at, self._zone),
        )


def _data(case: AlarmCase) -> Mapping[str, object]:
    ended_at = None if case.ended_at is None else case.ended_at.isoformat(timespec="seconds")
    return {
        "name": str(case.name),
        "about": case.about,
        "sentence": case.sentence,
        "remedy": case.remedy,
        "since": case.since.isoformat(timespec="seconds"),
        "ended_at": ended_at,
    }
