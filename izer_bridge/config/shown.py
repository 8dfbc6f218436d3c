"""Settings in a form that may be shown: with each one's source, and without secrets."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic_settings import EnvSettingsSource

from izer_bridge.config.concealed import PERSON, without_secrets
from izer_bridge.config.file import read_toml
from izer_bridge.config.settings import Config
from izer_bridge.domain.identity import redact


class Source(StrEnum):
    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Setting:
    """One key with dots, such as `store.url`. `value` is JSON's, without passwords and people."""

    key: str
    value: Any
    source: Source


def settings_of(config: Config, file: Path) -> list[Setting]:
    """Every setting in the order of the documented file; `file` is what `config` was read from."""
    written = read_toml(file) if file.is_file() else {}
    environment = EnvSettingsSource(Config)()
    return [
        Setting(_shown(key), without_secrets(key, value), _source(key, written, environment))
        for key, value in _leaves(json.loads(config.model_dump_json()))
    ]


def _leaves(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, name))
        else:
            yield ".".join((*path, name)), value


def _shown(key: str) -> str:
    """`reply.chats` has people as keys."""
    return ".".join(redact(part) if PERSON.fullmatch(part) else part for part in key.split("."))


def _source(key: str, written: Mapping[str, Any], environment: Mapping[str, Any]) -> Source:
    if _stands_in(environment, key):
        return Source.ENVIRONMENT
    return Source.FILE if _stands_in(written, key) else Source.DEFAULT


def _stands_in(values: Any, key: str) -> bool:
    """Names may contain dots themselves (`openai.prices.gpt-4.1.input`); every split is tried."""
    if not isinstance(values, Mapping):
        return False
    return key in values or any(
        key.startswith(f"{name}.") and _stands_in(inner, key[len(name) + 1 :])
        for name, inner in values.items()
    )
