"""The command `izer-bridge verify`: whether the ledger is what was written, and adds up."""

import asyncio

import typer

from izer_bridge.console.options import AsJson, ConfigFile, settings_from, told_errors


def verify(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Walk the ledger: is it what was written, and does it add up? Exit code 1 if not."""
    from izer_bridge.console.console import printer
    from izer_bridge.upkeep import verify_run as command

    with told_errors():
        url = settings_from(config_file).store_url
        is_right = asyncio.run(command.run(url, printer(), as_json=json_output))
    raise typer.Exit(0 if is_right else 1)
