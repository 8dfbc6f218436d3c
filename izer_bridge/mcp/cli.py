"""`izer-bridge mcp`: the bridge's conversations as tools of a program with a language model."""

import asyncio
import sys
from typing import Annotated
from urllib.parse import urlsplit

import typer

from izer_bridge.console.options import ConfigFile, say, settings_from, told_errors
from izer_bridge.domain.errors import ConfigError, UsageError

_SECONDS = 30.0


def mcp(
    url: Annotated[
        str, typer.Option(help="Of a bridge elsewhere, as https://bridge.shop.example.")
    ] = "",
    config_file: ConfigFile = None,
) -> None:
    """Serve tools over MCP on stdin and stdout: read, search, report, and offer drafts.

    The token is BRIDGE_API_TOKEN, one of `izer-bridge staff`. Nothing is sent but by a person.
    """
    with told_errors():
        try:
            from izer_bridge.mcp.server import McpServer
        except ModuleNotFoundError:
            raise ConfigError("this needs the extra: pip install izer-bridge[mcp]") from None
        from izer_bridge.web.own_api import RunningBridge

        settings = settings_from(config_file)
        _refuse_plain(url)

        async def serve() -> None:
            api = settings.api
            bridge = RunningBridge(api.host, api.port, settings.state_dir, _SECONDS, url=url)
            async with bridge:
                await McpServer(bridge).run()

        if sys.stdin.isatty():
            say("A program with a language model starts this by itself; Ctrl+D ends it.", err=True)
        asyncio.run(serve())


def _refuse_plain(url: str) -> None:
    """The token would be read on its way. Raises ConfigError."""
    parts = urlsplit(url)
    is_here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if url and not (is_here or (parts.scheme == "https" and parts.hostname)):
        raise UsageError(f"--url {url}: expected https://HOST, or http://127.0.0.1:PORT")
