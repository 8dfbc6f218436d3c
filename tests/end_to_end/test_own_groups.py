"""A group's owner decides, not its name: on the real client."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Group, Person
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.console.typed import typed_beside
from tests.end_to_end.stored import Store

CRITICAL = "Kasa"
_UNCONFIRMED = "critical_group_unconfirmed"


@dataclass
class Shop:
    """A paired bridge, to which the group `CRITICAL` is critical, and a stranger."""

    whatsapp: Simulator
    bridge: BridgeProcess
    store: Store
    settings: dict[str, str]
    stranger: Person

    async def is_raised(self, group: Group) -> bool:
        """Whether the stranger's messages there are now treated as a critical group's."""
        sent = await self.whatsapp.say(self.stranger, content.text("Kasada para yok"), to=group)
        last = await self.whatsapp.say(self.stranger, content.text("Bitti"))
        await self.bridge.line("message_dispatched", f" id={last.id}")
        rows = {row.message_id: row for row in await self.store.messages()}
        row = rows[sent.id]
        assert row.skip_reason == (None if row.is_critical_group else "group")
        return bool(row.is_critical_group)

    async def typed(self, *arguments: str) -> tuple[int, str]:
        """`izer-bridge …`, as a process beside the bridge."""
        said = await typed_beside(self.settings, *arguments)
        return said.code, said.out

    async def on_whatsapp(self) -> list[dict[str, Any]]:
        code, out = await self.typed("group", "list", "--on-whatsapp", "--json")
        assert code == 0
        found: list[dict[str, Any]] = json.loads(out)
        return found


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    (tmp_path / "whatsapp").mkdir()
    async with Simulator(tmp_path / "whatsapp") as whatsapp:
        settings = {
            **whatsapp.environment,
            "IZER_STATE_DIR": str(tmp_path / "state"),
            "IZER_STORE__URL": f"sqlite:///{tmp_path / 'store.db'}",
            "IZER_API__PORT": "0",
            "IZER_GROUPS__CRITICAL": json.dumps([CRITICAL]),
            "OPENAI_API_KEY": "",
        }
        stranger = whatsapp.contact("+905551112244", "Veli", "100000000000044")
        async with BridgeProcess(whatsapp.command("run"), settings) as bridge:
            await whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            store = Store(settings["IZER_STORE__URL"])
            yield Shop(whatsapp, bridge, store, settings, stranger)


@pytest.mark.attack("a stranger's group is raised for its name")
async def test_a_strangers_group_raises_nobody_whatever_it_calls_itself(shop: Shop) -> None:
    made = shop.whatsapp.group("KASA\u200f", [shop.stranger], [shop.stranger])
    assert not await shop.is_raised(made)
    assert not await shop.is_raised(made)
    renamed = shop.whatsapp.group("Pazar turu", [shop.stranger], [shop.stranger])
    assert not await shop.is_raised(renamed)
    assert shop.bridge.output.count(_UNCONFIRMED) == 1
    assert not await shop.is_raised(await shop.whatsapp.rename(renamed, CRITICAL))
    assert shop.bridge.output.count(_UNCONFIRMED) == 2
    # For each the operator is told how to make it count.
    _, said = await shop.typed("status", "--json")
    told = [one["text"] for one in json.loads(said)["sentences"] if one["about"] == "group"]
    for group, text in zip((made, renamed), told, strict=True):
        assert text.endswith(f"izer-bridge group confirm {group.jid}")
        assert "\u200f" not in text
    _, said = await shop.typed("doctor", "--no-sample", "--json")
    found = [one["fix"] for one in json.loads(said)["findings"] if one["about"] == "group"]
    assert [fix.split()[-1] for fix in found] == [made.jid, renamed.jid]
    assert {(one["jid"], one["counts"]) for one in await shop.on_whatsapp()} == {
        (made.jid, False),
        (renamed.jid, False),
    }


async def test_a_group_counts_while_the_shop_is_its_admin_or_has_confirmed_it(shop: Shop) -> None:
    group = shop.whatsapp.group(CRITICAL, [shop.stranger], [shop.whatsapp.phone])
    assert await shop.is_raised(group)
    assert shop.bridge.output.count(_UNCONFIRMED) == 0
    group = await shop.whatsapp.make_admin(group, shop.stranger)
    assert not await shop.is_raised(group)
    assert (await shop.typed("group", "confirm", group.jid))[0] == 0
    assert await shop.is_raised(group)
    assert (await shop.typed("group", "unconfirm", group.jid))[0] == 0
    assert not await shop.is_raised(group)
    await shop.whatsapp.make_admin(group, shop.stranger, shop.whatsapp.phone)
    assert await shop.is_raised(group)
    [one] = await shop.on_whatsapp()
    assert one == {
        "jid": group.jid,
        "name": CRITICAL,
        "shop_is_admin": True,
        "confirmed": False,
        "counts": True,
    }
