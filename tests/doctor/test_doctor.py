"""`izer-bridge doctor` on real parts that are healthy, and on each that is not."""

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from izer_bridge import config
from izer_bridge.doctor import credentials, dependencies, host, port_owner
from izer_bridge.doctor.finding import Finding, FindingLevel, examined
from izer_bridge.host import state_directory
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.simulator.certificates import tls_context
from tests.console.typed import typed
from tests.end_to_end.stored import Store
from tests.servers.agent import AgentServer
from tests.servers.loopback import as_json
from tests.servers.mariadb import free_port
from tests.servers.openai import OpenAIServer, failing
from tests.store.filled import fill

UNIT = Path(__file__).parents[2] / "systemd" / "izer-bridge.service"
KEY = SecretStr("sk-test-0123456789")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("IZER_STATE_DIR", str(folder))
    monkeypatch.setenv("IZER_API__PORT", str(free_port()))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return folder


@pytest.fixture
async def openai(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        monkeypatch.setenv("IZER_OPENAI__BASE_URL", server.base_url)
        yield server


def verdicts(found: list[Finding]) -> dict[str, FindingLevel]:
    return {one.about: one.verdict for one in found}


def test_a_fresh_machine_fails_for_want_of_a_bridge_alone_and_each_warning_has_its_fix() -> None:
    said = typed("doctor", "--json")
    document = json.loads(said.out)
    assert (said.code, document["ok"]) == (1, False)
    by_name = {one["about"]: one for one in document["findings"]}
    failures = [name for name, one in by_name.items() if one["verdict"] == "failed"]
    assert failures == ["bridge stopped"]
    assert by_name["sample"]["verdict"] == "ok"
    assert all(one["fix"] for one in document["findings"] if one["verdict"] == "warning")


def test_what_has_failed_gives_exit_code_1_and_a_line_with_its_fix(state: Path) -> None:
    state.chmod(0o755)
    said = typed("doctor", "--no-sample")
    assert said.code == 1
    [line] = [line for line in said.out.splitlines() if "others may enter" in line]
    assert line.endswith(f"→ chmod 700 {state}")


@pytest.mark.parametrize("name", ["bridge.db", "bridge.db-wal", "media", "api_token"])
def test_what_others_may_read_is_named_with_its_fix(state: Path, name: str) -> None:
    path = state / name
    path.mkdir() if name == "media" else path.touch()
    path.chmod(0o755)
    [found] = [one for one in host.state_directory(state) if one.verdict is FindingLevel.WARNING]
    assert found.text == f"others may read {name}"
    subprocess.run(found.fix, shell=True, check=True)  # noqa: S602
    assert path.stat().st_mode & 0o777 == 0o700
    assert not [one for one in host.state_directory(state) if one.fix]


def test_a_password_in_the_settings_is_for_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    assert not list(host.settings_file(file))
    for text, verdict in (
        ("[log]", FindingLevel.OK),
        ('# url = "mysql://user:password@host:3306/database"', FindingLevel.OK),
        ('[store]\nurl = "mysql://shop:secret@db/shop"', FindingLevel.FAILED),
    ):
        file.write_text(text, "utf-8")
        file.chmod(0o644)
        assert verdicts(list(host.settings_file(file))) == {"settings": verdict}
    file.chmod(0o600)
    assert verdicts(list(host.settings_file(file))) == {"settings": FindingLevel.OK}


def test_the_replaced_systems_settings_are_named_and_not_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DB_HOST=old\n", "utf-8")
    [found] = host.settings_file(tmp_path / "none.toml")
    assert found.verdict is FindingLevel.WARNING
    assert found.text.startswith("DB_HOST in .env is not read; instead: store.url")


def test_who_has_not_scanned_yet_is_not_told_to_start_what_runs(state: Path) -> None:
    assert "start the bridge" in next(host.session(state)).fix
    with state_directory.prepare(state):
        assert "izer-bridge link" in next(host.session(state)).fix


async def test_the_store_is_written_and_left_as_it_was(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(store_url)
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    found = await dependencies.store(config.load(), datetime.now(UTC))
    assert verdicts(found) == {"store": FindingLevel.OK}
    assert await Store(store_url).rows("SELECT id FROM system_stats") == []


async def test_messages_of_the_future_show_that_the_clock_was_put_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state' / 'bridge.db'}"
    await fill(url)
    now = datetime.now(UTC) - timedelta(days=1)
    found = await dependencies.store(config.load(), now)
    assert verdicts(found)["clock"] is FindingLevel.WARNING


async def test_tables_that_wait_for_the_bridge_are_a_failure(tmp_path: Path) -> None:
    (tmp_path / "state" / "bridge.db").touch()
    [found] = await dependencies.store(config.load(), datetime.now(UTC))
    assert (found.verdict, found.fix) == (FindingLevel.FAILED, "start the bridge once")


async def test_a_damaged_store_is_no_server_to_be_started(tmp_path: Path) -> None:
    (tmp_path / "state" / "bridge.db").write_bytes(b"these are notes, no database\n" * 300)
    [found] = await dependencies.store(config.load(), datetime.now(UTC))
    assert (found.verdict, found.fix) == (
        FindingLevel.FAILED,
        "see A damaged store in docs/operations.md",
    )


async def test_a_key_that_is_taken_and_one_that_is_not(openai: OpenAIServer) -> None:
    settings = config.load()
    assert verdicts(await dependencies.openai(settings, KEY)) == {"OpenAI": FindingLevel.OK}
    openai.script(failing(401))
    [found] = await examined("OpenAI", "set it", lambda: dependencies.openai(settings, KEY))
    assert (found.verdict, found.text) == (FindingLevel.FAILED, "OpenAI refused the API key (401)")


async def test_a_model_that_is_not_there_is_a_warning(openai: OpenAIServer) -> None:
    openai.models = ("other",)
    [found] = await dependencies.openai(config.load(), KEY)
    assert found.verdict is FindingLevel.WARNING


async def test_an_endpoint_that_lists_no_models_is_no_trouble(openai: OpenAIServer) -> None:
    openai.script(failing(404))
    [found] = await dependencies.openai(config.load(), KEY)
    assert found.verdict is FindingLevel.OK


async def test_what_is_no_such_endpoint_at_all_is_a_failure(openai: OpenAIServer) -> None:
    openai.script(as_json(["hello"]))
    [found] = await examined("OpenAI", "set it", lambda: dependencies.openai(config.load(), KEY))
    assert found.verdict is FindingLevel.FAILED


async def test_agents_that_answer_and_that_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async with AgentServer() as agent:
        monkeypatch.setenv("IZER_AGENTS__CODE_DEBUGGER__URL", agent.url)
        away = f"http://127.0.0.1:{free_port()}"
        monkeypatch.setenv("IZER_AGENTS__AGENT_HUB__URL", away)
        found = verdicts(await dependencies.agents(config.load()))
    assert found == {
        "agent code_debugger": FindingLevel.OK,
        "agent agent_hub": FindingLevel.FAILED,
        "agents": FindingLevel.OK,
    }


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_who_has_the_port_is_named() -> None:
    with listening() as port:
        assert str(os.getpid()) in (port_owner.holder_of(port) or "")
        [found] = host.port(port, Path("none"))
    assert (found.about, found.verdict) == ("port", FindingLevel.FAILED)
    assert str(os.getpid()) in found.text


async def test_a_bridge_that_hangs_is_told_from_one_that_is_stopped(state: Path) -> None:
    with state_directory.prepare(state):
        [found] = await dependencies.bridge(config.load())
    assert (found.about, found.verdict) == ("bridge silent", FindingLevel.FAILED)
    [found] = await dependencies.bridge(config.load())
    assert (found.about, found.verdict) == ("bridge stopped", FindingLevel.FAILED)
    assert "systemctl start izer-bridge" in found.fix


@pytest.mark.parametrize("name", ["session.db", "inbox.db"])
def test_damaged_files_are_found_and_left_as_they_are(state: Path, name: str) -> None:
    damaged = b"SQLite format 3\0" + b"\xff" * 9_000
    (state / "session.db").write_bytes(b"")
    (state / name).write_bytes(damaged)
    found = verdicts(list(host.session(state)))
    assert found[name.removesuffix(".db")] is FindingLevel.FAILED
    assert (state / name).read_bytes() == damaged


async def test_events_that_could_not_be_recorded_are_named(state: Path) -> None:
    inbox = SqliteInbox(state / "inbox.db")
    inbox.append([(17, b"x")])
    inbox.set_aside(inbox.pending(1)[0], "OverflowError", "the store does not take it")
    inbox.close()
    [found] = [
        one for one in await dependencies.bridge(config.load()) if one.about == "events set aside"
    ]
    assert found.verdict is FindingLevel.FAILED
    assert found.text == "1 event could not be recorded (1 OverflowError)"


def test_a_unit_that_is_not_given_a_secret_is_found_with_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the installed unit, with a `systemctl` that prints it."""
    bin_dir = tmp_path / "bin"
    bin_dir.mkdir()
    unit = tmp_path / "izer-bridge.service"
    unit.write_text(UNIT.read_text("utf-8"), "utf-8")
    (bin_dir / "systemctl").write_text(f'#!/bin/sh\n[ "$2" = {unit.name} ] && cat {unit}\n')
    (bin_dir / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_dir}:{os.environ['PATH']}")
    monkeypatch.setenv("IZER_API__WEBHOOK_SECRETS", '["crm_secret"]')
    installed = Path("/etc/izer-bridge/config.toml")
    [missing] = credentials.examine(config.load(), installed)
    assert (missing.about, missing.verdict) == ("secrets", FindingLevel.FAILED)
    monkeypatch.setenv("CRM_SECRET", f"whsec_{'A' * 32}")
    [found] = credentials.examine(config.load(), installed)
    assert found.verdict is FindingLevel.FAILED
    assert "systemctl edit izer-bridge.service" in found.fix
    assert "LoadCredential=crm_secret:izer-bridge.crm_secret" in found.fix
    with unit.open("a") as file:
        file.write("[Service]\nLoadCredential=crm_secret:izer-bridge.crm_secret\n")
    [found] = credentials.examine(config.load(), installed)
    assert found.verdict is FindingLevel.OK


def test_the_unit_of_each_account_is_asked() -> None:
    assert credentials.unit_of(Path("/etc/izer-bridge/shop2.toml")) == "izer-bridge@shop2.service"
    assert credentials.unit_of(Path("config.toml")) is None


@pytest.mark.parametrize("year", [1970, 2200])
def test_a_year_that_cannot_be_is_a_failure(year: int) -> None:
    [found] = host.clock(datetime(year, 1, 1, tzinfo=UTC))
    assert found.verdict is FindingLevel.FAILED


def test_the_sample_touches_neither_the_store_nor_the_agents_of_the_settings(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_open(store_url))
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_AGENTS__BUSINESS_WORKFLOW__URL", f"http://127.0.0.1:{free_port()}")
    said = typed("doctor", "--json")
    sample = json.loads(said.out)["findings"][-1]
    assert (sample["about"], sample["verdict"]) == ("sample", "ok")
    assert "handed to business_workflow" in sample["text"]
    assert asyncio.run(Store(store_url).messages()) == []


async def _open(url: str) -> None:
    from tests.store.ledgers import SCREENING

    ledger = SqlLedger(url, SCREENING, "test")
    await ledger.open()
    await ledger.close()


@pytest.mark.parametrize(
    ("days", "verdict"),
    [(0, FindingLevel.OK), (20, FindingLevel.WARNING), (31, FindingLevel.FAILED)],
)
async def test_a_certificate_that_ends_is_told_of_in_time(
    tmp_path: Path, days: int, verdict: FindingLevel
) -> None:
    """The simulator's are good for 30 days."""
    tls_context(tmp_path, ["pano.shop.example"], tmp_path / "authority.pem")
    file = str(tmp_path / "server.pem")
    settings = config.Config(api={"tls_certificate": file, "tls_key": file})
    later = datetime.now(UTC) + timedelta(days=days)
    [found] = await dependencies.certificate(settings, later)
    assert (found.about, found.verdict) == ("certificate", verdict)
    assert "port 8443" in found.text
    assert await dependencies.certificate(config.Config(), later) == []
