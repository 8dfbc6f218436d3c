"""What the owner is told on WhatsApp of answers to customers, and when; pure.

Nobody is woken for it: both kinds of notices wait for the end of the quiet hours, but for a draft
that warns of danger.
"""

from dataclasses import replace
from datetime import datetime

from izer_bridge.domain.correspondent import Correspondent
from izer_bridge.domain.identity import person_jid
from izer_bridge.domain.work import Work
from izer_bridge.replies.answer_plan import PlannedReply
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.owner_texts import announcement, call
from izer_bridge.replies.ports import Notice

_DRAFT, _PERSON = "draft-notice:", "person-notice:"


def waits_for_morning(purpose: str) -> bool:
    """Whether a notice of this purpose is one of these, and answers nobody who is awake."""
    return purpose.startswith((_DRAFT, _PERSON))


def of_draft(
    draft_id: int, draft: PlannedReply, work: Work, policy: ReplyPolicy, now: datetime
) -> Notice:
    """It waits for as long as a customer's burst may last: what follows makes another draft."""
    is_pressing = draft.danger is not None
    text = announcement(
        draft_id,
        _who(work),
        work.message.announced,
        draft.text or "",
        _quoted(work),
        is_pressing=is_pressing,
    )
    notice = replace(
        _notice(f"{_DRAFT}{draft_id}", text, work, policy, now),
        about_id=draft_id,
        expires_at=draft.expires_at,
        danger=draft.danger,
    )
    return replace(notice, not_before=now) if is_pressing else notice


def of_person_wanted(work: Work, policy: ReplyPolicy, now: datetime) -> Notice:
    """Of a message that its agent leaves to a person without proposing a reply."""
    text = call(_who(work), work.message.announced, _quoted(work))
    return _notice(f"{_PERSON}{work.row_id}", text, work, policy, now)


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
