"""Events over HTTP by Standard Webhooks: one signed POST per call, faults told apart, no retry."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus

import aiohttp
from pydantic import SecretStr

from izer_bridge import __version__
from izer_bridge.domain.errors import GoneError, TransientError
from izer_bridge.web.retry_after import retry_after_seconds
from izer_bridge.web.signing import signature, signers

_HEADERS = {"Content-Type": "application/json", "User-Agent": f"izer-bridge/{__version__}"}


def open_session() -> aiohttp.ClientSession:
    """A session for all targets: no proxy from the environment, no cookies kept."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers=_HEADERS)


class HttpTarget:
    """The target at `url`, which has one of `secrets`. The session is the caller's to close.

    `timeout_seconds` bounds each call. Only an answer's head is read.
    """

    def __init__(
        self,
        url: str,
        secrets: Sequence[SecretStr],
        session: aiohttp.ClientSession,
        timeout_seconds: float = 15.0,
    ) -> None:
        self._url = url
        self._signers = signers(secrets)
        self._session = session
        self._timeout_seconds = timeout_seconds

    @property
    def timeout_seconds(self) -> float:
        return self._timeout_seconds

    async def send(self, event_id: str, payload: str) -> None:
        """Deliver `payload`, signed now by every secret.

        Raises GoneError for 410 and TransientError for any other failure, including redirects: a
        target that refuses an event today may be fixed tomorrow. The errors contain no URL.
        """
        try:
            status, retry_after = await self._post(event_id, payload)
        except TimeoutError:
            raise TransientError(f"no answer within {self._timeout_seconds:g} s") from None
        except (aiohttp.ClientError, ValueError) as error:
            raise TransientError(f"cannot be reached: {type(error).__name__}") from None
        if status == HTTPStatus.GONE:
            raise GoneError("answered 410: it wants nothing more")
        if not 200 <= status < 300:
            raise TransientError(f"answered {status}", retry_after_seconds=retry_after)

    async def _post(self, event_id: str, payload: str) -> tuple[int, float | None]:
        now = datetime.now(UTC)
        async with self._session.post(
            self._url,
            data=payload.encode(),
            headers=signature(self._signers, event_id, now, payload),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
        ) as response:
            asked = retry_after_seconds(response.headers.get("Retry-After"), now)
            return response.status, asked
