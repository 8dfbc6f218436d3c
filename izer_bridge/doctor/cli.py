"""`izer-bridge doctor`: from "it does not answer" to the cause, each finding with what to do."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from izer_bridge import config
from izer_bridge.console.options import AsJson, ConfigFile, json_text, load_as_root, told_errors
from izer_bridge.doctor.finding import Finding, FindingLevel, examined, exit_code, skipped
from izer_bridge.host import logs

if TYPE_CHECKING:
    from pydantic import SecretStr
    from rich.text import Text

_SIGNS = {
    FindingLevel.OK: ("✔", "green"),
    FindingLevel.WARNING: ("!", "yellow"),
    FindingLevel.FAILED: ("✘", "bold red"),
    FindingLevel.SKIPPED: ("-", "dim"),
}


def doctor(
    with_sample: Annotated[
        bool,
        typer.Option(
            "--sample/--no-sample",
            help="Send a sample message through a chain of its own, which costs one analysis.",
        ),
    ] = True,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Examine the bridge and everything around it.

    Exit code 1: something has failed; 3: something should be looked at; 0: all is well.
    """
    from izer_bridge.doctor import credentials, host
    from izer_bridge.host import privilege

    with told_errors():
        settings = load_as_root(config_file)
        key = config.openai_key()
        logs.configure("critical")
        file = config_file or Path("config.toml")
        # Files that only root may read come first.
        first = [*host.settings_file(file), *credentials.examine(settings, config_file)]
        privilege.step_down(settings.state_dir)
        findings = _findings(settings, key, first, with_sample)
        found = asyncio.run(_examine(findings, quiet=json_output))
    has_failed = any(one.verdict is FindingLevel.FAILED for one in found)
    if json_output:
        document = {"ok": not has_failed, "findings": [asdict(one) for one in found]}
        typer.echo(json_text(document, indent=2))
    raise typer.Exit(exit_code(found))


async def _examine(findings: AsyncIterator[Finding], *, quiet: bool) -> Sequence[Finding]:
    """All findings, shown as they come unless `quiet`."""
    from izer_bridge.console.console import printer

    console = printer()
    found = []
    async for one in findings:
        found.append(one)
        if not quiet:
            console.print(_line(one), soft_wrap=not console.is_measured)
    return found


async def _findings(
    settings: config.Config, key: "SecretStr | None", first: Sequence[Finding], with_sample: bool
) -> AsyncIterator[Finding]:
    from izer_bridge.doctor import dependencies, host

    now = datetime.now(UTC)
    for one in (
        *host.versions(),
        *host.clock(now),
        *first,
        *host.state_directory(settings.state_dir),
        *host.room(settings.places),
        *host.session(settings.state_dir),
    ):
        yield one
    fix = (
        "start the database, or set store.url right; a file: make room, or end the program that "
        "holds it"
    )
    for one in await examined("store", fix, lambda: dependencies.store(settings, now)):
        yield one
    fix = "set OPENAI_API_KEY and openai.base_url right; until then the local analyser answers"
    remote = await examined("OpenAI", fix, lambda: dependencies.openai(settings, key))
    for one in remote:
        yield one
    for one in await examined("agents", "set agents right", lambda: dependencies.agents(settings)):
        yield one
    fix = "set api.tls_certificate and api.tls_key right"
    for one in await examined("certificate", fix, lambda: dependencies.certificate(settings, now)):
        yield one
    fix = "see the log: journalctl -u izer-bridge"
    for one in await examined("bridge", fix, lambda: dependencies.bridge(settings)):
        yield one
    usable = None if any(one.verdict is FindingLevel.FAILED for one in remote) else key
    for one in await _sample(settings, usable) if with_sample else _NO_SAMPLE:
        yield one


_NO_SAMPLE = (skipped("sample", "not asked for"),)


async def _sample(settings: config.Config, key: "SecretStr | None") -> Sequence[Finding]:
    from izer_bridge.doctor.sample import sample

    fix = "see what else is found here"
    return await examined("sample", fix, lambda: sample(settings, key))


def _line(one: Finding) -> "Text":
    from rich.text import Text

    sign, style = _SIGNS[one.verdict]
    fix = f" → {one.fix}" if one.fix else ""
    return Text.assemble((f"{sign} ", style), (f"{one.about}: ", "bold"), one.text, (fix, style))
