"""Where output goes is not chosen by us: other alphabets, dumb terminals, pipes that close."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from izer_bridge.console import times
from izer_bridge.domain.errors import ConfigError
from tests.screens.shop import open_shop

ISTANBUL = ZoneInfo("Europe/Istanbul")
NOW = datetime(2026, 11, 29, 16, 54, tzinfo=UTC)
COMMANDS = ("tail --no-follow --all", "drafts list", "stats", "status --once", "doctor --no-sample")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("streams")
    open_shop(folder / "state")
    return {**os.environ, "IZER_STATE_DIR": str(folder / "state"), "IZER_API__PORT": "1"}


def run(
    environment: dict[str, str], command: str, **more: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "izer_bridge", *command.split()],
        env=environment | more,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_terminal_of_turkish_letters_alone_gets_what_it_can_show(
    environment: dict[str, str], command: str
) -> None:
    done = run(environment, command, PYTHONIOENCODING="iso-8859-9", TERM="dumb", COLUMNS="80")
    assert b"Traceback" not in done.stderr, done.stderr
    text = done.stdout.decode("iso-8859-9")
    assert "\x1b" not in text
    assert text.strip()
    assert "?" not in text.replace("mı?", "").replace("rota?", "")


def test_a_pipe_that_closes_ends_a_command_quietly(environment: dict[str, str]) -> None:
    many = f"{sys.executable} -m izer_bridge tail --no-follow --all --json"
    script = f"{many} | head -c 10; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[0].removeprefix('{"row_id":') in ("0", "1")


def test_output_that_was_closed_before_the_start_raises_nothing(
    environment: dict[str, str],
) -> None:
    script = f"{sys.executable} -m izer_bridge config check >&-"
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("29.11. 19:54", "2026-11-29T16:54"),
        ("1.12.", "2025-11-30T21:00"),
        ("01.03.2026 15:00:04", "2026-03-01T12:00"),
        ("2026-11-29", "2026-11-28T21:00"),
        ("2026-11-29T19:54", "2026-11-29T16:54"),
        ("2026-11-29T16:54Z", "2026-11-29T16:54"),
        ("18:00", "2026-11-29T15:00"),
        ("2h", "2026-11-29T14:54"),
        ("30 m", "2026-11-29T16:24"),
        ("3d", "2026-11-26T16:54"),
    ],
)
def test_a_time_is_taken_in_every_form(text: str, expected: str) -> None:
    found = times.typed("--since", text, ISTANBUL, NOW)
    assert found is not None
    assert f"{found:%Y-%m-%dT%H:%M}" == expected


def test_what_a_list_shows_is_taken_back() -> None:
    assert times.shown(NOW, ISTANBUL, NOW) == "29.11. 19:54"
    assert times.typed("--since", times.shown(NOW, ISTANBUL, NOW), ISTANBUL, NOW) == NOW
    old = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
    assert times.shown(old, ISTANBUL, NOW) == "01.03.2025 15:00"
    assert times.typed("--since", times.shown(old, ISTANBUL, NOW), ISTANBUL, NOW) == old


@pytest.mark.parametrize("text", ["", "çok", "32.1.", "25:00", "99999d", "0001-01-01"])
def test_what_is_no_time_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match="--since"):
        times.typed("--since", text, ISTANBUL, NOW)
