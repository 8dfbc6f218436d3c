"""The shell scripts pass shellcheck, and `izer-bridge` finds settings and state."""

import os
import re
import runpy
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from izer_bridge.config.settings import Config

_TREE = Path(__file__).parent.parent
_SHELL = [_TREE / "scripts/require", _TREE / "scripts/izer-bridge", _TREE / ".ci/run"]


@pytest.mark.parametrize("script", _SHELL, ids=lambda script: script.name)
def test_the_shell_is_clean(script: Path) -> None:
    if shutil.which("shellcheck") is None:
        if os.environ.get("CI"):
            pytest.fail("shellcheck is missing: sudo apt install shellcheck")
        pytest.skip("shellcheck is missing: sudo apt install shellcheck")
    result = subprocess.run(["shellcheck", script], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """`izer-bridge` in front of a program that shows how it was called."""
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "$IZER_CONFIG $IZER_STATE_DIR $*"\n')
    program.chmod(0o755)
    script = tmp_path / "izer-bridge"
    text = (_TREE / "scripts/izer-bridge").read_text()
    isolated = "/opt/izer-bridge/current/bin/python -I /opt/izer-bridge/current/bin/izer-bridge"
    assert f"exec {isolated} " in text
    script.write_text(text.replace(isolated, str(program)))
    return script


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status"], "/etc/izer-bridge/config.toml /var/lib/izer-bridge status"),
        (
            ["@shop", "backup", "a b"],
            "/etc/izer-bridge/shop.toml /var/lib/izer-bridge-shop backup a b",
        ),
    ],
)
def test_the_command_has_the_accounts_settings_and_state(
    command: Path, arguments: list[str], said: str
) -> None:
    result = subprocess.run(
        ["sh", command, *arguments], env={}, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == said


def test_the_command_has_the_secrets_that_the_service_has(command: Path, tmp_path: Path) -> None:
    (tmp_path / "izer-bridge.crm_secret").touch()
    (tmp_path / "izer-bridge.smtp_password").touch()
    (tmp_path / "izer-bridge.crm_secret~").touch()
    command.write_text(command.read_text().replace("/etc/credstore", str(tmp_path)))
    (tmp_path / "program").write_text("#!/bin/sh\nenv\n")
    result = subprocess.run(
        ["sh", command], env={"SMTP_PASSWORD": "mine"}, capture_output=True, text=True, check=True
    )
    files = [line for line in result.stdout.splitlines() if "_FILE=" in line]
    assert files == [f"CRM_SECRET_FILE={tmp_path}/izer-bridge.crm_secret"]


@pytest.fixture
def as_a_plain_user(command: Path) -> Iterator[Callable[..., int]]:
    """How the command ends for a user who may not read the settings."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        settings = folder / "config.toml"
        settings.touch(0o000)
        script = folder / "izer-bridge"
        script.write_text(re.sub("^exec .*", "exit 0", command.read_text(), flags=re.M))
        user = 65534 if os.geteuid() == 0 else None

        def end(*arguments: str, **environment: str) -> int:
            return subprocess.run(
                ["/bin/sh", script, *arguments],
                env={"IZER_CONFIG": str(settings), **environment},
                user=user,
                cwd=folder,
                check=False,
            ).returncode

        yield end


def test_a_plain_user_gets_help_and_nothing_that_is_secret(
    as_a_plain_user: Callable[..., int],
) -> None:
    for refused in (["status"], ["@shop", "search", "help"]):
        assert as_a_plain_user(*refused) == 77
    for allowed in ([], ["--help"], ["backup", "--help"], ["@shop", "--help"], ["--version"]):
        assert as_a_plain_user(*allowed) == 0
    assert as_a_plain_user("sea", _IZER_BRIDGE_COMPLETE="complete_bash") == 0


def test_the_command_does_not_run_beside_the_service(command: Path) -> None:
    result = subprocess.run(
        ["sh", command, "@shop", "run"], env={}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 64
    assert "systemctl start izer-bridge@shop" in result.stderr


def test_the_service_scripts_refuse_in_one_line_where_they_cannot_work() -> None:
    if Path("/run/systemd/system").is_dir():
        pytest.skip("systemd runs here; the container's tests install for real")
    result = subprocess.run(
        ["python3", _TREE / "scripts/service", "install"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("answer", "webhook"), [(None, "open"), ("evet", "open"), ("", "token"), ("n", "token")]
)
def test_the_installation_shuts_the_webhook_where_nothing_posts(
    monkeypatch: pytest.MonkeyPatch, answer: str | None, webhook: str
) -> None:
    """If nobody can be asked, the open doors are reported."""
    monkeypatch.syspath_prepend(str(_TREE / "scripts/service"))
    said: list[str] = []
    wizard = runpy.run_path(str(_TREE / "scripts/service/__main__.py"), run_name="wizard")
    ask = wizard["_with_webhook"]
    monkeypatch.setitem(ask.__globals__, "say", said.append)
    monkeypatch.setitem(ask.__globals__, "_is_somebody_there", lambda: answer is not None)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    default = (_TREE / "config.toml").read_text("utf-8")
    assert tomllib.loads(ask(default))["api"]["webhook"] == webhook
    assert bool(said) == (answer is None or webhook == "token")


def test_a_checkout_has_one_state_directory_and_git_ignores_it() -> None:
    """`make run`, the settings and the commands agree without a variable."""
    said = tomllib.loads((_TREE / "config.toml").read_text("utf-8"))["state_dir"]
    assert Path(said) == Config.model_fields["state_dir"].default
    make = (_TREE / "Makefile").read_text("utf-8")
    assert "IZER_STATE_DIR" not in make
    for path in (said, "state", ".demo"):
        ignored = subprocess.run(
            ["git", "check-ignore", "-q", f"{path}/session.db"], cwd=_TREE, check=False
        )
        assert ignored.returncode == 0, path
