"""What WhatsApp's refusal to send blocks from then on: one chat, or the account; pure."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

# Too many at once, whoever the recipients are.
_TOO_FAST = 429
# A contact without a token, or a locked account (evolution-go #50): only a second chat tells which.
_NO_TOKEN_OR_LOCKED = 463
CODES = frozenset({_TOO_FAST, _NO_TOKEN_OR_LOCKED})
# Refusals within this time have the same cause.
TOGETHER = timedelta(hours=1)


class Limit(StrEnum):
    CHAT = "chat"
    ACCOUNT = "account"


def limit_after(code: int, chat: str, refused: Collection[str], *, may_pause: bool) -> Limit | None:
    """What the server's error `code` in `chat` blocks; None if it blocks nothing.

    `refused` are the chats of the refusals `TOGETHER` before it. Without `may_pause`, in a chat of
    the shop's own people, a second refusal stops the account; otherwise each notice would be
    refused again.
    """
    if code == _TOO_FAST:
        return Limit.ACCOUNT
    if code != _NO_TOKEN_OR_LOCKED:
        return None
    is_alone = not (refused if not may_pause else set(refused) - {chat})
    return Limit.CHAT if is_alone else Limit.ACCOUNT
