"""Tells the owner on WhatsApp of a draft, in the transaction that writes it.

Nobody is woken for it: both kinds of notices wait for the end of the quiet hours, but for a draft
that warns of danger.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from izer_bridge.domain.correspondent import Correspondent
from izer_bridge.domain.identity import person_jid
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.work import Work
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.owner_texts import announcement, call
from izer_bridge.replies.ports import Notice
from izer_bridge.replies.store.outbox_rows import notify
from izer_bridge.replies.store.propose import AgentReply, propose, propose_warning, reply_to
from izer_bridge.store.tables import outbox

_DRAFT, _PERSON = "draft-notice:", "person-notice:"


def waits_for_morning(purpose: str) -> bool:
    """Whether a notice of this purpose is one of these, and answers nobody who is awake."""
    return purpose.startswith((_DRAFT, _PERSON))


def answered(
    connection: Connection, work: Work, said: AgentReply | None, policy: ReplyPolicy, now: datetime
) -> None:
    """Write down what becomes of an agent's answer, and tell the owner of it."""
    if policy.is_off:
        return
    if said is not None and propose(connection, work, said, policy, now):
        call_for_a_person(connection, work, policy, now)
    announce(connection, work, policy, now)


def announce(connection: Connection, work: Work, policy: ReplyPolicy, now: datetime) -> None:
    """Put the notice into the outbox, where the work's reply is a draft and there is an owner.

    It waits for as long as a customer's burst may last: what follows makes another draft.
    """
    if not policy.owner:
        return
    found = connection.execute(
        select(outbox.c.id, outbox.c.proposed_text, outbox.c.expires_at, outbox.c.danger).where(
            outbox.c.purpose == reply_to(work.row_id), outbox.c.state == str(OutboxState.DRAFT)
        )
    )
    draft = found.one_or_none()
    if draft is None:
        return
    asked, proposed = work.message.announced, draft.proposed_text or ""
    who, is_pressing = _who(work), draft.danger is not None
    text = announcement(draft.id, who, asked, proposed, _quoted(work), is_pressing=is_pressing)
    notice = _notice(f"{_DRAFT}{draft.id}", text, work, policy, now)
    notice = replace(
        notice,
        about_id=draft.id,
        expires_at=draft.expires_at,
        danger=draft.danger,
        not_before=now if is_pressing else notice.not_before,
    )
    notify(connection, notice, now)


def warn(connection: Connection, work: Work, policy: ReplyPolicy, now: datetime) -> None:
    """Who is in danger does not wait for an agent that does not answer."""
    if work.analysis is not None and work.analysis.dangers:
        propose_warning(connection, work, policy, now)
        announce(connection, work, policy, now)


def call_for_a_person(
    connection: Connection, work: Work, policy: ReplyPolicy, now: datetime
) -> None:
    """Tell the owner of a message that its agent leaves to a person without proposing a reply."""
    if not policy.owner:
        return
    text = call(_who(work), work.message.announced, _quoted(work))
    notice = _notice(f"{_PERSON}{work.row_id}", text, work, policy, now)
    notify(connection, notice, now)


def _notice(purpose: str, text: str, work: Work, policy: ReplyPolicy, now: datetime) -> Notice:
    """To the owner, about the work's message."""
    message = work.message
    return Notice(
        purpose=purpose,
        account=message.account,
        chat=person_jid(policy.owner),
        text=text,
        message_row_id=work.row_id,
        not_before=now + policy.burst,
        expires_at=policy.draft_until(message.sent_at, now),
    )


def _quoted(work: Work) -> str:
    quoted = work.message.context.quoted
    return "" if quoted is None else quoted.text


def _who(work: Work) -> Correspondent:
    message = work.message
    is_lid_only = not work.phone_number and message.sender.is_lid
    if message.chat.is_group:
        return Correspondent(message.sender_name, work.phone_number, is_lid_only, message.chat_name)
    name = message.chat_name or message.sender_name
    return Correspondent(name, work.phone_number, is_lid_only)
