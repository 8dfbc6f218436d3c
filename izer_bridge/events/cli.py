"""`izer-bridge events`: events whose delivery has been given up or is held back."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    SomeRowIds,
    say,
    settings_from,
    told_errors,
)

if TYPE_CHECKING:
    from izer_bridge.config import Config
    from izer_bridge.events.store.deliveries import Deliveries

events = typer.Typer(
    no_args_is_help=True,
    help="Events that could not be delivered: list, retry, drop; enable a target that was shut.",
)
Everything = Annotated[bool, typer.Option("--all", help="All of them.")]


@events.command("list")
def events_list(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Show dead events, and those held for a target that is shut or not in the settings."""

    with told_errors():
        asyncio.run(_show(settings_from(config_file), as_json=json_output))


@events.command("retry")
def events_retry(
    ids: SomeRowIds = None, everything: Everything = False, config_file: ConfigFile = None
) -> None:
    """Deliver dead ones again from the start; a running bridge picks them up by itself."""
    say(f"{_moved('retry', ids, everything, config_file)} will be brought again.")


@events.command("drop")
def events_drop(
    ids: SomeRowIds = None, everything: Everything = False, config_file: ConfigFile = None
) -> None:
    """Give up events that the list shows."""
    say(f"{_moved('drop', ids, everything, config_file)} dropped.")


@events.command("enable")
def events_enable(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="Its name in the settings.")],
    config_file: ConfigFile = None,
) -> None:
    """Try a target again that answered 410; events held for it are delivered."""
    from izer_bridge.domain.errors import UsageError

    async def enable(settings: "Config") -> None:
        async with _deliveries(settings) as deliveries:
            if not await deliveries.enable(target):
                raise UsageError(f"the target {target} is not shut; see: izer-bridge events list")

    with told_errors():
        asyncio.run(enable(settings_from(config_file)))
        say(f"{target} is told again.")


def _moved(what: str, ids: list[int] | None, everything: bool, config_file: ConfigFile) -> int:
    from izer_bridge.domain.errors import UsageError

    if bool(ids) == everything:
        raise typer.BadParameter("give ids, or --all")

    async def move(settings: "Config") -> int:
        async with _deliveries(settings) as deliveries:
            whys = ("dead",) if what == "retry" else ("dead", "held")
            known = {one.row_id for one in await deliveries.list() if one.why in whys}
            if wrong := [str(one) for one in ids or () if one not in known]:
                raise UsageError(
                    f"no {' or '.join(whys)} event has the id {', '.join(wrong)}; "
                    "see: izer-bridge events list"
                )
            chosen = None if everything else ids
            return await (deliveries.retry if what == "retry" else deliveries.drop)(chosen)

    with told_errors():
        return asyncio.run(move(settings_from(config_file)))


def _deliveries(settings: "Config") -> "Deliveries":
    from datetime import UTC, datetime

    from izer_bridge.events.store.deliveries import Deliveries

    names = [one.name for one in settings.events.targets]
    return Deliveries(settings.store_url, names, lambda: datetime.now(UTC))


async def _show(settings: "Config", *, as_json: bool) -> None:
    from dataclasses import asdict

    from izer_bridge.console.console import printer
    from izer_bridge.console.listing import fixed, number, text

    async with _deliveries(settings) as deliveries:
        found, shut = await deliveries.list(), await deliveries.shut_targets()
    console = printer(settings.shop.zone)
    if as_json:
        rows = [asdict(one) for one in found]
        console.json({"shut": shut, "undelivered": rows})
        return
    for target, reason in shut.items():
        console.print(f"{target} is shut: {reason}", soft_wrap=True)
    if not found:
        console.print("Every event was delivered or is on its way.")
        return
    columns = [number("id"), fixed("event"), text("target"), fixed("state"), number("tries")]
    columns += [fixed("happened"), text("why")]
    console.listing(
        columns,
        [
            (
                *(str(one.row_id), one.type, one.target, one.why, str(one.attempts)),
                *(console.time(one.created_at), one.error),
            )
            for one in found
        ],
    )
