"""A message's keys for outside use: for agents' memory, and for W3C trace context."""

import hashlib

from izer_bridge.domain.message import Message


def idempotency_key(message: Message) -> str:
    """The same for every attempt, even after a restart or a move to another store.

    Its sender chooses a message's id, so chat and sender are part of the key. A row's number would
    begin anew in another store, and an agent that remembers would give somebody else's answer.
    """
    who = message.account, message.message_id, str(message.chat), str(message.sender)
    return f"msg_{_digest(*who)[:32]}"


def trace_id(key: str) -> str:
    """The trace that all attempts for one message belong to: 32 hexadecimal digits."""
    return _digest("trace", key)[:32]


def traceparent(key: str, span_id: str) -> str:
    """The header of one attempt, whose span is `span_id`, 16 hexadecimal digits."""
    return f"00-{trace_id(key)}-{span_id}-01"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
