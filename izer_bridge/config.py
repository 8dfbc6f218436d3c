"""Every setting, its default and its validation: `config.toml`, then the environment above it."""

import json
import os
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from izer_bridge.model.analysis import Category, Priority
from izer_bridge.model.cost import Price
from izer_bridge.model.errors import ConfigError
from izer_bridge.model.importance import MOST_MINUTES, ImportanceRules, Treatment, person_key
from izer_bridge.model.routing import Rule

_STORE_SCHEMES = ("sqlite", "mysql", "mariadb")
_PREFIX = "IZER_"
_SHOWN_VALUE = 60
AGENT_NAMES = ("agent_hub", "business_workflow", "code_debugger", "general_purpose")


def _store_url(url: str) -> str:
    parts = urlsplit(url)
    if url and parts.scheme not in _STORE_SCHEMES:
        allowed = ", ".join(f"{scheme}://" for scheme in _STORE_SCHEMES)
        raise ValueError(f"the scheme {parts.scheme or url!r} is unknown; allowed: {allowed}")
    if parts.scheme in ("mysql", "mariadb") and not (parts.hostname and parts.path.strip("/")):
        raise ValueError("expected mysql://user:password@host:port/database")
    return url


def _http_url(url: str) -> str:
    parts = urlsplit(url)
    if url and not (parts.scheme in ("http", "https") and parts.hostname):
        raise ValueError("expected http://host[:port][/path] or https://…, or nothing")
    return url.rstrip("/")


def _proxy_url(url: str) -> str:
    parts = urlsplit(url)
    if url and not (parts.scheme in ("http", "https", "socks5") and parts.hostname):
        raise ValueError("expected http://host:port, https://host:port or socks5://host:port")
    return url


def _loopback(host: str) -> str:
    """Until the API asks for a token, it answers on this machine only."""
    if host != "localhost" and not ip_address(host).is_loopback:
        raise ValueError("expected a loopback address such as 127.0.0.1 or ::1")
    return host


def _agent_name(name: str) -> str:
    if name not in AGENT_NAMES:
        raise ValueError(f"there is no agent {name!r}; allowed: {', '.join(AGENT_NAMES)}")
    return name


Person = Annotated[str, AfterValidator(person_key)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Store(Section):
    """Where messages are kept; an empty url is SQLite in the state directory."""

    url: Annotated[str, AfterValidator(_store_url)] = ""


class Api(Section):
    host: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1"
    port: int = Field(8100, ge=0, le=65535)


class WhatsApp(Section):
    proxy: Annotated[str, AfterValidator(_proxy_url)] = ""
    device_name: str = Field("İzer Bridge", min_length=1, max_length=60)
    invert_qr: bool = False
    gate: bool = False
    hold_receipts: bool = True
    undo_at_risk: bool = True


class Analysis(Section):
    context_messages: int = Field(20, ge=0, le=200)
    again_within_hours: int = Field(24, ge=0, le=168)
    again_every_seconds: float = Field(60.0, ge=1, le=3600)


class Worker(Section):
    lease_spare_seconds: float = Field(60.0, gt=0, le=3600)


class ModelPrice(Section):
    """US dollars a million tokens."""

    input: Decimal = Field(ge=0)
    cached_input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)


# OpenAI's list in 2025; the operator compares it with today's.
_PRICES = {
    "gpt-5-mini": ModelPrice(
        input=Decimal("0.25"), cached_input=Decimal("0.025"), output=Decimal("2.0")
    ),
}


class OpenAI(Section):
    base_url: HttpUrl = "https://api.openai.com/v1"
    model: str = Field("gpt-5-mini", min_length=1)
    timeout_seconds: float = Field(30.0, gt=0, le=600)
    daily_cap_usd: Decimal = Field(Decimal(0), ge=0, le=100_000)
    prices: dict[str, ModelPrice] = Field(default_factory=lambda: dict(_PRICES))

    @property
    def price(self) -> Price | None:
        """Of the model that analyses; None where it is not known."""
        found = self.prices.get(self.model) or _PRICES.get(self.model)
        return None if found is None else Price(found.input, found.cached_input, found.output)

    @model_validator(mode="after")
    def _can_keep_to_the_cap(self) -> "OpenAI":
        if self.daily_cap_usd and self.price is None:
            raise ValueError(f"daily_cap_usd needs a price for the model {self.model!r}")
        return self


class Important(Section):
    """How somebody important is treated."""

    priority: Priority = Priority.CRITICAL
    answer_within_minutes: int | None = Field(None, ge=1, le=MOST_MINUTES)
    agent: Annotated[str, AfterValidator(_agent_name)] | None = None
    escalate: bool = True

    def treatment(self) -> Treatment:
        return Treatment(self.priority, self.answer_within_minutes, self.agent, self.escalate)


class Customer(Important):
    number: Person
    name: str = ""


class Group(Important):
    """`group` is a name or a JID."""

    group: str = Field(min_length=1)


class Media(Section):
    """Files that come with messages; words are made of them only where there is an OpenAI key."""

    download: bool = True
    max_mb: int = Field(32, ge=1, le=2048)
    transcribe: bool = True
    describe: bool = True
    transcription_model: str = Field("gpt-4o-mini-transcribe", min_length=1)
    description_model: str = Field("gpt-5-mini", min_length=1)


class Vip(Section):
    numbers: tuple[Person, ...] = ()
    customers: tuple[Customer, ...] = ()


class Groups(Section):
    critical: tuple[str, ...] = (
        "VIP Customers",
        "Technical Support",
        "Sales Team",
        "Management",
        "Important Partners",
        "İzer Management",
    )
    rules: tuple[Group, ...] = ()
    analyse_all: bool = False


class Agent(Section):
    """One agent; an empty url is the built-in one of that name."""

    url: HttpUrl = ""
    timeout_seconds: float = Field(30.0, gt=0, le=600)


class RoutingRule(Section):
    agent: str
    categories: tuple[Category, ...] = ()
    min_urgency: int | None = Field(None, ge=1, le=10)
    keywords: tuple[str, ...] = ()

    def as_rule(self) -> Rule:
        return Rule(
            agent=self.agent,
            categories=frozenset(self.categories),
            min_urgency=self.min_urgency,
            keywords=frozenset(word.casefold() for word in self.keywords),
        )


_CODE_KEYWORDS = (
    *("api", "backend", "bug", "code", "database", "debug", "deploy", "error", "exception"),
    *("firmware", "frontend", "hata", "kod", "log", "server", "sunucu", "veritabanı", "yazılım"),
)


class Routing(Section):
    rules: tuple[RoutingRule, ...] = (
        RoutingRule(agent="business_workflow", categories=(Category.TECHNICAL, Category.SUPPORT)),
        RoutingRule(agent="business_workflow", min_urgency=8),
        RoutingRule(agent="code_debugger", keywords=_CODE_KEYWORDS),
        RoutingRule(agent="general_purpose"),
    )


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"


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


def openai_key() -> SecretStr | None:
    """The key from systemd's credentials, then `OPENAI_API_KEY_FILE`, then `OPENAI_API_KEY`.

    Raises ConfigError when a file that is named cannot be read.
    """
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if directory and (credential := Path(directory, "openai_api_key")).is_file():
        return _secret(credential)
    if named := os.environ.get("OPENAI_API_KEY_FILE"):
        return _secret(Path(named))
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    return SecretStr(key) if key else None


def _secret(path: Path) -> SecretStr | None:
    try:
        key = path.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"the OpenAI key's file {path} cannot be read: {error}") from None
    return SecretStr(key) if key else None


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
    """The value as far as it may be shown: an URL may hold a password."""
    if key.endswith(("url", "proxy")) and isinstance(value, str) and "@" in value:
        scheme, _, rest = value.partition("://")
        return repr(f"{scheme}://…@{rest.rpartition('@')[2]}")
    text = repr(value)
    return text if len(text) <= _SHOWN_VALUE else text[:_SHOWN_VALUE] + "…"
