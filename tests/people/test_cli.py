"""`izer-bridge vip` and `group`, beside settings and a running bridge."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from izer_bridge.simulator import content
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate
from tests.chaos.arena import arena
from tests.console.typed import app
from tests.end_to_end.stored import Store

_VIP = ("--priority", "high", "--answer-within", "30", "--agent", "code_debugger")


@pytest.fixture
def store(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("IZER_VIP__NUMBERS", '["0555 111 22 33"]')
    monkeypatch.setenv("IZER_GROUPS__CRITICAL", '["İzer Management"]')

    async def make() -> None:
        async with Database(store_url) as database:
            await migrate(database)

    asyncio.run(make())
    return Store(store_url)


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def listed(what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(typed(what, "list", "--json")[1])
    return found


@pytest.mark.usefixtures("store")
def test_a_customer_is_added_in_any_spelling_changed_and_removed() -> None:
    assert typed("vip", "add", "0555 222 33 44", "--name", "Ayşe")[:2] == (
        0,
        "+905552223344 is important from the next message on.\n",
    )
    assert typed("vip", "add", "+90 (555) 2223344", *_VIP)[0] == 0
    [added, of_settings] = listed("vip")
    assert added.pop("changed_at")
    assert added == {
        "customer": "+905552223344",
        "name": "Ayşe",
        "type": "vip",
        "priority": "high",
        "answer_within_minutes": 30,
        "agent": "code_debugger",
        "escalate": True,
        "source": "store",
        "changed_by": "command line",
    }
    assert (of_settings["customer"], of_settings["source"]) == ("+905551112233", "settings")
    assert typed("vip", "remove", "05552223344")[0] == 0
    assert [one["customer"] for one in listed("vip")] == ["+905551112233"]


@pytest.mark.usefixtures("store")
def test_what_is_removed_is_removed_against_the_settings_too() -> None:
    assert typed("vip", "remove", "+905551112233")[0] == 0
    assert typed("group", "remove", "izer management")[0] == 0
    assert listed("vip") == listed("group") == []


@pytest.mark.usefixtures("store")
def test_a_group_goes_by_its_name_or_its_jid() -> None:
    assert typed("group", "add", "Tedarikçiler")[0] == 0
    assert typed("group", "add", "120363000000000042@g.us", "--name", "Servis")[0] == 0
    assert {(one["jid"], one["name"]) for one in listed("group")} == {
        (None, "Tedarikçiler"),
        ("120363000000000042@g.us", "Servis"),
        (None, "İzer Management"),
    }


@pytest.mark.usefixtures("store")
def test_a_group_is_confirmed_by_its_jid_once_and_until_told_otherwise() -> None:
    jid = "120363000000000042@g.us"
    for _ in range(2):
        code, out, _ = typed("group", "confirm", jid, "--json")
        assert (code, json.loads(out)) == (0, {"jid": jid, "confirmed": True})
    [known] = json.loads(typed("group", "list", "--on-whatsapp", "--json")[1])
    assert (known["jid"], known["name"], known["shop_is_admin"]) == (jid, "", None)
    assert "it is confirmed" in typed("group", "list", "--on-whatsapp")[1]
    assert typed("group", "unconfirm", jid)[:2] == (0, f"{jid} is no longer confirmed.\n")
    assert typed("group", "list", "--on-whatsapp")[1] == "There are none.\n"


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("vip", "add", "12"), "expected a phone number in any spelling"),
        (("vip", "add", "abc"), "expected a phone number in any spelling"),
        (("vip", "add", "abc@"), "or a LID (1234@lid)"),
        (("vip", "add", "1203@g.us"), "or a LID (1234@lid)"),
        (("vip", "add", "05552223344", "--agent", "nobody"), "allowed: agent_hub"),
        (("vip", "add", "05552223344", "--priority", "urgent"), "low, normal, high, critical"),
        (("vip", "add", "05552223344", "--type", "friend"), "vip, partner"),
        (("vip", "add", "05552223344", "--answer-within", "0"), "1 to 10080"),
        (("vip", "remove", "05559998877"), "izer-bridge vip list"),
        (("group", "add", " "), "1 to 255"),
        (("group", "add", "905551112233@s.whatsapp.net"), "is no group"),
        (("group", "confirm", "İzer Management"), "is no group's JID"),
        (("group", "confirm", "905551112233@s.whatsapp.net"), "is no group's JID"),
        (("group", "unconfirm", "120363000000000042@g.us"), "is not confirmed; see: izer-bridge"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: tuple[str, ...], said: str) -> None:
    code, _, error = typed(*arguments)
    assert code == 2
    assert said in error
    assert len(error.strip().splitlines()) == 1


async def test_a_running_bridge_raises_the_next_message(tmp_path: Path, store_url: str) -> None:
    async with arena(tmp_path, store_url, 1) as shop:
        bridge = await shop.started()
        ayse = shop.whatsapp.contact("+905554443322", "Ayşe")
        before = await shop.whatsapp.say(ayse, content.text("Merhaba, kaçta açıksınız?"))
        await bridge.line("message_dispatched", f" id={before.id}")
        command = [sys.executable, "-m", "izer_bridge", "vip", "add", "0555 444 33 22", *_VIP]
        changing = await asyncio.create_subprocess_exec(*command, env=shop.environment)
        assert await changing.wait() == 0
        after = await shop.whatsapp.say(ayse, content.text("Merhaba, kaçta açıksınız?"))
        await bridge.line("message_dispatched", f" id={after.id}")
        shop.sent += [before, after]
        store = Store(store_url)
        rows = {row.message_id: row for row in await store.messages()}
        agents = {one.webhook_message_id: one for one in await store.attempts()}
        was, became = rows[before.id], rows[after.id]
        assert (was.is_vip_customer, became.is_vip_customer) == (0, 1)
        assert became.urgency_score >= was.urgency_score + 3
        assert became.priority_level == "high"
        assert agents[became.id].reason == "preferred agent of the customer"
        assert agents[became.id].agent_type == "code_debugger"
        await shop.live(bridge)
