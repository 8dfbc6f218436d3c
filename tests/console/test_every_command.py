"""Every command with wrong arguments: it says so in one line, and ends with the right exit code."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.console.leaves import LASTING, LEAVES, as_typed
from tests.console.typed import Said, typed
from tests.servers.mariadb import free_port

_HUGE = "9" * 20
EVERY = pytest.mark.parametrize("path", LEAVES, ids=" ".join)
ENDING = pytest.mark.parametrize(
    "path", [one for one in LEAVES if one not in LASTING], ids=" ".join
)


def _options(path: tuple[str, ...]) -> set[str]:
    return {name for one in LEAVES[path].params for name in (*one.opts, *one.secondary_opts)}


def call(path: tuple[str, ...], *more: str) -> Said:
    return typed(*as_typed(path), *more)


def is_told_in_one_line(said: Said, code: int) -> None:
    assert said.error is None, repr(said.error)
    assert said.code == code, said.err
    assert len(said.err.splitlines()) == 1, said.err
    assert said.err.startswith("izer-bridge: ")
    assert "Traceback" not in said.out + said.err
    assert "Value error" not in said.err
    assert "parse string" not in said.err


def is_well_or_told_in_one_line(said: Said) -> None:
    """For input that some commands need and others do not: a failure says so on stderr."""
    assert said.error is None, repr(said.error)
    assert len(said.err.splitlines()) <= (said.code != 0), said.err
    assert "Traceback" not in said.out + said.err


@pytest.fixture(autouse=True)
def _nothing_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings, no state, no store; nobody listens."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("IZER_API__PORT", str(free_port()))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@EVERY
def test_help_is_there_and_says_what_it_does(path: tuple[str, ...]) -> None:
    said = typed(*path, "--help")
    assert (said.code, said.error) == (0, None)
    assert LEAVES[path].help


@pytest.mark.parametrize(
    "group", sorted({path[0] for path in LEAVES if path[1:] and path[:1] not in LEAVES})
)
def test_a_group_without_a_command_says_which_there_are(group: str) -> None:
    said = typed(group)
    assert (said.code, said.out, said.error) == (2, "", None)
    commands = said.err.partition("Commands:\n")[2]
    names = [path[1] for path in LEAVES if path[0] == group]
    assert [line.split()[0] for line in commands.splitlines()] == names


@EVERY
@pytest.mark.parametrize("wrong", [("--no-such-option",), ("--config",)], ids=str)
def test_wrong_options(path: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    is_told_in_one_line(call(path, *wrong), 2)


@EVERY
def test_too_many_arguments(path: tuple[str, ...]) -> None:
    takes_many = any(one.nargs == -1 for one in LEAVES[path].params)
    is_told_in_one_line(call(path, "one", "too", *(["--no-such"] if takes_many else [])), 2)


@EVERY
def test_words_for_numbers_times_and_paths(path: tuple[str, ...]) -> None:
    for option in LEAVES[path].params:
        kind = str(option.type_descriptor.annotation).lower()
        if option.param_type_name == "option" and any(w in kind for w in ("int", "date", "float")):
            is_told_in_one_line(call(path, option.opts[0], "çok"), 2)


@pytest.mark.parametrize(
    "path",
    [one for one in LEAVES if any(str(it.metavar).startswith("ID") for it in LEAVES[one].params)],
    ids=" ".join,
)
@pytest.mark.usefixtures("shop")
def test_an_id_that_no_database_keeps(path: tuple[str, ...]) -> None:
    for digits in (20, 5_000):
        _, *more = as_typed(path)[len(path) :]
        is_told_in_one_line(typed(*path, "9" * digits, *more), 2)


@pytest.mark.parametrize(
    ("path", "option"),
    [
        (one, option)
        for one in LEAVES
        for option in ("--since", "--until")
        if option in _options(one)
    ],
    ids=str,
)
@pytest.mark.parametrize("time", ["0001-01-01", "9999-12-31T23:59:59"])
def test_times_at_the_ends_of_the_calendar(path: tuple[str, ...], option: str, time: str) -> None:
    is_well_or_told_in_one_line(call(path, option, time))


def _folder(file: Path) -> None:
    file.mkdir()


def _binary(file: Path) -> None:
    file.write_bytes(bytes(range(256)) * 8)


def _unknown_key(file: Path) -> None:
    file.write_text("[store]\nulr = 'x'\n")


def _no_toml(file: Path) -> None:
    file.write_text("[store\n")


def _missing(file: Path) -> None:
    pass


@EVERY
@pytest.mark.parametrize("make", [_folder, _binary, _unknown_key, _no_toml, _missing])
def test_settings_that_cannot_be_read(path: tuple[str, ...], make: Callable[[Path], None]) -> None:
    if "--config" not in _options(path):
        pytest.skip("reads no settings")
    make(Path("wrong.toml"))
    Path("given.jsonl").touch()
    is_told_in_one_line(call(path, "--config", "wrong.toml"), 78)


@ENDING
def test_nothing_is_there(path: tuple[str, ...]) -> None:
    is_well_or_told_in_one_line(call(path))


@pytest.mark.parametrize("path", [one for one in LEAVES if "--json" in _options(one)], ids=" ".join)
@pytest.mark.usefixtures("shop")
def test_json_is_json(path: tuple[str, ...]) -> None:
    said = call(path, "--json")
    is_well_or_told_in_one_line(said)
    for document in _documents(said.out):
        json.loads(document)


@ENDING
@pytest.mark.usefixtures("shop")
def test_options_that_no_database_takes(path: tuple[str, ...]) -> None:
    for option in LEAVES[path].params:
        kind = str(option.type_descriptor.annotation).lower()
        if option.param_type_name == "option" and "int" in kind:
            is_well_or_told_in_one_line(call(path, option.opts[0], _HUGE))


def _documents(out: str) -> list[str]:
    """One, or one per line."""
    try:
        json.loads(out)
    except ValueError:
        return out.splitlines()
    return [out]


@pytest.mark.parametrize(
    "arguments",
    [("run", "--config", "."), ("dlq", "list"), ("nonsense",), ("worker",)],
    ids=" ".join,
)
def test_as_processes(arguments: tuple[str, ...]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "izer_bridge", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
