"""Kills `make upgrade` before and after everything that it does to a machine, and upgrades again.

The machine is a folder and a JSON file: which units are up, which version the tables have. The
scripts are the real ones. Argument: the scratch folder. A fork needs a process without threads.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SCRIPTS = Path(__file__).parents[2] / "scripts/service"
_UNIT = "izer-bridge.service"
_OLD, _NEW = "1.0-aaaaaaaa", "2.0-bbbbbbbb"
_KILLED = 137


class Machine:
    """Records what `systemctl` and the bridge's commands would have done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "machine.json"
        self.left = -1
        self.is_sick = False

    def reset(self) -> None:
        self.write({"active": True, "schema": "1", "backups": []})
        for name in (_OLD, _NEW):
            share = self.folder / "opt/releases" / name / "share/izer-bridge"
            (share / "systemd").mkdir(parents=True, exist_ok=True)
            (share / "systemd" / _UNIT).write_text(name)
            (share / "config.toml").write_text("")
            (share / "izer-bridge").write_text("")
        for name in ("units", "etc"):
            (self.folder / name).mkdir(exist_ok=True)
        (self.folder / "opt/upgrade.json").unlink(missing_ok=True)
        self.link(_OLD)

    def link(self, name: str) -> None:
        current = self.folder / "opt/current"
        current.unlink(missing_ok=True)
        current.symlink_to(self.folder / "opt/releases" / name)

    @property
    def current(self) -> str:
        return (self.folder / "opt/current").resolve().name

    def read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._file.read_text())
        return found

    def write(self, facts: dict[str, Any]) -> None:
        self._file.write_text(json.dumps(facts))

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os._exit(_KILLED)

    def systemctl(self, *arguments: str) -> str:
        self.step()
        facts = self.read()
        match arguments[0]:
            case "list-units":
                return f"{_UNIT} loaded active running" if facts["active"] else ""
            case "stop":
                facts["active"] = False
            case "start" if arguments[-1] == _UNIT:
                # A starting version upgrades the tables to its own.
                newer = "2" if self.current == _NEW else facts["schema"]
                facts |= {"active": True, "schema": newer}
        self.write(facts)
        self.step()
        return ""

    def command(self, account: Any, release: Any, *arguments: str) -> str:
        self.step()
        facts = self.read()
        if arguments[0] == "backup":
            facts["backups"].append(facts["schema"])
            said = {"file": str(len(facts["backups"]) - 1), "schema": facts["schema"]}
        else:
            facts["schema"] = facts["backups"][int(arguments[-1])]
            said = {"aside": "aside"}
        self.write(facts)
        self.step()
        return json.dumps(said)


def _scripts(machine: Machine) -> Any:
    """The real scripts on that machine."""
    sys.path.insert(0, str(_SCRIPTS))
    import machine as places  # type: ignore[import-not-found]

    folder = machine.folder
    places.ROOT, places.RELEASES = folder / "opt", folder / "opt/releases"
    places.CURRENT, places.UNITS = folder / "opt/current", folder / "units"
    places.SETTINGS, places.STATES = folder / "etc", folder / "var"
    places.COMMAND, places.TOKEN = folder / "command", folder / "token"
    places.systemctl = machine.systemctl
    real = places.write

    def write(*values: Any) -> None:
        machine.step()
        real(*values)
        machine.step()

    places.write = write
    import account as accounts  # type: ignore[import-not-found]
    import handbook  # type: ignore[import-not-found]
    import release as releases  # type: ignore[import-not-found]

    handbook.put = lambda *_: None
    releases.build = lambda: releases.Release(places.RELEASES / _NEW)
    accounts.Account.command = lambda *values: machine.command(*values)
    accounts.Account.facts = lambda _, one: accounts.Facts("", 0, one.path.name[0])
    accounts.Account.is_healthy = lambda *_: not machine.is_sick
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("service", _SCRIPTS / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    service = module_from_spec(spec)
    spec.loader.exec_module(service)
    service.release.remove_others = lambda *_: None
    return service


def _in_fork(work: Callable[[], None], said: Path) -> int:
    child = os.fork()
    if child == 0:
        with said.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        code = 99
        try:
            work()
            code = 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _wrong(machine: Machine, upgrade: Callable[[], None], *, is_sick: bool) -> str:
    """The result of the next upgrade, to a working version or to a failing one."""
    noted = (machine.folder / "opt/upgrade.json").exists()
    before = machine.read()
    if before["schema"] == "2" and "1" not in before["backups"]:
        return "the tables are new, and there is no backup of the old ones"
    if not before["active"] and not noted:
        return "the service is down, and nothing says why"
    machine.left, machine.is_sick = -1, is_sick
    said = machine.folder / "said"
    code = _in_fork(upgrade, said)
    facts, text = machine.read(), said.read_text()
    wanted = (_OLD, "1", 99) if is_sick and machine.current != _NEW else (_NEW, "2", 0)
    if (machine.current, facts["schema"], code) != wanted or not facts["active"]:
        return f"{machine.current}, {facts}, {code}: {text[-300:]}"
    return "" if not noted or "was interrupted" in text else "nothing is said of it"


def run(folder: Path) -> dict[str, Any]:
    machine = Machine(folder)
    machine.reset()
    upgrade = _scripts(machine).upgrade
    wrong: dict[str, str] = {}
    number = 0
    while True:
        number += 1
        for is_sick in (False, True):
            machine.reset()
            machine.left = number
            if _in_fork(upgrade, folder / "said") != _KILLED:
                return {"killed": number - 1, "wrong": wrong}
            if said := _wrong(machine, upgrade, is_sick=is_sick):
                wrong[f"{number}, then {'sick' if is_sick else 'well'}"] = said


def upgraded(folder: Path) -> dict[str, Any]:
    """As `run`, in a separate process."""
    words = [sys.executable, "-m", __name__, str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]))))  # noqa: T201
