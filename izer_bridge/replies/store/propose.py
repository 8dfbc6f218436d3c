"""Records what becomes of an agent's answer, in the transaction that settles its message."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from izer_bridge.agents.agent_answer import AgentAnswer
from izer_bridge.agents.store import whole
from izer_bridge.domain.event import EventType
from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.domain.work import Attempt, Work
from izer_bridge.events.store.emit import emit
from izer_bridge.replies.answer_plan import (
    WARNING_ALONE,
    AgentReply,
    AnswerFacts,
    PlannedReply,
    may_answer,
    plan_answer,
)
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.owner_notices import DraftNotice, of_draft, of_person_wanted
from izer_bridge.replies.store.chat_facts import About, of_reply, standing_drafts
from izer_bridge.replies.store.danger_warnings import reported
from izer_bridge.replies.store.outbox_rows import move, notify
from izer_bridge.store.tables import agent_calls, outbox, webhook_messages

# Named as the decider of replies sent without a person.
BY_POLICY = "policy"
_ROWS, _ROUTES = webhook_messages.c, agent_calls.c


def answered(
    connection: Connection, work: Work, said: AgentReply | None, policy: ReplyPolicy, now: datetime
) -> None:
    """Record what becomes of an agent's answer, once, and tell the owner about it."""
    if said is None or not may_answer(work, said.agent, policy) or _is_there(connection, work):
        return
    about, recorded_at = _asked(connection, work)
    chat = of_reply(connection, about, now)
    drafts = standing_drafts(connection, about, now)
    facts = AnswerFacts(recorded_at, reported(connection, about), chat, drafts)
    plan = plan_answer(work, said, facts, policy, now)
    if plan.reply is not None:
        row_id = _insert(connection, work, about, said.agent, plan.reply, now)
        for draft_id in plan.renewed:
            then = {"about_id": row_id, "error": f"renewed by draft {row_id}"}
            move(connection, draft_id, OutboxState.DRAFT, now, state=OutboxState.RENEWED, **then)
        if plan.announces:
            told = DraftNotice(row_id, plan.reply, plan.renewed)
            for notice in of_draft(told, work, policy, now):
                notify(connection, notice, now)
    if plan.calls_owner:
        notify(connection, of_person_wanted(work, policy, now), now)


def warn(connection: Connection, work: Work, policy: ReplyPolicy, now: datetime) -> None:
    """A customer in danger is warned even if the agent does not answer."""
    if work.analysis is not None and work.analysis.dangers:
        answered(connection, work, WARNING_ALONE, policy, now)


def reply_to(row_id: int) -> str:
    """The purpose of the one reply to a message."""
    return f"reply:{row_id}"


def _is_there(connection: Connection, work: Work) -> bool:
    found = select(outbox.c.id).where(outbox.c.purpose == reply_to(work.row_id))
    return bool(connection.scalar(found))


def _asked(connection: Connection, work: Work) -> tuple[About, datetime]:
    """The answered message, and since when it has been recorded.

    Read again since the claim: its chat may have been merged with another meanwhile.
    """
    found = select(_ROWS.chat_id, _ROWS.created_at).where(_ROWS.id == work.row_id)
    chat_id, recorded_at = connection.execute(found).one()
    return About(work.row_id, chat_id, work.message.account), recorded_at


def _insert(
    connection: Connection, work: Work, about: About, agent: str, reply: PlannedReply, now: datetime
) -> int:
    """Write the reply, and emit an event for a draft; returns the row's id."""
    message = work.message
    made = connection.execute(
        insert(outbox).values(
            purpose=reply_to(work.row_id),
            kind=str(OutboxKind.REPLY),
            state=str(reply.state),
            account=message.account,
            webhook_message_id=work.row_id,
            chat_id=about.chat_id,
            chat_jid=str(message.chat),
            quoted_id=message.message_id,
            quoted_sender=str(message.sender),
            agent=agent,
            proposed_text=reply.text,
            danger=reply.danger,
            confidence=reply.confidence,
            reason=reply.reason,
            error=reply.error,
            not_before=reply.not_before,
            expires_at=reply.expires_at,
            decided_by=BY_POLICY if reply.is_by_policy else None,
            decided_at=now if reply.is_by_policy else None,
            created_at=now,
            updated_at=now,
        )
    )
    if reply.state is OutboxState.DRAFT:
        _tell(connection, work, agent, reply, now)
    return int((made.inserted_primary_key or (0,))[0])


def _tell(
    connection: Connection, work: Work, agent: str, draft: PlannedReply, now: datetime
) -> None:
    told = {
        "account": work.message.account,
        "row_id": work.row_id,
        "message_id": work.message.message_id,
        "chat": str(work.message.chat),
        "agent": agent,
        "reason": draft.reason,
    }
    emit(connection, EventType.DRAFT_CREATED, told, at=now, texts={"text": draft.text})


def said_in(attempt: Attempt) -> AgentReply | None:
    response = attempt.response
    return None if response is None else AgentReply(attempt.agent, AgentAnswer.parse(response))


def latest_answer(connection: Connection, work: Work) -> AgentReply | None:
    """Of the calls to agents the latest that was answered, even if the answer cannot be used."""
    found = connection.execute(
        select(_ROUTES.agent_type, _ROUTES.response_data, _ROUTES.steps, _ROUTES.facts)
        .where(_ROUTES.webhook_message_id == work.row_id, _ROUTES.response_data.is_not(None))
        .order_by(_ROUTES.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    return AgentReply(found.agent_type, AgentAnswer.parse(whole(connection, found) or {}))
