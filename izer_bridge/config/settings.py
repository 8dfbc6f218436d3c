"""All settings in one object: `config.toml`, then the environment above it."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from izer_bridge.config.agents import Agent, Routing, RoutingRule, capabilities_of
from izer_bridge.config.api import Api
from izer_bridge.config.basic import Analysis, Backup, Log, Media, Store, WhatsApp
from izer_bridge.config.builtin import BuiltinAgents
from izer_bridge.config.business_hours import OpeningTimes
from izer_bridge.config.concealed import without_secrets
from izer_bridge.config.escalation import Escalation
from izer_bridge.config.events import Events
from izer_bridge.config.file import read_toml
from izer_bridge.config.important import Groups, Vip
from izer_bridge.config.openai import OpenAI
from izer_bridge.config.removed import what_holds
from izer_bridge.config.reply import Reply
from izer_bridge.config.reports import Reports
from izer_bridge.config.retention import Retention
from izer_bridge.config.shop import Shop
from izer_bridge.config.values import AGENT_NAMES, Section
from izer_bridge.config.waiting import Waiting
from izer_bridge.domain.errors import ConfigError
from izer_bridge.domain.importance import ImportanceRules, Treatment

_PREFIX = "IZER_"
PATH_VARIABLE = "IZER_CONFIG"
_SHOWN_VALUE = 60
_AGENT_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_BUILT_IN = ", ".join(AGENT_NAMES)


class Config(BaseSettings):
    """All settings, frozen. Keys of the environment: `IZER_` + section + `__` + key."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    state_dir: Path = Path(".state")
    store: Store = Store()
    api: Api = Api()
    whatsapp: WhatsApp = WhatsApp()
    analysis: Analysis = Analysis()
    openai: OpenAI = OpenAI()
    media: Media = Media()
    vip: Vip = Vip()
    groups: Groups = Groups()
    business_hours: OpeningTimes = OpeningTimes()
    waiting: Waiting = Waiting()
    escalation: Escalation = Escalation()
    agents: dict[str, Agent] = Field(default_factory=dict)
    agents_builtin: BuiltinAgents = BuiltinAgents()
    routing: Routing = Routing()
    shop: Shop = Shop()
    reply: Reply = Reply()
    events: Events = Events()
    reports: Reports = Reports()
    retention: Retention = Retention()
    backup: Backup = Backup()
    log: Log = Log()

    @model_validator(mode="after")
    def _can_pay_the_agents(self) -> "Config":
        model, openai = self.agents_builtin.model, self.openai
        if model and openai.daily_cap_usd and openai.price_of(model) is None:
            raise ValueError(
                f"agents_builtin.model: openai.daily_cap_usd needs a price for {model!r}"
            )
        return self

    @model_validator(mode="after")
    def _has_a_reader_of_digests(self) -> "Config":
        has_reader = self.escalation.owner or self.escalation.email.to
        if self.reports.digest != "off" and not has_reader:
            raise ValueError(
                "reports.digest: set escalation.owner or escalation.email.to to read it"
            )
        return self

    @property
    def store_url(self) -> str:
        return self.store.url or f"sqlite:///{self.state_dir.resolve() / 'bridge.db'}"

    @property
    def places(self) -> tuple[Path, ...]:
        """Where the bridge stores anything on this machine's disks."""
        scheme, _, rest = self.store_url.partition(":///")
        folders = [self.state_dir, *([Path(rest).parent] if scheme == "sqlite" else [])]
        return tuple(dict.fromkeys(one.resolve() for one in folders))

    @property
    def importance(self) -> ImportanceRules:
        """The settings' rules; the store's tables take precedence."""
        usual = Treatment()
        people = [(number, usual) for number in self.vip.numbers]
        groups = [(group, usual) for group in self.groups.critical]
        return ImportanceRules.treating(
            people + [(one.number, one.treatment()) for one in self.vip.customers],
            groups + [(one.group, one.treatment()) for one in self.groups.rules],
        )

    @property
    def own_people(self) -> frozenset[str]:
        """The people who are notified of customers, and are not customers themselves."""
        told = (self.reply.owner, self.escalation.owner, self.escalation.second)
        return frozenset(one for one in told if one)

    @property
    def agent_names(self) -> tuple[str, ...]:
        """The built-in ones, then those that only the settings name."""
        return (*AGENT_NAMES, *(name for name in self.agents if name not in AGENT_NAMES))

    @property
    def capabilities(self) -> Mapping[str, tuple[str, ...]]:
        """What each agent says it can do."""
        return {name: capabilities_of(name, self.agent(name)) for name in self.agent_names}

    def agent(self, name: str) -> Agent:
        return self.agents.get(name, Agent())


def load(path: Path | None = None) -> Config:
    """Read the settings from `path`; the environment takes precedence.

    Without a path, `config.toml` in the working directory is read if there is one. Raises
    ConfigError that names the key, its value and what is allowed.
    """
    file = path or Path("config.toml")
    if path is not None and not path.is_file():
        raise ConfigError(f"configuration file {path} does not exist or is no file")
    _refuse_wrong_variables(os.environ)
    written = read_toml(file) if file.exists() else {}

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
                InitSettingsSource(settings_cls, written),
            )

    try:
        config = FromFile()
    except ValidationError as error:
        raise ConfigError(_explain(error)) from None
    _refuse_unknown_agents(config)
    return config


def _refuse_wrong_variables(environment: Mapping[str, str]) -> None:
    """What pydantic-settings would ignore (unknown sections) or not name (lists without JSON)."""
    known = sorted(Config.model_fields)
    for variable, value in environment.items():
        if not variable.startswith(_PREFIX) or variable == PATH_VARIABLE:
            continue
        section, _, key = variable.removeprefix(_PREFIX).lower().partition("__")
        if (holds := what_holds(section)) is not None:
            raise ConfigError(f"environment variable {variable}: {holds}")
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
    for name, agent in config.agents.items():
        if not _AGENT_NAME.fullmatch(name):
            raise ConfigError(f"agents.{name}: expected a name of a-z, 0-9 and _, at most 64")
        if name not in AGENT_NAMES and not agent.url:
            raise ConfigError(f"agents.{name}: it is not built in ({_BUILT_IN}); it needs a url")
        if agent.kind == "a2a" and not agent.url:
            raise ConfigError(f"agents.{name}: kind = 'a2a' needs a url")
    routing, vip, groups = config.routing, config.vip, config.groups
    named: dict[str, Sequence[str | None]] = {
        "routing.when_down": [routing.when_down],
        "routing.rules": [rule.agent for rule in routing.rules],
        "reply.agents": list(config.reply.agents),
        "vip.customers": [one.agent for one in vip.customers],
        "groups.rules": [one.agent for one in groups.rules],
    }
    for where, names in named.items():
        for name in filter(None, names):
            if name not in config.agent_names:
                raise ConfigError(
                    f"{where}: there is no agent {name!r}; allowed: {', '.join(config.agent_names)}"
                )
    last = routing.rules[-1] if routing.rules else None
    if last is None or last != RoutingRule(agent=last.agent):
        raise ConfigError("routing.rules: the last rule must have no condition but its agent")


def _explain(error: ValidationError) -> str:
    return "; ".join(_explain_one(detail) for detail in error.errors())


def _explain_one(detail: Any) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        if (holds := what_holds(key)) is not None:
            return f"{key}: {holds}"
        return f"{key}: there is no such setting; allowed: {', '.join(_allowed(detail['loc']))}"
    return f"{key} = {_shown(key, detail['input'])}: {detail['msg'].removeprefix('Value error, ')}"


def _allowed(location: tuple[str | int, ...]) -> list[str]:
    """The keys of the section that contains an unknown key."""
    model: type[BaseModel] = Config
    for part in location[:-1]:
        if (field := model.model_fields.get(str(part))) is not None:
            inner = (field.annotation, *get_args(field.annotation))
            model = next(one for one in inner if isinstance(one, type) and issubclass(one, Section))
    return sorted(model.model_fields)


def _shown(key: str, value: object) -> str:
    """The value as far as it may be shown: it, or a part of it, may be a URL with a password."""
    if isinstance(value, dict):
        return "{…}"
    if (
        isinstance(value, str)
        and "://" not in value
        and ("@" in value or (key.endswith(("url", "proxy")) and "/" in value))
    ):
        return "'…'"
    text = repr(without_secrets(key, value))
    return text if len(text) <= _SHOWN_VALUE else text[:_SHOWN_VALUE] + "…"
