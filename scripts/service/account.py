"""The accounts that run here, each a unit with its settings and its state, and how each is."""

import json
import os
import stat
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from machine import SETTINGS, STATES, TOKEN, CannotError, run, systemctl
from release import Release

HEALTHY_WITHIN_SECONDS = 60
_STEADY_SECONDS = 5
_LONGEST_TOKEN = 4096
_ASKED = """
import json, sys
from pathlib import Path
from izer_bridge import config
from izer_bridge.domain.errors import ConfigError
from izer_bridge.store.schema import head
try:
    api = config.load(Path(sys.argv[1])).api
except ConfigError as error:
    sys.exit(str(error))
print(json.dumps({"host": api.host, "port": api.port, "schema": head()}))
"""


@dataclass(frozen=True)
class Facts:
    """What a release makes of an account's settings, and the tables that it wants."""

    host: str
    port: int
    schema: str


@dataclass(frozen=True)
class Account:
    """`name` is empty for the first one."""

    name: str

    @property
    def unit(self) -> str:
        return f"izer-bridge@{self.name}.service" if self.name else "izer-bridge.service"

    @property
    def settings(self) -> Path:
        return SETTINGS / f"{self.name or 'config'}.toml"

    @property
    def state(self) -> Path:
        return STATES / (f"izer-bridge-{self.name}" if self.name else "izer-bridge")

    def facts(self, release: Release) -> Facts:
        """Raises CannotError where the release does not take the settings."""
        python = release.path / "bin" / "python"
        done = subprocess.run(
            [python, "-I", "-c", _ASKED, self.settings], capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()[-1:]
            raise CannotError(f"It does not take {self.settings}: {''.join(said)}")
        return Facts(**json.loads(done.stdout))

    def command(self, release: Release, *arguments: str) -> str:
        """What one of the bridge's commands printed. Raises CannotError."""
        environment = {"IZER_STATE_DIR": str(self.state), "PATH": "/usr/local/bin:/usr/bin:/bin"}
        return run(release.program, *arguments, "--config", self.settings, env=environment)

    def start(self) -> None:
        """Raises CannotError where it does not come up."""
        systemctl("reset-failed", self.unit)
        systemctl("start", self.unit)

    def stop(self) -> None:
        systemctl("stop", self.unit)

    def is_healthy(self, release: Release) -> bool:
        """Whether within a minute it has stored nothing wrong and stayed up for some seconds."""
        facts = self.facts(release)
        deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
        steady_since, process = time.monotonic(), ""
        while (now := time.monotonic()) < deadline:
            before, process = process, self._process()
            if not process or process != before or not self.answers(facts, release.version):
                steady_since = now
            elif now - steady_since >= _STEADY_SECONDS:
                return True
            time.sleep(0.5)
        return False

    def _process(self) -> str:
        """Its main process while it is active."""
        shown = systemctl("show", "--property=ActiveState,MainPID", self.unit)
        facts = dict(line.split("=", 1) for line in shown.split())
        return facts["MainPID"] if facts["ActiveState"] == "active" else ""

    def answers(self, facts: Facts, version: str) -> bool:
        """Whether this version says that it can store messages, its tables brought up to date."""
        request = urllib.request.Request(f"{url_of(facts)}/health", headers=self._headers())
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                health = json.load(answer)
        except (OSError, ValueError):
            return False
        return health.get("version") == version and health["gaps"]["open"] is not None

    def _headers(self) -> dict[str, str]:
        """The token: without it `/health` does not say which version answers."""
        token = kept_token(self.state) if not TOKEN.exists() else TOKEN.read_text("utf-8").strip()
        return {"Authorization": f"Bearer {token}"} if token else {}


def kept_token(state: Path) -> str:
    """What the service keeps there; empty where it is not plainly the service's own file.

    Root sends it to whoever listens on the bridge's port: a link may lead to a secret of root's.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with open(os.open(state / "api_token", flags), "rb") as file:
            status = os.fstat(file.fileno())
            is_its_own = status.st_uid == state.stat().st_uid and status.st_nlink == 1
            if not (stat.S_ISREG(status.st_mode) and is_its_own):
                return ""
            token = file.read(_LONGEST_TOKEN + 1).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return token if token.isprintable() and len(token) <= _LONGEST_TOKEN else ""


def url_of(facts: Facts) -> str:
    """Where a bridge that is bound to this host is reached from this machine."""
    host = facts.host
    if host != "localhost" and ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{facts.port}" if ":" in host else f"http://{host}:{facts.port}"


def running() -> list[Account]:
    """Those whose units are up, or are being brought up again and again."""
    found = systemctl(
        *("list-units", "--plain", "--no-legend", "--state=active,activating,reloading,failed"),
        *("izer-bridge.service", "izer-bridge@*.service"),
    )
    units = [line.split()[0].removesuffix(".service") for line in found.splitlines()]
    return [Account(unit.partition("@")[2]) for unit in units]
