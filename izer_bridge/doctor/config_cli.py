"""`izer-bridge config`: whether the settings are valid, their values, and where each comes from."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from izer_bridge import config
from izer_bridge.config.replaced import not_read
from izer_bridge.console.options import AsJson, ConfigFile, json_text, say, told_errors

if TYPE_CHECKING:
    from izer_bridge.config.shown import Setting

settings = typer.Typer(no_args_is_help=True, help="The settings: check them, show what holds.")
_USUAL = Path("config.toml")


@settings.command("check")
def config_check(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Check file, environment and secrets as a start would."""
    with told_errors():
        found = _found(config_file)
        has_key = config.openai_key() is not None
        _refuse(config.load(config_file))
    ignored = not_read(os.environ, Path.cwd())
    changed = [one.key for one in found if one.source != "default"]
    file = _file(config_file)
    if json_output:
        document = {"ok": True, "file": file and str(file), "set": changed, "openai_key": has_key}
        typer.echo(json_text(document | {"not_read": ignored}))
    else:
        key = "an OpenAI key is set" if has_key else "no OpenAI key: the local analyser answers"
        say(f"{file or 'no file'}: right; {len(changed)} of {len(found)} set; {key}.")
        for one in ignored:
            say(f"! {one}")


@settings.command("show")
def config_show(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Show every setting and where it comes from, without passwords and customers' numbers."""
    with told_errors():
        found = _found(config_file)
    if json_output:
        typer.echo(json_text([asdict(one) for one in found], indent=2))
        return
    for one in found:
        value = json_text(one.value)
        source = "" if one.source == "default" else f"  # {one.source}"
        say(f"{one.key} = {value}{source}")


def _refuse(settings: config.Config) -> None:
    """Raises ConfigError for faults that a start would find only while building its parts."""
    from izer_bridge.agents.builtin.knowledge_files import Library
    from izer_bridge.doctor import credentials

    credentials.find(settings)
    folder = settings.agents_builtin.knowledge_dir
    Library(Path(folder) if folder else None)


def _found(config_file: Path | None) -> "Sequence[Setting]":
    from izer_bridge.config.shown import settings_of

    return settings_of(config.load(config_file), config_file or _USUAL)


def _file(config_file: Path | None) -> Path | None:
    file = config_file or _USUAL
    return file if file.is_file() else None
