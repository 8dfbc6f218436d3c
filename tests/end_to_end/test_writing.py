"""What the shop writes and sends, on the real client: what the customer's phone reads and opens."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from izer_bridge.simulator import content
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.server import Outgoing
from tests.chaos.arena import Arena, arena
from tests.end_to_end.stored import Store
from tests.media.test_picture import photographed

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 2_000


@dataclass
class Counter:
    """The shop's counter: a paired bridge, a customer who has written, and the interface."""

    arena: Arena
    store: Store
    session: aiohttp.ClientSession
    bridge: BridgeProcess

    async def asked(self, words: str = "Merhaba, faturamı atar mısınız?") -> None:
        sent = await self.arena.whatsapp.say(self.arena.people[0], content.text(words))
        self.arena.sent.append(sent)
        await self.bridge.line("message_dispatched", f" id={sent.id}")

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        token = await asyncio.to_thread((self.arena.folder / "state/api_token").read_text)
        headers = {"Authorization": f"Bearer {token.strip()}"} | options.pop("headers", {})
        url = f"{await self.bridge.url()}/v1/{path}"
        async with self.session.request(method, url, headers=headers, **options) as answer:
            told = await answer.json()
            assert answer.ok, told
            return told

    async def write(self, text: str, key: str = "") -> int:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"text": text, "author": "person"}
        told = await self.ask("POST", "conversations/1/messages", json=body, headers=headers)
        return int(told["id"])

    async def send(self, data: bytes, name: str, text: str = "") -> int:
        form = aiohttp.FormData({"author": "person", "text": text}, quote_fields=False)
        form.add_field("file", data, filename=name)
        return int((await self.ask("POST", "conversations/1/files", data=form))["id"])

    async def until(self, written: int, holds: Callable[[Any], object]) -> Any:
        """The message as `GET /v1/outbox/{id}` tells it, once it matches."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                told = await self.ask("GET", f"outbox/{written}")
                if holds(told):
                    return told
                await asyncio.sleep(0.05)

    @property
    def received(self) -> list[Outgoing]:
        sent = self.arena.whatsapp.server.outgoing
        return [one for one in sent if not one.body.HasField("deviceSentMessage")]


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with arena(tmp_path, "", 1) as one, aiohttp.ClientSession() as session:
        bridge = await one.started()
        await bridge.line("state=connected")
        counter = Counter(one, Store(one.store_url), session, bridge)
        yield counter
        await one.live(counter.bridge)


def _is_at_rest(told: Any) -> bool:
    return told["stage"] not in ("queued", "sending", "sent")


async def test_a_customer_reads_and_opens_what_a_person_sends(counter: Counter) -> None:
    await counter.asked()
    picture = await counter.send(photographed(), "IMG_1.jpg", "Bisikletiniz")
    invoice = await counter.send(PDF, "Şubat faturası.pdf", "Faturanız")
    bare = await counter.send(PDF, "Şubat faturası.pdf")
    text = await counter.write("İyi günler!")
    for written in (picture, invoice, bare, text):
        assert (await counter.until(written, _is_at_rest))["stage"] == "delivered"
    shown, wrapped, plain, said = [one.body for one in counter.received]
    opened = counter.arena.whatsapp.media.opened
    photo = Image.open(BytesIO(opened(shown)))
    assert (photo.size, dict(photo.getexif())) == ((400, 600), {})
    assert (shown.imageMessage.caption, shown.imageMessage.height) == ("Bisikletiniz", 600)
    assert Image.open(BytesIO(shown.imageMessage.JPEGThumbnail)).size == (48, 72)
    within = wrapped.documentWithCaptionMessage.message.documentMessage
    assert (within.fileName, within.caption) == ("Şubat faturası.pdf", "Faturanız")
    assert opened(wrapped) == opened(plain) == PDF
    assert plain.documentMessage.fileName == "Şubat faturası.pdf"
    assert said.extendedTextMessage.text == "İyi günler!"
    stanzas = [one for one in counter.arena.whatsapp.server.received if one.tag == "message"]
    assert [one["type"] for one in stanzas] == ["media", "media", "media", "text"]
    own = [one for one in await counter.store.messages() if one.from_me]
    assert [(one.kind, one.origin) for one in own] == [
        ("image", "hand"),
        ("document", "hand"),
        ("document", "hand"),
        ("text", "hand"),
    ]
    _, *kept = await counter.store.rows("SELECT sha256 FROM media ORDER BY id")
    assert [one.sha256 for one in kept] == [hashlib.sha256(PDF).hexdigest()] * 2
    [paused] = await counter.store.rows("SELECT reason FROM chat_pauses")
    assert paused.reason == "human"
    assert "Faturanız" not in counter.bridge.output
    assert "Şubat" not in counter.bridge.output


async def test_a_file_that_whatsapp_refuses_holds_nothing_up(counter: Counter) -> None:
    await counter.asked()
    counter.arena.whatsapp.media.upload_refusals.extend([413, 503])
    refused = await counter.send(PDF, "büyük.pdf")
    late = await counter.send(PDF, "fatura.pdf")
    text = await counter.write("Faturanız geliyor.")
    told = await counter.until(refused, _is_at_rest)
    assert (told["stage"], told["says"]) == (
        "failed",
        "It was not sent: WhatsApp does not take this file (error 413).",
    )
    for written in (text, late):
        assert (await counter.until(written, _is_at_rest))["stage"] == "delivered"
    assert [one.body.HasField("documentMessage") for one in counter.received] == [False, True]
