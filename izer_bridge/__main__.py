"""The command line: which commands there are. What is typed is read in `commands/`."""

from typing import Annotated

import typer

from izer_bridge import __version__
from izer_bridge.commands.doctor import doctor
from izer_bridge.commands.events import events
from izer_bridge.commands.forget import forget
from izer_bridge.commands.importing import import_legacy
from izer_bridge.commands.ledger import dlq, gaps, verify
from izer_bridge.commands.messages import export, search, tail
from izer_bridge.commands.retention import retention
from izer_bridge.commands.settings import settings
from izer_bridge.commands.status import stats, status
from izer_bridge.commands.trials import evaluate, replay
from izer_bridge.commands.typed import Root
from izer_bridge.commands.vip import group, vip
from izer_bridge.commands.work import run, worker

app = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Links a shop's WhatsApp number, records and analyses every message, calls the agents.",
)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        typer.echo(f"izer-bridge {__version__}")
        raise typer.Exit


app.command()(run)
app.command()(worker)
app.command()(status)
app.command()(stats)
app.command()(doctor)
app.command()(tail)
app.command()(search)
app.command()(export)
app.command()(forget)
app.command()(import_legacy)
app.command()(evaluate)
app.command()(verify)
app.command()(replay)
app.add_typer(settings, name="config")
app.add_typer(dlq, name="dlq")
app.add_typer(vip, name="vip")
app.add_typer(group, name="group")
app.add_typer(events, name="events")
app.command()(retention)
app.add_typer(gaps, name="gaps")


def main(arguments: list[str] | None = None) -> None:
    app(args=arguments, prog_name="izer-bridge")


if __name__ == "__main__":
    main()
