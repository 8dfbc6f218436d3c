"""The webhook for notices outside WhatsApp: signed by Standard Webhooks, nothing retried."""

import json
from datetime import UTC, datetime

import aiohttp
from pydantic import SecretStr
from standardwebhooks import Webhook

from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.outgoing import MayBeHandedOverError
from izer_bridge.escalation.alarm_ports import Alarm

# As long as Svix waits.
TIMEOUT_SECONDS = 15.0
_WORTH_RETRYING = frozenset({408, 425, 429})


class AlarmWebhook:
    """POSTs to `url`, signed with `secret` ("whsec_…"); the session is the caller's to close."""

    def __init__(
        self,
        url: str,
        secret: SecretStr,
        session: aiohttp.ClientSession,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._signer = Webhook(secret.get_secret_value())
        self._url = url
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=timeout_seconds / 2)

    async def deliver(self, alarm: Alarm) -> None:
        """See `Channel`. Every answer but 2xx, 408, 425, 429 and 5xx is permanent."""
        status = await self._post(alarm)
        if 200 <= status < 300:
            return
        said = f"the webhook answered {status}"
        if status >= 500 or status in _WORTH_RETRYING:
            raise TransientError(said)
        raise PermanentError(said)

    async def _post(self, alarm: Alarm) -> int:
        event = {"type": alarm.event, "timestamp": alarm.at.isoformat(), "data": dict(alarm.data)}
        body = json.dumps(event, ensure_ascii=False)
        now = datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": alarm.key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(alarm.key, now, body),
        }
        try:
            async with self._session.post(
                self._url,
                data=body.encode(),
                headers=headers,
                allow_redirects=False,
                timeout=self._timeout,
            ) as response:
                return response.status
        except aiohttp.InvalidURL:
            raise PermanentError("the webhook's URL cannot be called") from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TransientError(f"no webhook there: {type(error).__name__}") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise MayBeHandedOverError(
                f"the webhook did not say that it has it: {type(error).__name__}"
            ) from None
