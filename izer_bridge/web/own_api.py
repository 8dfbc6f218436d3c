"""Asks a bridge that runs on this machine over its own HTTP interface."""

from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from izer_bridge.config import secret
from izer_bridge.domain.errors import ConfigError, PermanentError, TransientError
from izer_bridge.host.plain_files import read_plain

SERVICE = "izer-bridge"
TOKEN_FILE = "api_token"  # noqa: S105 - its name
_SECONDS = 5.0
_MOST_BYTES = 4096


class RunningBridge:
    """The program that listens on `host`:`port`, or at `url`; used as a context manager.

    The token is the secret `bridge_api_token`, else the one that the bridge keeps in `state_dir`,
    if it may be read. Raises TransientError if nobody answers, PermanentError if it is not
    izer-bridge or refuses.
    """

    def __init__(
        self,
        host: str,
        port: int,
        state_dir: Path,
        timeout_seconds: float = _SECONDS,
        *,
        url: str = "",
    ) -> None:
        self.url = url.rstrip("/") or f"http://{_reached_at(host)}:{port}"
        # Another machine's bridge has a token of its own.
        self._headers = _headers(None if url else state_dir / TOKEN_FILE)
        self._timeout_seconds = timeout_seconds
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers=self._headers, timeout=aiohttp.ClientTimeout(self._timeout_seconds)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def health(self) -> Mapping[str, Any]:
        """`GET /health`, also of a bridge that says that it is failing."""
        document = await self._ask("GET", "/health")
        if document.get("service") != SERVICE:
            raise PermanentError(f"another program answers at {self.url}")
        return document

    async def stats(self) -> Mapping[str, Any]:
        """The counts of `GET /stats`."""
        counts = (await self._ask("GET", "/stats")).get("stats")
        if not isinstance(counts, dict):
            raise TransientError("the bridge cannot count now")
        return counts

    async def _ask(self, method: str, path: str) -> Mapping[str, Any]:
        status, document = await self.ask(method, path)
        if status == HTTPStatus.FORBIDDEN:
            raise self._no_token()
        return document

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Mapping[str, Any]]:
        """The status and the answer, also of a refusal; `options` are of aiohttp's `request`."""
        if self._session is None:
            raise LookupError("used outside of its context")
        try:
            async with self._session.request(method, self.url + path, **options) as answer:
                if answer.status == HTTPStatus.UNAUTHORIZED:
                    raise self._no_token()
                status, document = answer.status, await answer.json(content_type=None)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise TransientError(f"no bridge answers at {self.url}: {_said(error)}") from None
        except ValueError:
            raise PermanentError(f"another program answers at {self.url}") from None
        if not isinstance(document, dict):
            raise PermanentError(f"another program answers at {self.url}")
        return status, document

    def _no_token(self) -> PermanentError:
        return PermanentError(
            f"the bridge at {self.url} asks for its token: neither BRIDGE_API_TOKEN nor "
            f"{TOKEN_FILE} in state_dir is one; run this as the bridge's user"
        )


def _reached_at(host: str) -> str:
    """The address at which this machine reaches a socket bound to `host`."""
    if host == "localhost":
        return host
    address = ip_address(host)
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"


def _headers(token_file: Path | None) -> dict[str, str]:
    if token := secret("bridge_api_token"):
        return {"Authorization": f"Bearer {token.get_secret_value()}"}
    if token_file is None:
        return {}
    try:
        kept = read_plain(token_file, _MOST_BYTES).decode("ascii").strip()
    except (OSError, ConfigError, UnicodeDecodeError):
        return {}
    return {"Authorization": f"Bearer {kept}"} if kept.isprintable() else {}


def _said(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return "nothing listens there"
    return "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
