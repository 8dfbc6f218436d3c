"""Where things lie on this machine, and its commands. Standard library only, as all beside it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ROOT = Path("/opt/izer-bridge")
RELEASES, CURRENT = ROOT / "releases", ROOT / "current"
SETTINGS = Path("/etc/izer-bridge")
KEY = Path("/etc/credstore/izer-bridge.openai_api_key")
TOKEN = Path("/etc/credstore/izer-bridge.bridge_api_token")
UNITS = Path("/etc/systemd/system")
COMMAND = Path("/usr/local/bin/izer-bridge")
STATES = Path("/var/lib")
TIMER = "izer-bridge-backup.timer"
# Only where an operator has started it.
AGENTS = "izer-bridge-agents.service"


class CannotError(Exception):
    """What the operator must know, in one sentence or two."""


def say(sentence: str) -> None:
    print(sentence, flush=True)


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """What the command printed. Raises CannotError with the last lines of what it complained."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-12:]
        raise CannotError(f"{Path(command[0]).name} {command[1]} failed: " + "\n".join(last))
    return done.stdout


def systemctl(*arguments: str) -> str:
    return run("systemctl", *arguments)


def require() -> None:
    """Raises CannotError where this machine cannot run the service."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this is where an older one is told)
        raise CannotError(f"Python 3.11 or newer is needed; python3 is {sys.version.split()[0]}.")
    if os.geteuid() != 0:
        raise CannotError("This needs root: use sudo.")
    if not Path("/run/systemd/system").is_dir():
        raise CannotError("systemd does not run on this machine; `make run` needs none.")
    # Also where root's umask is strict, the service's user must read what is installed.
    os.umask(0o022)


def write(path: Path, text: str, mode: int) -> None:
    """Replace a file as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.touch(mode=mode)
    unfinished.chmod(mode)
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)


def remove(path: Path) -> None:
    """A file, a link, or a folder with all that is in it; harmless where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
