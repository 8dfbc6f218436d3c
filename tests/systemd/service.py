"""The installed service in a container, as its operator sees it."""

import json
import shlex
from pathlib import Path
from typing import Any

from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.servers.mariadb import free_port
from tests.systemd.container import Container

CHECKOUT = "/opt/checkout"
UNIT = "izer-bridge.service"
SETTINGS = "/etc/izer-bridge/config.toml"
STATE = "/var/lib/izer-bridge"
_DROP_IN = f"/etc/systemd/system/{UNIT}.d/test.conf"
_CERTIFICATE = "/opt/test/ca.pem"


class Service:
    """`install` it first; then it links to this machine's own WhatsApp."""

    def __init__(self, machine: Container) -> None:
        self.machine = machine
        self.port = free_port()

    def install(self) -> str:
        """The settings exist already: the port must be free on the tests' network."""
        self.machine.write(SETTINGS, f"[api]\nport = {self.port}\n")
        self.machine.run("chmod", "644", SETTINGS)
        return self.make("install")

    def make(self, *target: str, check: bool = True) -> str:
        return self.machine.run("make", "--silent", "-C", CHECKOUT, *target, check=check)

    def reaches(self, whatsapp: Simulator, *, watchdog_seconds: int = 30) -> None:
        """Restart it with no state but this WhatsApp; SIGUSR2 makes it hang."""
        self.look_for(whatsapp, watchdog_seconds=watchdog_seconds)
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "stop", UNIT)
        self.machine.run("sh", "-c", f"rm -rf {STATE}/*")
        self.start()

    def look_for(self, whatsapp: Simulator, *, watchdog_seconds: int, **variables: str) -> None:
        """From its next start on, including its first, it finds this WhatsApp."""
        launcher = whatsapp.command("run", "--config")
        root = launcher[launcher.index("--root-key") + 1]
        variables |= {
            **whatsapp.environment,
            "SSL_CERT_FILE": _CERTIFICATE,
            "PYTHONPATH": "/opt/test",
        }
        certificate = Path(whatsapp.environment["SSL_CERT_FILE"]).read_text()
        self.machine.write(_CERTIFICATE, certificate)
        environment = " ".join(shlex.quote(f"{key}={value}") for key, value in variables.items())
        # By its own path: the launcher looks for the library's path in the process's memory map.
        python = '"$$(readlink -f /opt/izer-bridge/current)/bin/python"'
        program = f"exec {python} /opt/test/hanging_bridge.py --root-key {root}"
        self.machine.write(
            _DROP_IN,
            f"[Service]\nEnvironment={environment}\nWatchdogSec={watchdog_seconds}\nRestartSec=1\nExecStart=\n"
            f"ExecStart=/bin/sh -c '{program} -- run --config %d/config.toml'\n",
        )

    def start(self, unit: str = UNIT) -> None:
        """Raises AssertionError with its last output if it does not come up."""
        try:
            self.machine.run("systemctl", "start", unit)
        except AssertionError as error:
            said = self.machine.run("journalctl", "-u", unit, "-n", "40", "-o", "cat")
            raise AssertionError(f"{error}\n{said}") from None

    def journal(self, unit: str = UNIT) -> BridgeProcess:
        """The journal of a unit since its latest start, followed as an operator does."""
        started = self.property("InvocationID", unit)
        return BridgeProcess(
            self.machine.command(
                # Otherwise what nsenter has forked outlives it, with its output open.
                *("setpriv", "--pdeathsig", "KILL"),
                *("journalctl", "--follow", "--output=cat", "--lines=all"),
                *(f"_SYSTEMD_INVOCATION_ID={started}", "+", f"INVOCATION_ID={started}"),
            ),
            {},
        )

    def property(self, name: str, unit: str = UNIT) -> str:
        return self.machine.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def send(self, signal: str) -> None:
        self.machine.run("systemctl", "kill", "--kill-who=main", "--signal", signal, UNIT)

    def rows(self, query: str, database: str = f"{STATE}/bridge.db") -> list[list[Any]]:
        """The rows of a query in the embedded store, read beside the bridge."""
        program = (
            "import json, sqlite3, sys; "
            "print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))"
        )
        found: list[list[Any]] = json.loads(
            self.machine.run("/usr/bin/python3", "-c", program, database, query)
        )
        return found
