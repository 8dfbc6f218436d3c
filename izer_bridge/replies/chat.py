"""`izer-bridge chat`: the chats in which the bridge is paused."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from izer_bridge.console.options import AsJson, ConfigFile, say, settings_from, told_errors
from izer_bridge.console.times import shown
from izer_bridge.domain.errors import UsageError

if TYPE_CHECKING:
    from izer_bridge.replies.store.pauses import ChosenChat, PausedChat, PausesAdmin

chat = typer.Typer(
    no_args_is_help=True, help="Chats that the bridge does not answer: pause, resume, list."
)
Who = Annotated[
    str, typer.Argument(metavar="CHAT", help="A number in any spelling, a LID, a JID or a name.")
]
_LASTING = re.compile(r"(\d{1,4})\s*([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@chat.command("pause")
def chat_pause(
    who: Who,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="Such as 30m, 2h or 3d.")
    ] = None,
    config_file: ConfigFile = None,
) -> None:
    """Do not answer in a chat until `chat resume`, or for a time; waiting replies are dropped."""
    from izer_bridge.replies.store.pauses import PausesAdmin

    async def pause() -> "ChosenChat":
        async with PausesAdmin(url) as pauses:
            found = await _the_chat(pauses, who)
            await pauses.pause(found.chat_id, until)
            return found

    with told_errors():
        now = datetime.now(UTC)
        until = None if lasting is None else now + _lasting(lasting)
        settings = settings_from(config_file)
        url = settings.store_url
        found = asyncio.run(pause())
    ends = f"until {shown(until, settings.shop.zone, now)}" if until else "until it is resumed"
    say(f"{found.name or found.address} is paused {ends}.")


@chat.command("resume")
def chat_resume(who: Who, config_file: ConfigFile = None) -> None:
    """Answer in a chat again; dropped replies stay dropped."""
    from izer_bridge.replies.store.pauses import PausesAdmin

    async def resume() -> tuple["ChosenChat", int]:
        async with PausesAdmin(url) as pauses:
            found = await _the_chat(pauses, who)
            return found, await pauses.resume([found.chat_id])

    with told_errors():
        url = settings_from(config_file).store_url
        found, count = asyncio.run(resume())
    name = found.name or found.address
    say(f"{name} is answered again." if count else f"{name} was not paused.")


@chat.command("list")
def chat_list(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Show the chats that are paused now, by a person's message or by hand."""
    from izer_bridge.console.console import printer
    from izer_bridge.console.listing import fixed, text
    from izer_bridge.replies.store.pauses import PausesAdmin

    async def read() -> Sequence["PausedChat"]:
        async with PausesAdmin(url) as pauses:
            return await pauses.paused()

    with told_errors():
        settings = settings_from(config_file)
        url = settings.store_url
        found = asyncio.run(read())
    console = printer(settings.shop.zone)
    if json_output:
        console.json([asdict(one) for one in found])
        return
    if not found:
        console.print("No chat is paused.")
        return
    columns = [text("chat"), fixed("by"), fixed("until"), text("address")]
    console.listing(
        columns,
        [
            (one.name or one.chat, one.reason, console.time(one.until) or "resumed", one.chat)
            for one in found
        ],
    )


async def _the_chat(pauses: "PausesAdmin", who: str) -> "ChosenChat":
    """Raises UsageError unless there is exactly one."""
    try:
        found = await pauses.find(who)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not found:
        raise UsageError(f"there is no chat with {who!r}; expected a number, a JID or a name")
    if len(found) > 1:
        addresses = ", ".join(one.address for one in found)
        raise UsageError(f"several chats are called {who!r}: {addresses}")
    return found[0]


def _lasting(text: str) -> timedelta:
    """Raises UsageError."""
    match = _LASTING.fullmatch(text.strip().lower())
    if match is None or int(match[1]) == 0:
        raise UsageError(f"--for {text!r}: expected a time such as 30m, 2h or 3d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
