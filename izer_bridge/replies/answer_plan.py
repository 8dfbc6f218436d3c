"""Plans what becomes of an agent's answer; the store applies the plan when settling; pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from izer_bridge.agents.agent_answer import AgentAnswer
from izer_bridge.agents.safety_words import led, warning
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.message import NEEDS_A_PERSON
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.domain.work import Work
from izer_bridge.replies.decide import (
    Answered,
    ChatFacts,
    Proposal,
    ReplyPolicy,
    decide,
    standing_against,
    unanswerable,
)

# Named as the reply's author if the customer is only warned.
NO_AGENT = "safety"


class AgentReply(NamedTuple):
    """An answer, and which agent gave it."""

    agent: str
    answer: AgentAnswer


# Used before any agent has answered. If it is sent, a later agent answer is not proposed.
WARNING_ALONE = AgentReply(NO_AGENT, AgentAnswer(needs_human=True))


@dataclass(frozen=True, slots=True)
class Reported:
    """The open dangers, and those of them that no reply warns of yet; gravest first."""

    dangers: tuple[Danger, ...] = ()
    unwarned: tuple[Danger, ...] = ()


@dataclass(frozen=True, slots=True)
class StandingDraft:
    """A draft that waits for a person, about the same customer's earlier question.

    Drafts that warn of danger are excluded: those are decided through the owner's notice, whatever
    the customer writes meanwhile. `is_by_mode`: the shop wants to see every reply there.
    """

    row_id: int
    text: str = field(repr=False)
    is_by_mode: bool = False


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """The store's facts when the answer arrives: about the message, and about its chat."""

    recorded_at: datetime
    reported: Reported
    chat: ChatFacts
    drafts: tuple[StandingDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedReply:
    """A row for the outbox. Without a `text` the answer could not be used: `error`."""

    state: OutboxState
    reason: str
    not_before: datetime
    expires_at: datetime | None = None
    text: str | None = field(default=None, repr=False)
    confidence: float | None = None
    dangers: tuple[Danger, ...] = ()
    error: str | None = None

    @property
    def danger(self) -> str | None:
        """The dangers that it warns of, as the store keeps them."""
        return ",".join(self.dangers) or None

    @property
    def is_by_policy(self) -> bool:
        """Whether it is sent without any person having seen it."""
        return self.state is OutboxState.APPROVED


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """The one reply to a message, if any, and what the owner is told about it on WhatsApp.

    `announces`: that the reply is a draft. `calls_owner`: that the agent leaves the message to a
    person and proposes nothing. `renewed` are the drafts that the reply replaces.
    """

    reply: PlannedReply | None = None
    renewed: tuple[int, ...] = ()
    announces: bool = False
    calls_owner: bool = False


def may_answer(work: Work, agent: str, policy: ReplyPolicy) -> bool:
    """Whether any answer of this agent to this message is proposed at all."""
    return _mode(work, agent, policy)[0] is not Mode.OFF and not work.message.is_gesture


def plan_answer(
    work: Work, said: AgentReply, facts: AnswerFacts, policy: ReplyPolicy, now: datetime
) -> AnswerPlan:
    """Call it if the agent `may_answer` and no reply to the message has been planned before."""
    answer = said.answer
    if work.message.kind in NEEDS_A_PERSON:
        # Whatever an agent makes of it, it has not seen or heard the content.
        answer = AgentAnswer(needs_human=True)
    language = work.analysis.language if work.analysis else ""
    renews = any(draft.is_by_mode for draft in facts.drafts)
    proposal = _proposal(answer, facts.reported, language, renews=renews)
    if proposal is not None:
        if _is_said_already(work, proposal, facts.drafts):
            return AnswerPlan()
        reply = _planned(work, said.agent, proposal, facts, policy, now)
        is_draft = reply.state is OutboxState.DRAFT
        # A warning alone answers none of the questions.
        is_answer = answer.reply is not None and reply.text == proposal.text
        is_open = is_draft or reply.is_by_policy
        renewed = tuple(one.row_id for one in facts.drafts) if is_answer and is_open else ()
        return AnswerPlan(reply, renewed, announces=is_draft and bool(policy.owner))
    if answer.fault is not None:
        reason, error = _mode(work, said.agent, policy), f"agent's answer: {answer.fault}"
        failed = PlannedReply(OutboxState.FAILED, ": ".join(reason), now, error=error)
        return AnswerPlan(failed)
    is_left = answer.needs_human and unanswerable(work.message, policy) is None
    is_open = is_left and standing_against(facts.chat) is None
    # An agent that has not answered so far may still do so.
    return AnswerPlan(calls_owner=is_open and bool(policy.owner) and said is not WARNING_ALONE)


def _is_said_already(work: Work, proposal: Proposal, drafts: tuple[StandingDraft, ...]) -> bool:
    """Whether a draft says exactly that, and the customer has only thanked since."""
    asks_nothing = work.analysis is not None and not work.analysis.action_required
    is_same = any(draft.text == proposal.text for draft in drafts)
    return asks_nothing and is_same and not proposal.dangers


def _planned(
    work: Work,
    agent: str,
    proposal: Proposal,
    facts: AnswerFacts,
    policy: ReplyPolicy,
    now: datetime,
) -> PlannedReply:
    mode, whose = _mode(work, agent, policy)
    answered = Answered(work.message, facts.recorded_at)
    decision = decide(proposal, mode, answered, facts.chat, policy, now)
    return PlannedReply(
        decision.state,
        f"{mode} ({whose}): {decision.reason}",
        decision.not_before,
        decision.expires_at,
        decision.text,
        proposal.confidence,
        proposal.dangers,
    )


def _mode(work: Work, agent: str, policy: ReplyPolicy) -> tuple[Mode, str]:
    chat = work.message.chat
    number = None if chat.is_group else work.phone_number or None
    return policy.mode_of(chat, number, agent, work.analysis.category if work.analysis else None)


def _proposal(
    said: AgentAnswer, found: Reported, language: str, *, renews: bool
) -> Proposal | None:
    """The proposal: the agent's reply behind the warning, or the warning alone."""
    warned = warning(found.dangers, language) if found.unwarned else ""
    if said.reply is None:
        return Proposal(warned, None, True, warned, found.unwarned) if warned else None
    text = led(said.reply, found.dangers, language)
    return Proposal(text, said.confidence, said.needs_human, warned, found.unwarned, renews)
