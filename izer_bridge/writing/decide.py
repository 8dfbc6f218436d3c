"""Decides whether something may be written into a chat, and when it goes out; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.outbox_state import OutboxKind
from izer_bridge.replies.decide import ChatFacts, ReplyPolicy, is_bot, standing_against
from izer_bridge.replies.sending_plan import outlasting, wait_of_written


class Author(StrEnum):
    """Who has written it: somebody of the shop, just now, or another program."""

    PERSON = "person"
    PROGRAM = "program"

    @property
    def kind(self) -> OutboxKind:
        return OutboxKind.HAND if self is Author.PERSON else OutboxKind.PROGRAM


class WhyUnwritten(StrEnum):
    """What stands against writing into a chat, for those who say it in another language."""

    OTHER_NUMBER = "other_number"
    OWN_CHAT = "own_chat"
    BOT = "bot"
    NO_PERSON = "no_person"
    NEW_CHAT = "new_chat"
    GROUP = "group"
    CHAT_LIMITED = "chat_limited"
    ACCOUNT_LIMITED = "account_limited"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Against:
    """`sentence` is for programs and operators."""

    why: WhyUnwritten
    sentence: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """A chat as the store knows it. `has_written`: a customer has, at some time.

    `limited_until`: WhatsApp has refused messages in this chat. `is_linked`: its number is the one
    that is linked, as far as one is.
    """

    account: str
    chat: Jid
    has_written: bool
    limited_until: datetime | None
    facts: ChatFacts
    is_linked: bool = True


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """It goes out at `not_before`, later than now because of `waits_for`, which may be empty.

    If it `takes_over`, what waits to be sent in the chat is cancelled, and the bridge pauses there.
    """

    not_before: datetime
    expires_at: datetime
    waits_for: str
    takes_over: bool


def against_writing(author: Author, to: Recipient, policy: ReplyPolicy) -> Against | None:
    """Why nothing may be written into this chat now; None if it may."""
    chat, is_program = to.chat, author is Author.PROGRAM
    checks = (
        (
            not to.is_linked,
            WhyUnwritten.OTHER_NUMBER,
            "the chat is of another number than the one that is linked now",
        ),
        (chat.number == to.account, WhyUnwritten.OWN_CHAT, "the chat is the account's own"),
        (is_bot(chat), WhyUnwritten.BOT, "the chat is with a bot"),
        (
            not (chat.is_number or chat.is_lid or chat.is_group),
            WhyUnwritten.NO_PERSON,
            "nobody can be answered in a chat of this kind",
        ),
        (
            not (to.has_written or policy.to_new_chats),
            WhyUnwritten.NEW_CHAT,
            "nobody but the shop has written in this chat so far (reply.to_new_chats)",
        ),
        (
            is_program and chat.is_group and not policy.allow_groups,
            WhyUnwritten.GROUP,
            "programs do not write to groups (reply.groups)",
        ),
        (
            to.limited_until is not None,
            WhyUnwritten.CHAT_LIMITED,
            "WhatsApp has refused messages in this chat; answer from the phone, or: izer-bridge "
            "chat resume",
        ),
        (
            to.facts.breaker_until is not None,
            WhyUnwritten.ACCOUNT_LIMITED,
            "WhatsApp has limited this account; answer from the phone, or: izer-bridge outbox "
            "resume",
        ),
        (
            is_program and to.facts.is_paused,
            WhyUnwritten.PAUSED,
            "the chat is paused: a person answers there",
        ),
    )
    return next((Against(why, sentence) for holds, why, sentence in checks if holds), None)


@dataclass(frozen=True, slots=True)
class OffersLately:
    """How many drafts programs have offered within the last hour."""

    in_chat: int
    in_all: int


def against_offering(
    to: Recipient, asked: ChatFacts, lately: OffersLately, policy: ReplyPolicy
) -> str | None:
    """Why no draft of another program may wait for a person there; None if it may.

    `asked` are the facts about the latest message of the customer.
    """
    if policy.is_off:
        return "the bridge answers nobody (reply.mode is off): there are no drafts"
    if lately.in_chat >= policy.per_chat_per_hour:
        return "enough drafts in this chat this hour (reply.per_chat_per_hour)"
    if lately.in_all >= policy.per_hour:
        return "enough drafts this hour (reply.per_hour)"
    against = against_writing(Author.PROGRAM, to, policy)
    return against.sentence if against else standing_against(asked)


def plan_message(
    author: Author, to: Recipient, policy: ReplyPolicy, now: datetime
) -> PlannedMessage:
    """A program's message is kept as long as a reply; a person's until somebody is there again."""
    is_persons = author is Author.PERSON
    expires_at = now + (policy.draft_lasts if is_persons else policy.max_age)
    wait = wait_of_written(to.facts, policy, now, is_persons=is_persons)
    if wait is None:
        return PlannedMessage(now, expires_at, "", is_persons)
    kept_until = outlasting(wait, expires_at, policy) or expires_at
    return PlannedMessage(wait.until, kept_until, wait.reason, is_persons)
