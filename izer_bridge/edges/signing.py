"""Signs what goes out, by Standard Webhooks; several secrets while one replaces another."""

import binascii
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import SecretStr
from standardwebhooks import Webhook

from izer_bridge.model.errors import ConfigError

_PREFIX = "whsec_"
_SECRET_BYTES = range(24, 65)


def signers(secrets: Iterable[SecretStr], name: str) -> Sequence[Webhook]:
    """For the secrets that `name` names, in Standard Webhooks' form. Raises ConfigError."""
    return [_signer(secret.get_secret_value(), name) for secret in secrets]


def _signer(secret: str, name: str) -> Webhook:
    try:
        key = binascii.a2b_base64(secret.removeprefix(_PREFIX), strict_mode=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _SECRET_BYTES:
        raise ConfigError(
            f"the secret {name!r} is none: expected whsec_ and 24 to 64 bytes in base64, one a line"
        )
    return Webhook(key)


def signature(signers: Sequence[Webhook], key: str, now: datetime, body: str) -> Mapping[str, str]:
    """Standard Webhooks' headers; none without a secret."""
    if not signers:
        return {}
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(one.sign(key, now, body) for one in signers),
    }
