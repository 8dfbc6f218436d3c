"""Decides whether an agent's answer is sent, shown to a person first, or dropped, and why; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo

from izer_bridge.domain.analysis import Category
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Message, Origin
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.reply_mode import Mode

_BOT_SERVER = "bot"
# https://faq.whatsapp.com/2257017191175152: Meta AI's number.
_BOTS = frozenset({"13135550002"})
_HOUR = timedelta(hours=1)
WRITTEN_AGAIN = "the customer has written again"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another in the shop's zone, also past midnight; equal: never."""

    begin: time = time(22)
    end: time = time(8)
    zone: tzinfo = UTC

    def end_after(self, moment: datetime) -> datetime | None:
        """When the quiet hours around `moment` end (aware UTC); None outside them."""
        local = moment.astimezone(self.zone)
        now, today = local.time(), local.date()
        if self.begin <= self.end:
            is_quiet, day = self.begin <= now < self.end, today
        else:
            is_quiet = now >= self.begin or now < self.end
            day = today + timedelta(days=1) if now >= self.begin else today
        if not is_quiet:
            return None
        return datetime.combine(day, self.end, self.zone).astimezone(UTC)

    def ends_at(self, moment: datetime) -> time | None:
        """The time of day at which the quiet hours around `moment` end; None outside them."""
        return None if self.end_after(moment) is None else self.end


@dataclass(frozen=True, slots=True)
class ReplyPolicy:
    """The settings of `[reply]`. `chats` is keyed by `person_key` or by a group's JID.

    `owner` is the `person_key` of the person who decides drafts on WhatsApp; empty: nobody does.
    """

    mode: Mode = Mode.OFF
    categories: Mapping[Category, Mode] = field(default_factory=dict)
    agents: Mapping[str, Mode] = field(default_factory=dict)
    chats: Mapping[str, Mode] = field(default_factory=dict)
    # Below it an agent's answer reads like a guess.
    min_confidence: float = 0.6
    burst: timedelta = timedelta(seconds=8)
    human_pause: timedelta = timedelta(minutes=60)
    # By then a customer no longer expects an immediate answer; a person may still send the draft,
    # until the shop has been open once.
    max_age: timedelta = timedelta(minutes=30)
    draft_lasts: timedelta = timedelta(hours=12)
    per_chat_per_hour: int = 6
    per_hour: int = 60
    # One a minute: more than a person reads, less than WhatsApp treats as spam.
    notices_per_hour: int = 60
    # By hand nobody comes near these; a loop that calls itself a person does.
    hand_per_chat_per_hour: int = 60
    hand_per_hour: int = 240
    # Whether a chat is written to in which the shop alone has written so far.
    to_new_chats: bool = False
    quiet: QuietHours = QuietHours()
    allow_groups: bool = False
    owner: str = ""

    @property
    def is_off(self) -> bool:
        """Whether nobody is answered at all."""
        own = (*self.categories.values(), *self.agents.values(), *self.chats.values())
        return all(mode is Mode.OFF for mode in (self.mode, *own))

    def draft_until(self, sent_at: datetime, now: datetime) -> datetime:
        """When a new draft lapses; a draft made at night not before somebody could have seen it."""
        quiet_until = self.quiet.end_after(now)
        seen_until = now if quiet_until is None else quiet_until + self.max_age
        return max(sent_at + self.draft_lasts, seen_until)

    def mode_of(
        self, chat: Jid, number: str | None, agent: str, category: Category | None
    ) -> tuple[Mode, str]:
        """The mode for one answer and its source: the chat's, the agent's, the category's."""
        for key in (number, str(chat), chat.number):
            if key and key in self.chats:
                return self.chats[key], "chat"
        if agent in self.agents:
            return self.agents[agent], f"agent {agent}"
        if category is not None and category in self.categories:
            return self.categories[category], f"category {category}"
        return self.mode, "reply.mode"


@dataclass(frozen=True, slots=True)
class ChatFacts:
    """The store's facts about the chat now; counts are of the last hour.

    `is_superseded`: a later message of the customer is answered or will be. `is_answered`: a person
    has written since. `is_withdrawn`: the message was edited or deleted.
    """

    is_superseded: bool = False
    is_answered: bool = False
    is_withdrawn: bool = False
    is_paused: bool = False
    sent_in_chat: int = 0
    sent_in_all: int = 0
    breaker_until: datetime | None = None


def unanswerable(message: Message, policy: ReplyPolicy) -> str | None:
    """Why this chat may never be answered automatically; None if it may."""
    chat = message.chat
    checks = (
        (message.origin is not Origin.LIVE, "the message did not come over WhatsApp just now"),
        (message.from_me, "the message is the shop's own"),
        (chat.number == message.account, "the chat is the account's own"),
        (chat.is_status or chat.is_broadcast_list, "a status or broadcast"),
        (chat.is_newsletter, "a newsletter"),
        (is_bot(chat) or is_bot(message.sender), "a bot"),
        (chat.is_group and not policy.allow_groups, "groups are not allowed (reply.groups)"),
        (
            not (chat.is_number or chat.is_lid or chat.is_group),
            "a kind of chat that the bridge does not know",
        ),
    )
    return next((reason for holds, reason in checks if holds), None)


def is_bot(jid: Jid) -> bool:
    return jid.server == _BOT_SERVER or (jid.is_number and jid.user in _BOTS)


def standing_against(facts: ChatFacts, *, is_pressing: bool = False) -> str | None:
    """Why this reply must never be sent, nor be shown as a draft any longer.

    A customer's later messages do not make a warning redundant.
    """
    checks = (
        (facts.is_answered, "a person has answered"),
        (facts.is_paused, "the chat is paused"),
        (facts.is_superseded and not is_pressing, WRITTEN_AGAIN),
        (facts.is_withdrawn, "the message was edited or deleted"),
    )
    return next((reason for holds, reason in checks if holds), None)


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: try again at `until` (aware UTC)."""

    until: datetime
    reason: str
    is_quiet: bool = False


def to_wait_for(
    facts: ChatFacts,
    policy: ReplyPolicy,
    now: datetime,
    *,
    is_reply: bool,
    is_pressing: bool = False,
) -> Wait | None:
    """Why this may not be sent now but perhaps later.

    Quiet hours do not apply if it `is_pressing`; the chats' caps apply to other replies, and
    notices have their own.
    """
    if facts.breaker_until is not None and facts.breaker_until > now:
        return Wait(facts.breaker_until, "WhatsApp has limited this account")
    if not is_pressing and (quiet_until := policy.quiet.end_after(now)) is not None:
        return Wait(quiet_until, "quiet hours (reply.quiet_from)", is_quiet=True)
    if is_reply and is_pressing:
        return None
    soon = now + timedelta(minutes=1)
    if not is_reply:
        enough = f"{policy.notices_per_hour} notices this hour are enough"
        return Wait(soon, enough) if facts.sent_in_all >= policy.notices_per_hour else None
    capped = _capped(facts, policy)
    return Wait(soon, capped) if capped is not None else None


@dataclass(frozen=True, slots=True)
class ReplyDecision:
    """What becomes of an answer, and in which words. `state` is draft, approved or cancelled."""

    state: OutboxState
    reason: str
    not_before: datetime
    expires_at: datetime | None = None
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that is answered: when it was sent, and when the bridge recorded it."""

    message: Message
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """An agent's proposed reply. `confidence` is 0–1, None if the agent gives none.

    `dangers` are those that it is the first to warn of, `warning` what the customer must be told of
    them at once, though the rest must wait for a person. `renews`: it replaces a draft that the
    shop wants to see.
    """

    text: str = field(repr=False)
    confidence: float | None = None
    needs_human: bool = False
    warning: str = field(default="", repr=False)
    dangers: tuple[Danger, ...] = ()
    renews: bool = False

    @property
    def is_pressing(self) -> bool:
        return bool(self.dangers)


def decide(
    proposal: Proposal,
    mode: Mode,
    answered: Answered,
    facts: ChatFacts,
    policy: ReplyPolicy,
    now: datetime,
) -> ReplyDecision:
    """What becomes of a proposal, unless the mode is off."""
    message, text = answered.message, proposal.text
    against = unanswerable(message, policy) or standing_against(
        facts, is_pressing=proposal.is_pressing
    )
    if against is None and message.sent_at + policy.draft_lasts <= now:
        against = "the message is too old"
    if against is not None:
        return ReplyDecision(OutboxState.CANCELLED, against, now, text=text)
    draft_until = policy.draft_until(message.sent_at, now)
    if mode is Mode.DRAFT:
        return ReplyDecision(OutboxState.DRAFT, "to be approved", now, draft_until, text)
    expires_at = message.sent_at + policy.max_age
    only_draft = _only_draft(proposal, facts, policy, now, expires_at)
    if proposal.is_pressing:
        reason = "to be sent" if only_draft is None else f"the warning alone: {only_draft}"
        text = text if only_draft is None else proposal.warning
        return ReplyDecision(OutboxState.APPROVED, reason, now, draft_until, text)
    if only_draft is not None:
        return ReplyDecision(OutboxState.DRAFT, only_draft, now, draft_until, text)
    not_before = answered.recorded_at + policy.burst
    return ReplyDecision(OutboxState.APPROVED, "to be sent", not_before, expires_at, text)


def _only_draft(
    proposal: Proposal,
    facts: ChatFacts,
    policy: ReplyPolicy,
    now: datetime,
    expires_at: datetime,
) -> str | None:
    """Why a person must look at a reply that would otherwise be sent."""
    if proposal.needs_human:
        return "the agent asks for a person"
    if proposal.renews:
        return "it renews a draft that waits for a person"
    if proposal.confidence is None:
        return "the agent does not say how sure it is"
    if proposal.confidence < policy.min_confidence:
        return f"the agent is not sure enough ({proposal.confidence:.2f})"
    if expires_at <= now:
        return f"the message is older than {policy.max_age // timedelta(minutes=1)} minutes"
    wait = to_wait_for(facts, policy, now, is_reply=True)
    if wait is not None and wait.until >= expires_at:
        return wait.reason
    return _capped(facts, policy)


def _capped(facts: ChatFacts, policy: ReplyPolicy) -> str | None:
    if facts.sent_in_chat >= policy.per_chat_per_hour:
        return "enough replies in this chat this hour (reply.per_chat_per_hour)"
    if facts.sent_in_all >= policy.per_hour:
        return "enough replies this hour (reply.per_hour)"
    return None
