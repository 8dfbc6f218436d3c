"""Verifies that a holder of a secret has sent a request: signatures by Standard Webhooks."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from izer_bridge.web.problems import ProblemError


class Signatures:
    """Checks signatures by any of `secrets` (`whsec_…`), made within the standard five minutes."""

    def __init__(self, secrets: Sequence[SecretStr]) -> None:
        self._keys = [Webhook(secret.get_secret_value()) for secret in secrets]

    def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """`body` is the raw request body. Raises ProblemError 401 without saying why."""
        if not any(_is_signed(key, dict(headers), body) for key in self._keys):
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "webhook-id, webhook-timestamp and webhook-signature must be there, sign this "
                "body with a secret that is known here, and be younger than five minutes",
            )


def _is_signed(key: Webhook, headers: dict[str, str], body: bytes) -> bool:
    try:
        key.verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        # ValueError: a header or a body that is not a signature or not text at all.
        return False
    return True
