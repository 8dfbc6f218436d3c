"""The command line: which commands there are. What is typed is read in `commands/`."""

from typing import Annotated

import typer

from izer_bridge import __version__
from izer_bridge.commands.backup import backup
from izer_bridge.commands.chat import chat
from izer_bridge.commands.doctor import doctor
from izer_bridge.commands.drafts import drafts
from izer_bridge.commands.escalations import escalations
from izer_bridge.commands.events import events
from izer_bridge.commands.forget import forget
from izer_bridge.commands.importing import import_legacy
from izer_bridge.commands.label import label
from izer_bridge.commands.ledger import dlq, gaps, verify
from izer_bridge.commands.link import link
from izer_bridge.commands.messages import export, search, tail
from izer_bridge.commands.outbox import outbox
from izer_bridge.commands.restore import restore
from izer_bridge.commands.retention import retention
from izer_bridge.commands.route import route
from izer_bridge.commands.settings import settings
from izer_bridge.commands.status import stats, status
from izer_bridge.commands.trials import evaluate, explain, replay
from izer_bridge.commands.typed import Root
from izer_bridge.commands.vip import group, vip
from izer_bridge.commands.work import agents, run, worker

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
app.command()(agents)
app.command()(link)
app.command()(status)
app.command()(stats)
app.command()(doctor)
app.command()(tail)
app.command()(search)
app.command()(export)
app.command()(route)
app.command()(explain)
app.command()(forget)
app.command()(import_legacy)
app.command()(evaluate)
app.command()(verify)
app.command()(replay)
app.command()(backup)
app.command()(restore)
app.add_typer(settings, name="config")
app.add_typer(dlq, name="dlq")
app.add_typer(vip, name="vip")
app.add_typer(group, name="group")
app.add_typer(label, name="label")
app.add_typer(drafts, name="drafts")
app.add_typer(outbox, name="outbox")
app.add_typer(chat, name="chat")
app.add_typer(escalations, name="escalations")
app.add_typer(events, name="events")
app.command()(retention)
app.add_typer(gaps, name="gaps")


def main(arguments: list[str] | None = None) -> None:
    app(args=arguments, prog_name="izer-bridge")


if __name__ == "__main__":
    main()
