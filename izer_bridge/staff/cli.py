"""The commands `izer-bridge staff` and `izer-bridge login`; their work is in `run`."""

import asyncio
from typing import Annotated

import typer

from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    RowId,
    json_text,
    say,
    settings_from,
    told_errors,
)

staff = typer.Typer(
    no_args_is_help=True,
    help="Who may use the pages, also while the bridge runs: add, list, revoke, sessions, end.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As decisions will be signed with it.")]
RoleName = Annotated[
    str,
    typer.Option(
        "--role",
        help="staff: reads, answers, decides. owner: also says who is important, and who may.",
    ),
]


@staff.command("add")
def staff_add(
    name: Name,
    role: RoleName = "staff",
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Let somebody in; prints their token, this once."""
    from izer_bridge.staff import run as command

    with told_errors():
        settings = settings_from(config_file)
        added = asyncio.run(command.add(settings.store_url, name, role))
        if json_output:
            said = {"name": added.name, "role": added.role, "token": added.secret}
            typer.echo(json_text(said, indent=2))
            return
        say(f"{added.name} may come in as {added.role}. Their token, which is not shown again:")
        typer.echo(added.secret)
        say(f"A link for a browser instead: izer-bridge login {command.typed(added.name)}")


@staff.command("list")
def staff_list(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Show who may, and who might once."""
    from izer_bridge.console.console import printer
    from izer_bridge.staff import run as command

    with told_errors():
        settings = settings_from(config_file)
        console = printer(settings.shop.zone)
        asyncio.run(command.show(settings.store_url, console, as_json=json_output))


@staff.command("revoke")
def staff_revoke(name: Name, config_file: ConfigFile = None) -> None:
    """End somebody's token and log out their browsers, within a second."""
    from izer_bridge.staff import run as command

    with told_errors():
        who = asyncio.run(command.revoke(settings_from(config_file).store_url, name))
        say(f"{who} is out: the token and all sessions are ended.")


@staff.command("sessions")
def staff_sessions(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Show the browsers that are logged in."""
    from izer_bridge.console.console import printer
    from izer_bridge.staff import run as command

    with told_errors():
        settings = settings_from(config_file)
        console = printer(settings.shop.zone)
        asyncio.run(command.show_sessions(settings.store_url, console, as_json=json_output))


@staff.command("end")
def staff_end(row_id: RowId, config_file: ConfigFile = None) -> None:
    """Log out one browser, by the id that `sessions` shows."""
    from izer_bridge.staff import run as command

    with told_errors():
        asyncio.run(command.end(settings_from(config_file).store_url, row_id))
        say(f"Session {row_id} is ended.")


def login(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Whose link; without it, the owner's.")
    ] = None,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Print a link that logs one browser in; it works once, for ten minutes."""
    from izer_bridge.staff import run as command

    with told_errors():
        settings = settings_from(config_file)
        link = asyncio.run(command.link(settings.store_url, settings.api, name))
        if json_output:
            said = {"name": link.name, "role": link.role, "link": link.url}
            typer.echo(json_text(said, indent=2))
            return
        say(f"Logs in {link.name} ({link.role}), once, within 10 minutes:")
        typer.echo(link.url)
        for hint in link.hints:
            say(hint)
