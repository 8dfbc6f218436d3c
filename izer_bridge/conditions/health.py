"""Whether the bridge can do its work: for a monitor, a person, and a restarting supervisor."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from aiohttp import web

from izer_bridge.agents.limits import AgentCondition
from izer_bridge.conditions.ports import Health, HealthSource, Sending
from izer_bridge.domain.condition import has_error
from izer_bridge.web.access import ACCESS

SERVICE = "izer-bridge"
_LEGACY = ("status", "service", "timestamp")


class Status(StrEnum):
    """`degraded`: WhatsApp is away, or a person must act. `failing`: messages cannot be stored."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class HealthCheck:
    source: HealthSource

    async def get(self, request: web.Request) -> web.Response:
        """200, also without a link, which no restart can fix; 503 only when failing.

        A caller without the required token gets only the legacy keys.
        """
        health = await self.source.health()
        status = status_of(health)
        code = HTTPStatus.SERVICE_UNAVAILABLE if status is Status.FAILING else HTTPStatus.OK
        document = render(health, status, datetime.now(UTC))
        if not request.app[ACCESS].is_granted(request):
            document = {key: document[key] for key in _LEGACY}
        return web.json_response(document, status=code)

    async def live(self, request: web.Request) -> web.Response:
        """200: a process that answers need not be restarted, whatever is away outside."""
        return web.json_response({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """200 if a message that arrives now would be kept, linked or not; else 503."""
        is_ready = status_of(await self.source.health()) is not Status.FAILING
        if is_ready:
            return web.json_response({"status": "ready"})
        return web.json_response({"status": "not ready"}, status=HTTPStatus.SERVICE_UNAVAILABLE)


def status_of(health: Health) -> Status:
    if not (health.is_store_ok and health.is_inbox_ok):
        return Status.FAILING
    is_stopped = health.sending is not None and health.sending.stopped_until is not None
    is_well = health.is_linked and not is_stopped and not has_error(health.conditions)
    return Status.OK if is_well else Status.DEGRADED


def render(health: Health, status: Status, now: datetime) -> dict[str, Any]:
    """The legacy keys `status`, `service`, `timestamp`, and the bridge's additions."""
    return {
        "status": str(status),
        "service": SERVICE,
        "timestamp": now.isoformat(),
        "version": health.version,
        "uptime_seconds": round(health.uptime_seconds, 3),
        "link": {
            "state": health.link_state,
            "linked": health.is_linked,
            "detail": health.link_sentence,
        },
        "store": {"ok": health.is_store_ok} | _damage(health),
        "inbox": {
            "ok": health.is_inbox_ok,
            "depth": health.inbox_depth,
            "set_aside": health.set_aside,
        },
        "gaps": {"open": health.open_gaps},
        "danger": {"open": health.in_danger},
        "agents": {name: _agent(condition) for name, condition in health.agents.items()},
        "sending": None if health.sending is None else _sending(health.sending),
        "last_event_age_seconds": health.last_event_age_seconds,
        "disks": [asdict(disk) for disk in health.disks],
        "conditions": [one.as_json() for one in health.conditions],
    }


def _damage(health: Health) -> dict[str, str]:
    return {"detail": health.store_damage} if health.store_damage else {}


def _agent(condition: AgentCondition) -> dict[str, Any]:
    return {
        "breaker": str(condition.state),
        "failures_in_a_row": condition.failures_in_a_row,
        "calls_under_way": condition.calls_under_way,
        "retry_in_seconds": condition.retry_in_seconds,
    }


def _sending(sending: Sending) -> dict[str, Any]:
    until = sending.stopped_until
    return {
        "stopped_until": None if until is None else until.isoformat(timespec="seconds"),
        "paused_chats": sending.paused_chats,
        "uncertain": sending.uncertain,
    }
