"""Signs outgoing calls by Standard Webhooks, with several secrets while one replaces another."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import SecretStr
from standardwebhooks import Webhook


def signers(secrets: Iterable[SecretStr]) -> Sequence[Webhook]:
    return [Webhook(secret.get_secret_value()) for secret in secrets]


def signature(signers: Sequence[Webhook], key: str, now: datetime, body: str) -> Mapping[str, str]:
    """The headers of one call; none without a secret. `key` is the same for every attempt."""
    if not signers:
        return {}
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(one.sign(key, now, body) for one in signers),
    }
