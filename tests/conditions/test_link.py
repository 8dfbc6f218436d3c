"""What can be wrong with the link: made on the real client, and looked for in every place."""

import json

import pytest

from izer_bridge.domain.condition import ConditionName
from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from tests.conditions.shop import WatchedShop
from tests.conditions.watchful_bridge import SILENT_SECONDS

_STRANGER = Person("+905550009999", "Yabancı", "200000000009999")


async def test_logged_out_and_linked_again(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        bridge.output = bridge.output.replace("█", "")
        await shop.whatsapp.log_out()
        await shop.told(bridge, ConditionName.LOGGED_OUT, "removed this linked device")
        [letter] = shop.letters("İzer Bridge: WhatsApp bağlantısı kaldırıldı")
        assert "izer-bridge link" in letter
        # A restart neither ends it nor tells of it again.
        await bridge.stop()
    async with shop.bridge() as bridge:
        await bridge.line("state=scan_qr_code")
        assert ConditionName.LOGGED_OUT in await shop.holding()
        await shop.link(bridge)
        await shop.ended(bridge, ConditionName.LOGGED_OUT, begun=0)
    assert len(shop.letters("İzer Bridge: WhatsApp bağlantısı kaldırıldı")) == 1


@pytest.mark.parametrize(
    ("reason", "more", "name"),
    [
        (402, {"code": "101", "expire": "7200"}, ConditionName.BANNED),
        (405, {}, ConditionName.OUTDATED),
        (409, {}, ConditionName.REFUSED),
    ],
)
async def test_what_whatsapp_refuses(
    shop: WatchedShop, reason: int, more: dict[str, str], name: ConditionName
) -> None:
    async with shop.linked() as bridge:
        await shop.whatsapp.refuse(reason, **more)
        await shop.told(bridge, name)
        await bridge.stop()
    shop.whatsapp.server.refusal = None
    async with shop.bridge() as bridge:
        await shop.ended(bridge, name, begun=0)


async def test_a_ban_stops_sending_too_and_both_end_by_themselves(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        await shop.whatsapp.refuse(402, code="101", expire="4")
        await shop.told(bridge, ConditionName.BANNED, "until")
        shop.whatsapp.server.refusal = None
        await shop.ended(bridge, ConditionName.BANNED)
        await shop.ended(bridge, ConditionName.SENDING_STOPPED)


async def test_another_program_with_the_same_session(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        await shop.whatsapp.replace()
        await shop.told(bridge, ConditionName.REPLACED)
        await bridge.stop()
    async with shop.bridge() as bridge:
        await shop.ended(bridge, ConditionName.REPLACED, begun=0)


async def test_a_strangers_phone(shop: WatchedShop) -> None:
    shop.settings["IZER_WHATSAPP__NUMBER"] = shop.whatsapp.phone.number
    async with shop.bridge() as bridge:
        await shop.link(bridge, _STRANGER)
        await shop.told(bridge, ConditionName.WRONG_PHONE, "…99")
        await bridge.printed(lambda output: output.count("state=scan_qr_code") > 1)
        bridge.output = bridge.output.replace("█", "")
        await shop.link(bridge)
        await shop.ended(bridge, ConditionName.WRONG_PHONE)


async def test_no_answer_to_any_keepalive(shop: WatchedShop) -> None:
    shop.settings[SILENT_SECONDS] = "4"
    async with shop.bridge() as bridge:
        await shop.link(bridge)
        shop.whatsapp.network.is_refusing = True
        await shop.whatsapp.drop()
        await shop.told(bridge, ConditionName.WHATSAPP_SILENT)
        assert ConditionName.DISCONNECTED in await shop.holding()
        shop.whatsapp.network.is_refusing = False
        await shop.whatsapp.drop()
        await bridge.printed(lambda output: output.count("state=connected") > 1)
        await bridge.line("condition_ended", "condition=whatsapp_silent")


async def test_not_linked_yet(shop: WatchedShop) -> None:
    async with shop.bridge() as bridge:
        await bridge.code()
        await shop.told(bridge, ConditionName.NOT_LINKED)
        await shop.link(bridge)
        await shop.ended(bridge, ConditionName.NOT_LINKED)


async def test_whatsapp_on_the_phone_is_gone(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        await shop.whatsapp.refuse(403)
        await shop.told(bridge, ConditionName.LOGGED_OUT, "on the phone")
        shop.whatsapp.server.refusal = None
        bridge.output = bridge.output.replace("█", "")
        await shop.link(bridge)
        await shop.ended(bridge, ConditionName.LOGGED_OUT)


async def test_a_passkey_is_wanted(shop: WatchedShop) -> None:
    async with shop.bridge() as bridge:
        await bridge.code()
        await shop.whatsapp.ask_for_passkey()
        one = await shop.told(bridge, ConditionName.PASSKEY_WANTED)
        assert "izer-bridge restore" in one["remedy"]


async def test_the_phone_gave_no_sign_for_long(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        await bridge.stop()
    note = shop.folder / "state" / "link.json"
    old = json.loads(note.read_text("utf-8")) | {"phone_seen_at": "2026-01-01T00:00:00Z"}
    note.write_text(json.dumps(old), "utf-8")
    async with shop.bridge() as bridge:
        await shop.told(bridge, ConditionName.PHONE_AWAY, "14 days")
        words = content.text("Bugün açığız")
        await shop.whatsapp.say(shop.whatsapp.phone, words, to=shop.customers[0])
        await shop.ended(bridge, ConditionName.PHONE_AWAY)
