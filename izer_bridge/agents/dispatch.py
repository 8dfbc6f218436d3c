"""Calls the agent that routing chose, in the form of the contract (`docs/agents.md`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from izer_bridge.agents.agent_answer import AgentAnswer
from izer_bridge.agents.ports import Agent
from izer_bridge.agents.routing import Facts, Route
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.context_info import ContextInfo
from izer_bridge.domain.errors import BridgeError, PermanentError, TransientError
from izer_bridge.domain.folding import fold, visible
from izer_bridge.domain.importance import folded
from izer_bridge.domain.message import EarlierVerdict, HistoryEntry, Message, Origin, Subject
from izer_bridge.domain.work import Attempt

CONTRACT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt, begun at `now`: its message's key, and until when its answer is useful."""

    idempotency_key: str
    now: datetime
    deadline: datetime


def facts_of(
    message: Message, subject: Subject, analysis: Analysis, zone: tzinfo | None = None
) -> Facts:
    """The facts for the routing rules; the shop's clock is `zone`'s, without one the server's."""
    # The replaced system's connector identifies a group by its name alone.
    may_be_group = message.chat.is_group or message.origin is Origin.WEBHOOK
    return Facts(
        text=fold(visible(subject.text)),
        analysis=analysis,
        is_vip=subject.is_vip,
        is_group=message.chat.is_group,
        group=(str(message.chat), folded(message.chat_name)) if may_be_group else (),
        at=subject.sent_at.astimezone(zone),
    )


def request_body(
    subject: Subject,
    analysis: Analysis,
    route: Route,
    call: Call,
    in_hand: Mapping[int, EarlierVerdict] = MappingProxyType({}),
) -> dict[str, Any]:
    """The body of `POST /process`: as the replaced system sent it, plus a few keys.

    `in_hand`: verdicts on earlier messages, by row, that are not in the store yet.
    """
    return {
        "version": CONTRACT_VERSION,
        "idempotency_key": call.idempotency_key,
        "deadline": call.deadline.isoformat(),
        "message": {
            "message_id": subject.message_id,
            "chat_time": subject.sent_at.isoformat(),
            "chat_name": subject.chat_name,
            "phone_number": subject.phone_number,
            "sender": subject.sender,
            "current_message": subject.text,
            "history": [
                _history_item(entry, in_hand.get(entry.row_id)) for entry in subject.history
            ],
            **_around(subject.context),
        },
        "analysis": analysis.as_json(),
        "routing_info": {
            "routed_by": "izer-bridge",
            "timestamp": call.now.isoformat(),
            "reason": route.reason,
        },
    }


def _around(context: ContextInfo) -> dict[str, Any]:
    """Only the present parts: most messages quote nothing."""
    around: dict[str, Any] = {}
    if (quoted := context.quoted) is not None:
        around["quoted"] = {
            "sender": quoted.sender,
            "content": quoted.text,
            "fromMe": quoted.from_me,
            "isStored": quoted.is_stored,
        }
    if (advert := context.advert) is not None:
        around["advert"] = {"title": advert.title, "body": advert.body, "link": advert.link}
    return around | ({"isForwarded": True} if context.is_forwarded else {})


def _history_item(entry: HistoryEntry, in_hand: EarlierVerdict | None) -> dict[str, Any]:
    return {
        "sender": entry.sender,
        "content": entry.content,
        "timestamp": entry.sent_at.isoformat(),
        "type": entry.kind,
        "fromMe": entry.from_me,
        **({"isAutomatic": True} if entry.is_automatic else {}),
        **({"isByBridge": True} if entry.is_by_bridge else {}),
        **_waiting(entry, in_hand),
    }


def _waiting(entry: HistoryEntry, in_hand: EarlierVerdict | None) -> dict[str, Any]:
    """Whether it still waits, and its verdict; nothing if unknown."""
    verdict = in_hand or entry.verdict
    if in_hand is None and not entry.is_open:
        return {} if entry.is_open is None else {"isOpen": False}
    if verdict is None:
        return {"isOpen": True}
    judged = {"category": verdict.category, "urgency_score": verdict.urgency}
    return {"isOpen": True, "analysis": judged, "agent": verdict.agent}


async def call(
    agent: Agent,
    route: Route,
    body: dict[str, Any],
    idempotency_key: str,
    milliseconds: Callable[[], float],
) -> tuple[Attempt, BridgeError | None]:
    """Try once. The attempt is recorded whatever its result; the error says whether to retry.

    An unusable answer is a failure as well, but asking again cannot fix it.
    """
    started = milliseconds()
    response, error, fault = None, None, None
    try:
        response = await agent.process(body, idempotency_key)
        fault = AgentAnswer.parse(response).fault
    except (TransientError, PermanentError) as failure:
        error, fault = failure, str(failure)
    attempt = Attempt(
        agent=route.agent,
        url=agent.url,
        reason=route.reason,
        succeeded=fault is None,
        response=response,
        response_time_ms=round(milliseconds() - started),
        error=fault,
    )
    return attempt, error
