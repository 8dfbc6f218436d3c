"""The keys that a message is known by outside: for agents' memory, and for W3C trace context."""

import hashlib


def idempotency_key(account: str, message_id: str) -> str:
    """The same for every try, also after a restart or a move to another store.

    A row's number would begin anew there, and an agent that remembers would give somebody
    else's answer.
    """
    return f"msg_{_digest(account, message_id)[:32]}"


def trace_id(key: str) -> str:
    """The trace that all tries of one message belong to: 32 hexadecimal digits."""
    return _digest("trace", key)[:32]


def traceparent(key: str, span_id: str) -> str:
    """The header of one try, whose span is `span_id`, 16 hexadecimal digits."""
    return f"00-{trace_id(key)}-{span_id}-01"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
