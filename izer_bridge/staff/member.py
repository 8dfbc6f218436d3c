"""People who may use the pages and `/v1`: names, roles, secrets, and how long a session lasts."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from izer_bridge.domain.importance import folded
from izer_bridge.domain.plain_text import line
from izer_bridge.web.access import STAFF_TOKEN
from izer_bridge.web.caller import Role

LONGEST_NAME = 64
LINK_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(days=30)
# Who has the bridge's own token, or comes by a link that is nobody else's.
OWNER_NAME = "owner"
# Written beside decisions that no member of staff has taken.
_TAKEN = frozenset({OWNER_NAME, "http", "command line", "whatsapp", "bridge", "policy"})


class NameTakenError(Exception):
    """Somebody has that name, and may still come in."""


class SecretKind(StrEnum):
    LINK = "link"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class StaffRow:
    """`sessions` is how many browsers are logged in now; `login_at` when the last one came."""

    id: int
    name: str
    role: Role
    has_token: bool
    sessions: int
    created_at: datetime
    added_by: str | None
    revoked_at: datetime | None
    revoked_by: str | None
    login_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is logged in; `device` is what it said of itself."""

    id: int
    staff_id: int
    name: str
    device: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret that is shown once, and whose it is."""

    name: str
    role: Role
    secret: str = field(repr=False)


def name_of(text: str) -> str:
    """A member's name as it is kept. Raises ValueError, saying what is allowed."""
    name = line(text)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise ValueError(f"expected a name of 1 to {LONGEST_NAME} characters")
    if folded(name) in _TAKEN:
        raise ValueError(f"the name {name} is the bridge's own; expected a person's")
    return name


def is_same_name(one: str, other: str) -> bool:
    return folded(one) == folded(other)


def new_token() -> str:
    return STAFF_TOKEN + secrets.token_urlsafe(32)


def new_secret() -> str:
    """For a link or a session."""
    return secrets.token_urlsafe(32)
