"""Why WhatsApp cannot be reached: a cause in words for the client's chain of Go errors; pure."""

# By a part of the chain; the first counts, since the chain behind a proxy ends as any other.
_CAUSES = (
    ("proxyconnect ", "the proxy does not take the connection"),
    ("socks connect ", "the proxy does not take the connection"),
    (": no such host", "its name is not found: network or DNS"),
    (": server misbehaving", "its name is not found: network or DNS"),
    (": network is unreachable", "this machine has no network"),
    (": no route to host", "this machine has no way there"),
    (": connection refused", "the connection is refused: a firewall?"),
    (": x509: ", "its certificate is not trusted: the clock, or a program that opens TLS"),
    ("timeout", "no answer came in time"),
    (": context deadline exceeded", "no answer came in time"),
    (": connection reset by peer", "the connection was cut"),
    (": EOF", "the connection was cut"),
)


def cause_of(chain: str) -> str:
    """Empty for a chain that nobody has met so far: then the log's `error` says it alone."""
    return next((words for part, words in _CAUSES if part in chain), "")
