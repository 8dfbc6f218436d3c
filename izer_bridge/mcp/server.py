"""The tools over the Model Context Protocol on stdin and stdout, by its official SDK."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from izer_bridge import __version__
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.mcp.tools import ABOUT, DATA, BridgeTool, tools_of
from izer_bridge.web.own_api import SERVICE, RunningBridge

_Context = ServerRequestContext[Any]


class McpServer:
    """Keeps nothing: each call goes to the bridge, under the name of its token."""

    def __init__(self, bridge: RunningBridge) -> None:
        self._bridge = bridge

    async def run(self) -> None:
        """Until stdin is closed."""
        server: Server[Any] = Server(
            SERVICE,
            version=__version__,
            instructions=ABOUT,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    async def _list(self, _: _Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_described(one) for one in (await self._tools()).values()])

    async def _call(self, _: _Context, asked: CallToolRequestParams) -> CallToolResult:
        try:
            tool = (await self._tools())[asked.name]
            request = tool.request(asked.arguments or {})
            status, said = await self._bridge.ask(
                request.method,
                request.path,
                params=request.query,
                json=request.body,
                headers=request.headers,
            )
        except KeyError:
            return _refused(f"there is no tool {asked.name!r}")
        except (ValueError, TransientError, PermanentError) as error:
            return _refused(str(error))
        if status >= HTTPStatus.BAD_REQUEST:
            return _refused(str(said.get("detail") or status))
        text = json.dumps(said, ensure_ascii=False)
        return CallToolResult(content=[_text(DATA), _text(text)], structured_content=said)

    async def _tools(self) -> Mapping[str, BridgeTool]:
        """Asked anew: the bridge may have been upgraded meanwhile."""
        status, document = await self._bridge.ask("GET", "/openapi.json")
        if status != HTTPStatus.OK:
            raise PermanentError(str(document.get("detail") or status))
        return tools_of(document)


def _described(one: BridgeTool) -> Tool:
    return Tool(
        name=one.name,
        description=one.about,
        input_schema=dict(one.schema),
        annotations=ToolAnnotations(
            read_only_hint=one.reads, destructive_hint=False, open_world_hint=False
        ),
    )


def _text(text: str) -> TextContent:
    return TextContent(text=text)


def _refused(why: str) -> CallToolResult:
    return CallToolResult(content=[_text(why)], is_error=True)
