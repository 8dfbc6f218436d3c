"""Writes down what becomes of an agent's answer, in the transaction that settles its message."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from izer_bridge.model.answer import AgentAnswer
from izer_bridge.model.event import EventType
from izer_bridge.model.message import NEEDS_A_PERSON
from izer_bridge.model.outbox import OutboxKind, OutboxState
from izer_bridge.model.reply import (
    Answered,
    Mode,
    Proposal,
    ReplyPolicy,
    decide,
    standing_against,
    unanswerable,
)
from izer_bridge.pipeline.ports import Work
from izer_bridge.store.events import emit
from izer_bridge.store.situation import About, of_reply
from izer_bridge.store.tables import agent_routing, outbox, webhook_messages

# Who has decided what is sent without a person.
BY_POLICY = "policy"
_ROWS, _ROUTES = webhook_messages.c, agent_routing.c


async def propose(
    connection: AsyncConnection, work: Work, policy: ReplyPolicy, now: datetime
) -> bool:
    """Write the outbox row of the work's latest answer: a draft, a reply to be sent, or why not.

    Nothing is written where replies are off, and where the agent proposes none; True where it asks
    for a person then.
    """
    answer = await _latest_answer(connection, work.row_id)
    if answer is None:
        return False
    category = work.analysis.category if work.analysis else None
    number = work.phone_number or None
    if work.message.chat.is_group:
        number = None
    mode, whose = policy.mode_of(work.message.chat, number, answer.agent_type, category)
    if mode is Mode.OFF:
        return False
    purpose = reply_to(work.row_id)
    if await connection.scalar(select(outbox.c.id).where(outbox.c.purpose == purpose)):
        return False
    row = await _row(connection, work, now) | {"purpose": purpose, "agent": answer.agent_type}
    said = AgentAnswer.parse(answer.response_data)
    if work.message.kind in NEEDS_A_PERSON:
        # Whatever an agent makes of it, it has not seen or heard what was said.
        said = AgentAnswer(needs_human=True)
    if said.fault is not None:
        failure = {"state": str(OutboxState.FAILED), "error": f"agent's answer: {said.fault}"}
        await connection.execute(insert(outbox).values(**row, **failure, reason=f"{mode}: {whose}"))
    elif said.reply is not None:
        proposal = Proposal(said.reply, said.confidence, said.needs_human)
        decided = await _decided(connection, work, proposal, (mode, whose), policy, row)
        await connection.execute(insert(outbox).values(**row | decided))
        if decided["state"] == OutboxState.DRAFT:
            told = {
                "account": row["account"],
                "row_id": work.row_id,
                "message_id": work.message.message_id,
                "chat": row["chat_jid"],
                "agent": row["agent"],
                "reason": decided["reason"],
            }
            texts = {"text": said.reply}
            await emit(connection, EventType.DRAFT_CREATED, told, at=now, texts=texts)
    elif said.needs_human and unanswerable(work.message, policy) is None:
        situation = await of_reply(
            connection, About(work.row_id, row["chat_id"], work.message.account), now
        )
        return standing_against(situation) is None
    return False


def reply_to(row_id: int) -> str:
    """The purpose of the one reply to a message."""
    return f"reply:{row_id}"


async def _decided(
    connection: AsyncConnection,
    work: Work,
    proposal: Proposal,
    mode: tuple[Mode, str],
    policy: ReplyPolicy,
    row: dict[str, Any],
) -> dict[str, Any]:
    now = row["created_at"]
    about = About(work.row_id, row["chat_id"], work.message.account)
    situation = await of_reply(connection, about, now)
    recorded_at = await connection.scalar(select(_ROWS.created_at).where(_ROWS.id == work.row_id))
    answered = Answered(work.message, recorded_at or now)
    decision = decide(proposal, mode[0], answered, situation, policy, now)
    is_by_policy = decision.state is OutboxState.APPROVED
    return {
        "state": str(decision.state),
        "proposed_text": proposal.text,
        "confidence": proposal.confidence,
        "reason": f"{mode[0]} ({mode[1]}): {decision.reason}",
        "not_before": decision.not_before,
        "expires_at": decision.expires_at,
        "decided_by": BY_POLICY if is_by_policy else None,
        "decided_at": now if is_by_policy else None,
    }


async def _row(connection: AsyncConnection, work: Work, now: datetime) -> dict[str, Any]:
    message = work.message
    chat_id = await connection.scalar(select(_ROWS.chat_id).where(_ROWS.id == work.row_id))
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


async def _latest_answer(connection: AsyncConnection, row_id: int) -> Any:
    """Of the agents' calls the latest that was answered, also with what cannot be used."""
    found = await connection.execute(
        select(_ROUTES.agent_type, _ROUTES.response_data)
        .where(_ROUTES.webhook_message_id == row_id, _ROUTES.response_data.is_not(None))
        .order_by(_ROUTES.id.desc())
        .limit(1)
    )
    return found.one_or_none()
