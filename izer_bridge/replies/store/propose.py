"""Writes down what becomes of an agent's answer, in the transaction that settles its message."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from izer_bridge.agents.agent_answer import AgentAnswer
from izer_bridge.agents.safety_words import led, warning
from izer_bridge.agents.store import whole
from izer_bridge.domain.event import EventType
from izer_bridge.domain.message import NEEDS_A_PERSON
from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.domain.work import Attempt, Work
from izer_bridge.events.store.emit import emit
from izer_bridge.replies.decide import (
    Answered,
    Proposal,
    ReplyPolicy,
    decide,
    standing_against,
    unanswerable,
)
from izer_bridge.replies.store.chat_facts import About, of_reply
from izer_bridge.replies.store.danger_warnings import Reported, reported
from izer_bridge.store.tables import agent_calls, outbox, webhook_messages

# Whose reply it is where the customer is only warned.
NO_AGENT = "safety"
# Who has decided what is sent without a person.
BY_POLICY = "policy"
_ROWS, _ROUTES = webhook_messages.c, agent_calls.c


class AgentReply(NamedTuple):
    """An answer, and which agent gave it."""

    agent: str
    answer: AgentAnswer


def propose(
    connection: Connection, work: Work, said: AgentReply, policy: ReplyPolicy, now: datetime
) -> bool:
    """Write the outbox row of an answer: a draft, a reply to be sent, or why not.

    Nothing is written where replies are off, and where the agent proposes none; True where it asks
    for a person then.
    """
    return _propose(connection, work, said.agent, said.answer, policy, now)


def propose_warning(connection: Connection, work: Work, policy: ReplyPolicy, now: datetime) -> None:
    """Of danger alone, as no agent has answered so far; what one answers later is not proposed."""
    _propose(connection, work, NO_AGENT, AgentAnswer(needs_human=True), policy, now)


def _propose(
    connection: Connection,
    work: Work,
    agent: str,
    said: AgentAnswer,
    policy: ReplyPolicy,
    now: datetime,
) -> bool:
    mode = _mode(work, agent, policy)
    purpose = reply_to(work.row_id)
    is_needless = mode[0] is Mode.OFF or work.message.is_gesture
    if is_needless or _is_there(connection, purpose):
        return False
    if work.message.kind in NEEDS_A_PERSON:
        # Whatever an agent makes of it, it has not seen or heard what was said.
        said = AgentAnswer(needs_human=True)
    row = _row(connection, work, now) | {"purpose": purpose, "agent": agent}
    about = About(work.row_id, row["chat_id"], work.message.account)
    language = work.analysis.language if work.analysis else ""
    proposal = _proposal(said, reported(connection, about), language)
    if proposal is not None:
        decided = _decided(connection, work, proposal, mode, policy, row)
        connection.execute(insert(outbox).values(**row | decided))
        if decided["state"] == OutboxState.DRAFT:
            _tell(connection, work, row | decided)
    elif said.fault is not None:
        failure = {"state": str(OutboxState.FAILED), "error": f"agent's answer: {said.fault}"}
        reason = f"{mode[0]}: {mode[1]}"
        connection.execute(insert(outbox).values(**row, **failure, reason=reason))
    elif said.needs_human and unanswerable(work.message, policy) is None:
        return standing_against(of_reply(connection, about, now)) is None
    return False


def _proposal(said: AgentAnswer, found: Reported, language: str) -> Proposal | None:
    """What is proposed: the agent's reply behind what must be said first, or that alone."""
    warned = warning(found.dangers, language) if found.unwarned else ""
    if said.reply is None:
        return Proposal(warned, None, True, warned, found.unwarned) if warned else None
    text = led(said.reply, found.dangers, language)
    return Proposal(text, said.confidence, said.needs_human, warned, found.unwarned)


def _mode(work: Work, agent: str, policy: ReplyPolicy) -> tuple[Mode, str]:
    chat = work.message.chat
    number = None if chat.is_group else work.phone_number or None
    return policy.mode_of(chat, number, agent, work.analysis.category if work.analysis else None)


def _is_there(connection: Connection, purpose: str) -> bool:
    return bool(connection.scalar(select(outbox.c.id).where(outbox.c.purpose == purpose)))


def _tell(connection: Connection, work: Work, row: Mapping[str, Any]) -> None:
    """Other programs, of a draft."""
    told = {
        "account": row["account"],
        "row_id": work.row_id,
        "message_id": work.message.message_id,
        "chat": row["chat_jid"],
        "agent": row["agent"],
        "reason": row["reason"],
    }
    texts = {"text": row["proposed_text"]}
    emit(connection, EventType.DRAFT_CREATED, told, at=row["created_at"], texts=texts)


def reply_to(row_id: int) -> str:
    """The purpose of the one reply to a message."""
    return f"reply:{row_id}"


def _decided(
    connection: Connection,
    work: Work,
    proposal: Proposal,
    mode: tuple[Mode, str],
    policy: ReplyPolicy,
    row: dict[str, Any],
) -> dict[str, Any]:
    now = row["created_at"]
    about = About(work.row_id, row["chat_id"], work.message.account)
    facts = of_reply(connection, about, now)
    recorded_at = connection.scalar(select(_ROWS.created_at).where(_ROWS.id == work.row_id))
    answered = Answered(work.message, recorded_at or now)
    decision = decide(proposal, mode[0], answered, facts, policy, now)
    is_by_policy = decision.state is OutboxState.APPROVED
    return {
        "state": str(decision.state),
        "proposed_text": decision.text,
        "danger": ",".join(proposal.dangers) or None,
        "confidence": proposal.confidence,
        "reason": f"{mode[0]} ({mode[1]}): {decision.reason}",
        "not_before": decision.not_before,
        "expires_at": decision.expires_at,
        "decided_by": BY_POLICY if is_by_policy else None,
        "decided_at": now if is_by_policy else None,
    }


def _row(connection: Connection, work: Work, now: datetime) -> dict[str, Any]:
    message = work.message
    chat_id = connection.scalar(select(_ROWS.chat_id).where(_ROWS.id == work.row_id))
    return {
        "kind": str(OutboxKind.REPLY),
        "account": message.account,
        "webhook_message_id": work.row_id,
        "chat_id": chat_id,
        "chat_jid": str(message.chat),
        "quoted_id": message.message_id,
        "quoted_sender": str(message.sender),
        "not_before": now,
        "created_at": now,
        "updated_at": now,
    }


def said_in(attempt: Attempt) -> AgentReply | None:
    response = attempt.response
    return None if response is None else AgentReply(attempt.agent, AgentAnswer.parse(response))


def latest_answer(connection: Connection, work: Work) -> AgentReply | None:
    """Of the agents' calls the latest that was answered, also with what cannot be used."""
    found = connection.execute(
        select(_ROUTES.agent_type, _ROUTES.response_data, _ROUTES.steps, _ROUTES.facts)
        .where(_ROUTES.webhook_message_id == work.row_id, _ROUTES.response_data.is_not(None))
        .order_by(_ROUTES.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    return AgentReply(found.agent_type, AgentAnswer.parse(whole(connection, found) or {}))
