"""A stranger's hostile file, and a bridge with many faults: nobody else waits for them."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from izer_bridge.domain.identity import Jid
from izer_bridge.replies.ports import Notice
from izer_bridge.replies.store.outbox_rows import notify
from izer_bridge.simulator import content
from izer_bridge.simulator.content import Content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.simulator import OWNER_NUMBER, Simulator
from izer_bridge.store.database import Database
from tests.end_to_end.http import get
from tests.end_to_end.stored import Store
from tests.servers.loopback import Loopback, Raw
from tests.servers.openai import OpenAIServer

JPEG, SECRET = b"\xff\xd8\xff\xe0 picture", "whsec_" + "c2VjcmV0" * 6
_ROW_OF = "SELECT id FROM webhook_messages WHERE message_id = '{}'"
SIZES = (0, 2**31, 2**63 - 1, 2**63, 2**64 - 1)


@dataclass
class Shop:
    """A WhatsApp, and a linked bridge that may be started again."""

    whatsapp: Simulator
    store_url: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stranger = self.whatsapp.contact("+905551112266", "Yabancı", lid="100000000000066")
        self.ayse = self.whatsapp.contact("+905551112233", "Ayşe", lid="100000000000033")
        self.store = Store(self.store_url)

    def bridge(self) -> BridgeProcess:
        environment = {
            **self.whatsapp.environment,
            "IZER_STATE_DIR": str(self.folder / "state"),
            "IZER_STORE__URL": self.store_url,
            "IZER_API__PORT": "0",
            "OPENAI_API_KEY": "",
            **self.settings,
        }
        return BridgeProcess(self.whatsapp.command("run"), environment)

    async def link(self, bridge: BridgeProcess) -> None:
        await self.whatsapp.scan(await bridge.code())
        await bridge.line("state=connected")

    async def is_settled(self, bridge: BridgeProcess, sender: Person, words: Content) -> str:
        """Somebody sends it, and it has been settled; its id."""
        sent = await self.whatsapp.say(sender, words)
        await self.has_rested(bridge, [sent.id])
        return sent.id

    async def has_rested(self, bridge: BridgeProcess, ids: Sequence[str]) -> None:
        await bridge.line("messages_recorded")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                rows = {row.message_id: row.state for row in await self.store.messages()}
                if all(rows.get(one) in ("settled", "skipped") for one in ids):
                    return
                assert not bridge.has_ended, bridge.output[-2000:]
                await asyncio.sleep(0.05)


@pytest.fixture
async def shop(store_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    (tmp_path / "whatsapp").mkdir()
    async with Simulator(tmp_path / "whatsapp") as whatsapp:
        yield Shop(whatsapp, store_url, tmp_path)


def hostile_files() -> list[Content]:
    files = [
        content.image(JPEG, "Bu ne kadar?"),
        content.video(b"movie", "Ses geliyor"),
        content.audio(b"ID3"),
        content.document(b"%PDF-1.7", "fatura.pdf"),
        content.sticker(b"RIFF"),
    ]
    largest = [content.claiming(one, fileLength=2**64 - 1) for one in files]
    sizes = [content.claiming(content.image(JPEG, "a"), fileLength=size) for size in SIZES]
    return [*largest, *sizes]


async def test_a_hostile_file_keeps_nobody_waiting_and_no_restart_dies_of_it(shop: Shop) -> None:
    async with shop.bridge() as bridge:
        await shop.link(bridge)
        sent = [await shop.whatsapp.say(shop.stranger, one) for one in hostile_files()]
        await shop.is_settled(bridge, shop.ayse, content.text("Bisikletim hazır mı?"))
        assert await bridge.stop() == 0
    async with shop.bridge() as bridge:
        await bridge.line("state=connected")
        await shop.is_settled(bridge, shop.ayse, content.text("Kaçta kapatıyorsunuz?"))
        await shop.has_rested(bridge, [one.id for one in sent])
        _, health = await get(f"{await bridge.url()}/health")
        assert health["inbox"] == {"ok": True, "depth": 0, "set_aside": {}}
        assert await bridge.stop() == 0
        assert "Traceback" not in bridge.output


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_a_task_whose_tables_are_broken_costs_itself_and_no_message(shop: Shop) -> None:
    async with Loopback(["/monitor"], lambda _: Raw(b"")) as server, OpenAIServer() as openai:
        target = {"name": "monitor", "url": f"{server.url}/monitor", "secrets": ["crm_secret"]}
        shop.settings = {
            "IZER_EVENTS__TARGETS": json.dumps([{**target, "types": ["session.status"]}]),
            "CRM_SECRET": SECRET,
            "IZER_ESCALATION__OWNER": "+905550000099",
            "IZER_RETENTION__MESSAGES_DAYS": "3650",
            "IZER_OPENAI__BASE_URL": openai.base_url,
            "OPENAI_API_KEY": "sk-test",
        }
        async with shop.bridge() as bridge:
            await shop.link(bridge)
            text = await shop.is_settled(bridge, shop.ayse, content.text("Bisikletim hazır mı?"))
            photo = await shop.is_settled(bridge, shop.stranger, content.image(JPEG, "Ne kadar?"))
            await bridge.stop()
        await break_all(shop, text, photo)
        async with shop.bridge() as bridge:
            await bridge.line("state=connected")
            for task in (
                *("escalations", "retention", "second-opinions", "session-news", "media"),
                *("courier", "events-monitor"),
            ):
                assert "Traceback" in await bridge.line("task_failed", f"task={task} ")
            await shop.is_settled(bridge, shop.stranger, content.text("Kaçta kapatıyorsunuz?"))
            assert (await get(f"{await bridge.url()}/health"))[1]["link"]["linked"]
            [dead] = await shop.store.rows(
                "SELECT last_error FROM webhook_messages WHERE state = 'dead'"
            )
            assert dead.last_error == "the row makes no sense: ValueError"
            assert await bridge.stop() == 0


async def break_all(shop: Shop, text: str, photo: str) -> None:
    """What an operator, a bad disk or a bug may leave in each task's tables."""
    for table in ("escalation_notices", "removals", "shut_event_targets", "events"):
        await shop.store.execute(f"ALTER TABLE {table} RENAME TO {table}_gone")
    [row] = await shop.store.rows(_ROW_OF.format(photo))
    await shop.store.execute(
        "UPDATE media SET next_attempt_at = '2026-01-01 00:00:00', kind = 'x' "
        "WHERE webhook_message_id = :id",
        id=row.id,
    )
    await shop.store.execute(
        "UPDATE analytics_results SET analyser = 'local', second_at = NULL, keywords = 'x' "
        "WHERE webhook_message_id = :id",
        id=row.id,
    )
    await shop.store.execute(
        "UPDATE webhook_messages SET state = 'recorded', kind = 'x' WHERE message_id = :id",
        id=text,
    )
    owner = Jid.parse("905550000099@s.whatsapp.net")
    notice = Notice("test:1", OWNER_NUMBER, owner, "Merhaba")
    async with Database(shop.store_url) as database:
        await database.write(lambda one: notify(one, notice, datetime.now(UTC)))
    await shop.store.execute("UPDATE outbox SET chat_jid = 'nobody'")
