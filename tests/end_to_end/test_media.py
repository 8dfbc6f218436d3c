"""Files that come with messages, on the real client: kept, put into words, tried again."""

import base64
import hashlib
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.process import BridgeProcess
from tests.chaos.arena import Arena, arena
from tests.end_to_end.http import post
from tests.end_to_end.stored import Store
from tests.field.connector import body
from tests.servers.openai import OpenAIServer, user_content

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00 picture"
OGG = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead" + bytes(40)
PDF = b"%PDF-1.7\n%invoice"


@dataclass
class Shop:
    arena: Arena
    bridge: BridgeProcess
    openai: OpenAIServer
    store: Store

    async def said(self, words: content.Content) -> str:
        """Somebody sends it, and it has gone to an agent; its id."""
        sent = await self.arena.whatsapp.say(self.arena.people[0], words)
        self.arena.sent.append(sent)
        await self.bridge.line("message_dispatched", f" id={sent.id}")
        return sent.id


@asynccontextmanager
async def open_shop(folder: Path) -> AsyncIterator[Shop]:
    async with OpenAIServer() as openai, arena(folder, "", 1) as one:
        one.settings |= {"IZER_OPENAI__BASE_URL": openai.base_url, "OPENAI_API_KEY": "sk-test"}
        bridge = await one.started()
        await bridge.line("state=connected")
        yield Shop(one, bridge, openai, Store(one.store_url))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as one:
        yield one
        await one.arena.live(one.bridge)


async def test_files_are_kept_and_put_into_words_before_the_analysis(shop: Shop) -> None:
    pictured = await shop.said(content.image(JPEG, "Bu ne kadar tutar?"))
    spoken = await shop.said(content.voice(OGG))
    written = await shop.said(content.document(PDF, "fatura.pdf"))
    found = {row.message_id: row for row in await shop.store.media()}
    state = shop.arena.folder / "state"
    for message_id, data, ending in (
        (pictured, JPEG, "jpg"),
        (spoken, OGG, "ogg"),
        (written, PDF, "pdf"),
    ):
        digest = hashlib.sha256(data).hexdigest()
        path = state / "media" / digest[:2] / f"{digest}.{ending}"
        assert path.read_bytes() == data
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (found[message_id].state, found[message_id].sha256) == ("kept", digest)
    asked = [json.loads(user_content(one))["message"] for one in shop.openai.analyses]
    assert shop.openai.description in asked[0]
    assert "Bu ne kadar tutar?" in asked[0]
    assert shop.openai.transcript in asked[1]
    assert "fatura.pdf" in asked[2]
    assert (len(shop.openai.descriptions), len(shop.openai.transcriptions)) == (1, 1)


async def test_a_file_that_is_posted_goes_the_same_way(tmp_path: Path) -> None:
    photo = {"mimetype": "image/jpeg", "data": base64.b64encode(JPEG + bytes(2**21)).decode()}
    given = body(current_message="", type="image", hasMedia=True, media=photo)
    async with open_shop(tmp_path) as shop:
        status, answer = await post(f"{await shop.bridge.url()}/webhook", given)
        assert (status, answer["state"]) == (200, "settled")
        [row] = await shop.store.media()
        assert (row.state, row.found_type) == ("kept", "image/jpeg")
        assert row.words == shop.openai.description
        [asked] = [json.loads(user_content(one))["message"] for one in shop.openai.analyses]
        assert shop.openai.description in asked


async def test_a_refused_download_is_tried_again_and_holds_nobody_up(shop: Shop) -> None:
    shop.arena.whatsapp.media.refusals.extend([404] * 8)
    spoken = await shop.said(content.voice(OGG))
    assert "media_step_failed" in shop.bridge.output
    shop.arena.whatsapp.media.refusals.clear()
    await shop.bridge.line("media_kept")
    [row] = await shop.store.media()
    assert (row.message_id, row.state) == (spoken, "kept")
