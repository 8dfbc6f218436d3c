"""Customers who must be answered in time: by when, why, and who is notified; pure values."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Target(StrEnum):
    """Whom, or what, a notice goes to."""

    OWNER = "owner"
    SECOND = "second"
    WEBHOOK = "webhook"
    EMAIL = "email"


class Level(IntEnum):
    """How far an escalation has gone; each level is reached once."""

    WAITING = 0
    OWNER = 1
    SECOND = 2
    OUTSIDE = 3


class EscalationState(StrEnum):
    """`answered` by a person, `closed` by the operator."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class NoticeState(StrEnum):
    """`skipped`: WhatsApp could not be used. `uncertain`: it may have gone out; never repeated."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"


# Somebody is still to be notified, or is being notified.
UNTOLD = frozenset({NoticeState.WAITING, NoticeState.SENDING})


class Why(StrEnum):
    """Why a message must be answered in time."""

    VIP = "vip"
    GROUP = "group"
    URGENT = "urgent"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Due:
    """By when a person must have answered a message, aware UTC, and why."""

    at: datetime
    why: Why
