"""Upgrades of the installed service: new tables, a version that dies, and uninstalling."""

import json
import re
import urllib.request
from typing import Any

import pytest

from izer_bridge.store.versions import head
from tests.systemd.service import CHECKOUT, SETTINGS, STATE, UNIT, Service

pytestmark = [pytest.mark.upgrades, pytest.mark.timeout(1200)]
_TABLES = "SELECT name FROM sqlite_master WHERE name LIKE 'made_by_%' ORDER BY name"
_MESSAGES = "SELECT message_id FROM webhook_messages ORDER BY id"
_AGENTS = "izer-bridge-agents.service"
_READY = 'systemd.notify(READY="1")'
_MIGRATION = '''"""A table of version {number}."""

import sqlalchemy as sa
from alembic import op

revision = "{number}_of_a_test"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("made_by_{number}", sa.Column("id", sa.Integer(), primary_key=True))
'''


def set_version(service: Service, version: str) -> None:
    file = f"{CHECKOUT}/izer_bridge/__init__.py"
    service.machine.run("sed", "-i", f's/__version__ = .*/__version__ = "{version}"/', file)


def add_migration(service: Service, number: str, before: str) -> None:
    file = f"{CHECKOUT}/izer_bridge/store/migrations/versions/{number}_of_a_test.py"
    service.machine.write(file, _MIGRATION.format(number=number, before=before))


def asked(service: Service, path: str, body: object = None) -> dict[str, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{service.port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 (an URL of ours)
        found: dict[str, Any] = json.load(answer)
    return found


def receive(service: Service, message_id: str) -> None:
    message = {"chat_time": "2026-03-01T09:30:00Z", "chat_name": "Ayşe", "history": []}
    more = {"phone_number": "+905551112233", "current_message": "Merhaba"}
    assert asked(service, "/webhook", {"message_id": message_id, **message, **more})["success"]


def test_a_new_version_comes_with_its_tables_after_a_backup(service: Service) -> None:
    receive(service, "before-1")
    set_version(service, "0.2.0")
    add_migration(service, "9001", head())
    service.machine.run("sh", "-c", f"echo '# new' >> {CHECKOUT}/config.toml")
    service.start(_AGENTS)
    agents = service.property("MainPID", _AGENTS)
    said = service.make("upgrade")
    assert "izer-bridge 0.2.0 is in service and healthy; before: 0.1.0" in said
    assert f"compare {SETTINGS} with {SETTINGS}.new" in said
    assert f"port = {service.port}" in service.machine.run("cat", SETTINGS)
    assert asked(service, "/health")["version"] == "0.2.0"
    assert service.property("MainPID", _AGENTS) not in (agents, "0")
    assert service.rows(_TABLES) == [["made_by_9001"]]
    receive(service, "before-2")
    assert service.rows(_MESSAGES) == [["before-1"], ["before-2"]]
    backup = re.search(rf"{STATE}/backups/\S+", said)
    assert backup is not None
    assert "bridge.db" in service.machine.run("tar", "-tzf", backup[0])
    assert "in service already" in service.make("upgrade")


def test_a_version_that_dies_is_taken_back_with_its_tables(service: Service) -> None:
    set_version(service, "0.3.0")
    add_migration(service, "9002", "9001_of_a_test")
    daemon = f"{CHECKOUT}/izer_bridge/daemon.py"
    code = service.machine.run("cat", daemon)
    dying = f'{_READY}; asyncio.get_running_loop().call_later(4, __import__("os")._exit, 1)'
    assert _READY in code
    service.machine.write(daemon, code.replace(_READY, dying))
    said = service.make("upgrade", check=False)
    service.machine.write(daemon, code)
    assert "Going back to 0.2.0" in said
    assert "was not healthy within 60 s of the upgrade to 0.3.0; 0.2.0 is in service again" in said
    assert asked(service, "/health")["version"] == "0.2.0"
    assert service.rows(_TABLES) == [["made_by_9001"]]
    assert service.rows(_MESSAGES) == [["before-1"], ["before-2"]]
    aside = re.search(rf"lies in ({STATE}/before-restore-\S+)", said)
    assert aside is not None
    assert service.rows(_TABLES, f"{aside[1]}/bridge.db") == [["made_by_9001"], ["made_by_9002"]]
    receive(service, "after")


def test_a_version_that_refuses_the_settings_changes_nothing(service: Service) -> None:
    process = service.property("MainPID")
    set_version(service, "0.4.0")
    service.machine.write(SETTINGS, f"[api]\nport = {service.port}\nof_old = 1\n")
    said = service.make("upgrade", check=False)
    assert f"It does not take {SETTINGS}: api.of_old" in said
    assert service.property("MainPID") == process
    assert asked(service, "/health")["version"] == "0.2.0"


def test_the_end_keeps_what_was_stored_until_it_is_told_otherwise(service: Service) -> None:
    said = service.make("uninstall")
    assert SETTINGS.rpartition("/")[0] in said
    assert STATE in said
    assert service.property("LoadState") == "not-found"
    assert service.property("ActiveState", _AGENTS) == "inactive"
    program = "ls -d /opt/izer-bridge /usr/local/bin/izer-bridge || :"
    assert service.machine.run("sh", "-c", program).count("No such file") == 2
    assert service.machine.run("find", "/usr/local/share", "-name", "*izer-bridge*") == ""
    assert "bridge.db" in service.machine.run("ls", STATE)
    assert "is removed" in service.make("uninstall")
    secret = "/etc/credstore/izer-bridge.smtp_password"
    service.machine.write(secret, "x")
    assert secret in service.make("uninstall")
    service.make("uninstall", "PURGE=1")
    assert secret not in service.machine.run("find", "/etc/credstore")
    left = "ls -d /var/lib/izer-bridge* /var/lib/private/izer-bridge* /etc/izer-bridge || :"
    assert service.machine.run("sh", "-c", left).count("No such file") == 3
    assert service.property("LoadState", UNIT) == "not-found"
