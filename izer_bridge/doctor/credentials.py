"""The secrets that settings name: whether each exists, and whether systemd hands it over."""

import re
from collections.abc import Iterator
from pathlib import Path

from izer_bridge import config
from izer_bridge.doctor.finding import Finding, failed, ok
from izer_bridge.domain.errors import ConfigError
from izer_bridge.escalation.wiring import smtp_password
from izer_bridge.host import systemd

_INSTALLED = Path("/etc/izer-bridge")
_FIRST = "config"


def find(settings: config.Config) -> list[str]:
    """Their names. Raises ConfigError for a secret that is missing or invalid."""
    names = [*settings.api.webhook_secrets]
    for target in settings.events.targets:
        names += target.secrets
    for agent in settings.agents.values():
        if agent.kind == "http":
            names += agent.secrets
    if settings.escalation.webhook_url:
        names.append("escalation_webhook_secret")
    config.signing_secrets(names)
    if smtp_password(settings):
        names.append("smtp_password")
    return list(dict.fromkeys(names))


def examine(settings: config.Config, config_file: Path | None) -> Iterator[Finding]:
    """Nothing if the settings name none."""
    try:
        names = find(settings)
    except ConfigError as error:
        yield failed("secrets", str(error), "see: docs/operations.md, Where things are")
        return
    if not names:
        return
    unit = unit_of(config_file)
    lacking = lacking_in(systemd.definition(unit), names) if unit else []
    if lacking:
        text = f"{unit} is not given {', '.join(lacking)}: it would not start"
        lines = ", ".join(f"LoadCredential={name}:izer-bridge.{name}" for name in lacking)
        yield failed("secrets", text, f"sudo systemctl edit {unit}, then [Service] and {lines}")
    else:
        yield ok("secrets", f"{len(names)} that the settings name are there")


def unit_of(config_file: Path | None) -> str | None:
    """The service that uses these settings; None if no service does."""
    if config_file is None or config_file.parent != _INSTALLED:
        return None
    name = config_file.stem
    return "izer-bridge.service" if name == _FIRST else f"izer-bridge@{name}.service"


def lacking_in(definition: str | None, names: list[str]) -> list[str]:
    """Those that the unit hands over neither as a credential nor by a variable."""
    return [name for name in names if definition and not _is_given(definition, name)]


def _is_given(definition: str, name: str) -> bool:
    credential = rf"^(?:Load|Set)Credential(?:Encrypted)?={name}(?::|$)"
    variable = rf"^Environment=.*\b{name.upper()}(?:_FILE)?=|^EnvironmentFile="
    return re.search(f"{credential}|{variable}", definition, flags=re.MULTILINE) is not None
