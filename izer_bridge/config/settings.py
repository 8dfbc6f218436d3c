"""All settings in one object: `config.toml`, then the environment above it."""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from izer_bridge.config.agents import Agent, Routing
from izer_bridge.config.api import Api
from izer_bridge.config.basic import Analysis, Log, Media, Store, WhatsApp, Worker
from izer_bridge.config.events import Events
from izer_bridge.config.important import Groups, Vip
from izer_bridge.config.openai import OpenAI
from izer_bridge.config.retention import Retention
from izer_bridge.config.values import AGENT_NAMES, Section
from izer_bridge.model.errors import ConfigError
from izer_bridge.model.importance import ImportanceRules, Treatment
from izer_bridge.model.routing import Rule

_PREFIX = "IZER_"
_SHOWN_VALUE = 60


class Config(BaseSettings):
    """All settings, frozen. Keys of the environment: `IZER_` + section + `__` + key."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    state_dir: Path = Path("state")
    store: Store = Store()
    api: Api = Api()
    whatsapp: WhatsApp = WhatsApp()
    analysis: Analysis = Analysis()
    worker: Worker = Worker()
    openai: OpenAI = OpenAI()
    media: Media = Media()
    vip: Vip = Vip()
    groups: Groups = Groups()
    agents: dict[str, Agent] = Field(default_factory=dict)
    routing: Routing = Routing()
    events: Events = Events()
    retention: Retention = Retention()
    log: Log = Log()

    @property
    def store_url(self) -> str:
        return self.store.url or f"sqlite:///{self.state_dir.resolve() / 'bridge.db'}"

    @property
    def importance(self) -> ImportanceRules:
        """What the settings say; the store's tables stand above it."""
        usual = Treatment()
        people = [(number, usual) for number in self.vip.numbers]
        groups = [(group, usual) for group in self.groups.critical]
        return ImportanceRules.treating(
            people + [(one.number, one.treatment()) for one in self.vip.customers],
            groups + [(one.group, one.treatment()) for one in self.groups.rules],
        )

    def agent(self, name: str) -> Agent:
        return self.agents.get(name, Agent())


def load(path: Path | None = None) -> Config:
    """Read the settings from `path`, with the environment above it.

    Without a path, `config.toml` in the working directory is read where there is one.
    Raises ConfigError that names the key, its value and what is allowed.
    """
    file = path or Path("config.toml")
    if path is not None and not path.is_file():
        raise ConfigError(f"configuration file {path} does not exist or is no file")
    _refuse_wrong_variables(os.environ)

    class FromFile(Config):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (
                EnvSettingsSource(settings_cls),
                TomlConfigSettingsSource(settings_cls, toml_file=file),
            )

    try:
        config = FromFile()
    except ValidationError as error:
        raise ConfigError(_explain(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from None
    _refuse_unknown_agents(config)
    return config


def _refuse_wrong_variables(environment: Mapping[str, str]) -> None:
    """What pydantic-settings would ignore (unknown sections) or not name (lists without JSON)."""
    known = sorted(Config.model_fields)
    for variable, value in environment.items():
        if not variable.startswith(_PREFIX):
            continue
        section, _, key = variable.removeprefix(_PREFIX).lower().partition("__")
        if section not in known:
            raise ConfigError(
                f"environment variable {variable}: there is no setting {section!r}; "
                f"allowed: {', '.join(known)}"
            )
        if _is_list(section, key) and not _is_json_list(value):
            raise ConfigError(
                f"environment variable {variable} = {_shown(variable, value)}: "
                'expected a list in JSON, such as ["…", "…"]'
            )


def _is_list(section: str, key: str) -> bool:
    model = Config.model_fields[section].annotation
    if not (isinstance(model, type) and issubclass(model, Section)):
        return False
    return key in model.model_fields and get_origin(model.model_fields[key].annotation) is tuple


def _is_json_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except ValueError:
        return False


def _refuse_unknown_agents(config: Config) -> None:
    for where, names in (
        ("agents", list(config.agents)),
        ("routing.rules", [rule.agent for rule in config.routing.rules]),
    ):
        for name in names:
            if name not in AGENT_NAMES:
                raise ConfigError(
                    f"{where}: there is no agent {name!r}; allowed: {', '.join(AGENT_NAMES)}"
                )
    last = config.routing.rules[-1] if config.routing.rules else None
    if last is None or last.as_rule() != Rule(last.agent):
        raise ConfigError("routing.rules: the last rule must have no condition but its agent")


def _explain(error: ValidationError) -> str:
    return "; ".join(_explain_one(detail) for detail in error.errors())


def _explain_one(detail: Any) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"{key}: there is no such setting; allowed: {', '.join(_allowed(detail['loc']))}"
    return f"{key} = {_shown(key, detail['input'])}: {detail['msg'].removeprefix('Value error, ')}"


def _allowed(location: tuple[str | int, ...]) -> list[str]:
    """The keys of the section that an unknown key stands in."""
    model: type[BaseModel] = Config
    for part in location[:-1]:
        if (field := model.model_fields.get(str(part))) is not None:
            inner = (field.annotation, *get_args(field.annotation))
            model = next(one for one in inner if isinstance(one, type) and issubclass(one, Section))
    return sorted(model.model_fields)


def _shown(key: str, value: object) -> str:
    """The value as far as it may be shown: an URL may hold a password, a part may hold an URL."""
    if key.endswith(("url", "proxy")) and isinstance(value, str) and "@" in value:
        scheme, _, rest = value.partition("://")
        return repr(f"{scheme}://…@{rest.rpartition('@')[2]}")
    if isinstance(value, dict):
        return "{…}"
    text = repr(value)
    return text if len(text) <= _SHOWN_VALUE else text[:_SHOWN_VALUE] + "…"
