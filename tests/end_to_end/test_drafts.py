"""Drafts on the real client: decided by the owner on WhatsApp, by HTTP, on the command line."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.replies import owner_texts
from izer_bridge.simulator import content
from izer_bridge.simulator.content import Content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.server import Outgoing
from izer_bridge.simulator.simulator import OWNER_NUMBER, Simulator
from tests.console.typed import typed_beside
from tests.end_to_end.http import get, post
from tests.end_to_end.scenario import after_reading
from tests.end_to_end.stored import Store
from tests.end_to_end.test_replies import ANSWER, environment
from tests.servers.agent import AgentServer

OWNER = "+905550000009"
PROPOSED = ANSWER["reply"]
_LOOK_SECONDS = 0.05
_DRAFTS = "SELECT * FROM outbox WHERE kind = 'reply' ORDER BY id"
_DECISIONS = "SELECT current_message FROM webhook_messages WHERE skip_reason = 'decision'"


@dataclass
class Desk:
    """A paired bridge that drafts, the owner who decides, and two customers."""

    whatsapp: Simulator
    agent: AgentServer
    store: Store
    bridge: BridgeProcess
    settings: dict[str, str]
    owner: Person
    ayse: Person
    mehmet: Person

    async def drafted(self, customer: Person, words: str = "Bisikletim hazır mı?") -> str:
        """A customer asks; returns the WhatsApp id of the owner's notice about the draft."""
        known = len(self.told)
        await self.whatsapp.say(customer, content.text(words))
        await self.until(lambda: len(self.told) > known)
        notice = self.told[-1]
        assert f"«{words}»" in text_of(notice)
        assert str(PROPOSED) in text_of(notice)
        await self.written(f"whatsapp_id = '{notice.id}'")
        return notice.id

    async def written(self, condition: str) -> None:
        """Wait until a row of the outbox matches."""
        query = f"SELECT id FROM outbox WHERE {condition}"  # noqa: S608
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if await self.store.rows(query):
                    return
                await asyncio.sleep(_LOOK_SECONDS)

    async def says(self, words: Content) -> None:
        """The owner writes to the bridge, in the owner's own chat."""
        is_self = self.owner is self.whatsapp.phone
        await self.whatsapp.say(self.owner, words, to=self.owner if is_self else None)

    async def until(self, holds: Callable[[], object]) -> None:
        async with self.whatsapp.server.changed:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.whatsapp.server.changed.wait_for(holds)

    @property
    def told(self) -> list[Outgoing]:
        """What the owner received, except confirmations."""
        return [one for one in self._sent_to(self.owner) if not text_of(one).startswith("✓")]

    @property
    def confirmed(self) -> list[str]:
        texts = map(text_of, self._sent_to(self.owner))
        return [text for text in texts if text.startswith("✓")]

    def received(self, customer: Person) -> list[str]:
        return [text_of(one) for one in self._sent_to(customer)]

    def _sent_to(self, person: Person) -> list[Outgoing]:
        """A chat with oneself contains only copies for one's own phone."""
        if person is self.whatsapp.phone:
            own = {str(person.by_number), str(person.by_lid)}
            copies = [one for one in self._outgoing if one.body.HasField("deviceSentMessage")]
            mine = [one for one in copies if one.body.deviceSentMessage.destinationJID in own]
            # It is addressed to oneself and to one's own phone, which are the same here.
            return list({one.id: one for one in mine}.values())
        letters = [one for one in self._outgoing if not one.body.HasField("deviceSentMessage")]
        return [one for one in letters if person.is_at(one.to)]

    @property
    def _outgoing(self) -> list[Outgoing]:
        return self.whatsapp.server.outgoing

    async def note(self, count: int) -> str:
        """The bridge's `count`-th message to the owner."""
        await self.until(lambda: len(self.told) >= count)
        return text_of(self.told[count - 1])

    async def state(self, count: int, state: str) -> Any:
        """The `count`-th draft, once it matches."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                row = (await self.store.rows(_DRAFTS))[count - 1]
                if row.state == state:
                    return row
                await asyncio.sleep(_LOOK_SECONDS)

    async def typed(self, *arguments: str) -> tuple[int, str, str]:
        """`izer-bridge drafts …`, as a process beside the bridge."""
        said = await typed_beside(self.settings, "drafts", *arguments)
        return said.code, said.out, said.err


def text_of(sent: Outgoing) -> str:
    body = sent.body
    if body.HasField("deviceSentMessage"):
        body = body.deviceSentMessage.message
    return str(body.extendedTextMessage.text)


def quoting(notice: str, words: str) -> Content:
    return content.extended_text(words, notice)


@asynccontextmanager
async def open_desk(folder: Path, *, is_self: bool) -> AsyncIterator[Desk]:
    (folder / "whatsapp").mkdir()
    async with Simulator(folder / "whatsapp") as whatsapp, AgentServer(ANSWER) as agent:
        owner = whatsapp.phone
        if not is_self:
            owner = whatsapp.contact(OWNER, "Patron", lid="100000000000009", addressed_by="lid")
        ayse = whatsapp.contact("+905551112233", "Ayşe", "100000000000033", addressed_by="lid")
        mehmet = whatsapp.contact("+905551112244", "Mehmet", "100000000000044")
        settings = environment(whatsapp, folder, agent) | {
            "IZER_REPLY__MODE": "draft",
            "IZER_REPLY__TYPING_SECONDS": "0",
            "IZER_REPLY__QUIET_FROM": "00:00",
            "IZER_REPLY__QUIET_UNTIL": "00:00",
            "IZER_REPLY__OWNER": OWNER_NUMBER if is_self else OWNER,
            "IZER_GROUPS__ANALYSE_ALL": "true",
        }
        async with BridgeProcess(whatsapp.command("run"), settings) as bridge:
            await whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            store = Store(settings["IZER_STORE__URL"])
            yield Desk(whatsapp, agent, store, bridge, settings, owner, ayse, mehmet)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path, is_self=False) as one:
        yield one


async def test_the_owner_decides_by_quoting_and_by_reacting(desk: Desk) -> None:
    await desk.says(quoting(await desk.drafted(desk.ayse), "1"))
    row = await desk.state(1, "sent")
    assert (row.decided_by, row.edited_text) == ("owner (WhatsApp)", None)
    await desk.says(quoting(await desk.drafted(desk.ayse), "Yarın 15:00'te hazır."))
    assert (await desk.state(2, "sent")).edited_text == "Yarın 15:00'te hazır."
    await desk.says(quoting(await desk.drafted(desk.ayse), "0"))
    await desk.state(3, "refused")
    notice = await desk.drafted(desk.ayse)
    await desk.says(content.reaction(notice, str(desk.owner.address), "❤️"))
    await desk.says(content.reaction(notice, str(desk.owner.address), "👍🏽"))
    await desk.state(4, "sent")
    notice = await desk.drafted(desk.ayse)
    await desk.says(content.reaction(notice, str(desk.owner.address), "👎"))
    await desk.state(5, "refused")
    assert desk.received(desk.ayse) == [PROPOSED, "Yarın 15:00'te hazır.", PROPOSED]
    # The owner's messages are not a customer's, and only these two reactions decide anything.
    decisions = [row.current_message for row in await desk.store.rows(_DECISIONS)]
    assert decisions == ["1", "Yarın 15:00'te hazır.", "0", "👍🏽", "👎"]
    assert len(desk.agent.requests) == 5
    await desk.until(lambda: len(desk.confirmed) == 5)
    assert desk.confirmed[1:3] == [
        "✓ Taslak 4 yerine yazdığınız metin onaylandı, gönderiliyor.",
        "✓ Taslak 7 iptal edildi, gönderilmeyecek.",
    ]
    assert len(desk.told) == 5
    # None of it is listed among customers' messages.
    for arguments in (["tail", "--no-follow", "-n", "100"], ["search", "Taslak"]):
        listed = (await typed_beside(desk.settings, *arguments)).out
        assert "Taslak" not in listed


async def test_a_short_word_counts_without_a_quote_only_for_the_one_last_draft(desk: Desk) -> None:
    await desk.says(content.text("1"))
    assert await desk.note(1) == owner_texts.NO_DRAFT_OPEN
    first = await desk.drafted(desk.ayse)
    await desk.drafted(desk.mehmet)
    await desk.says(content.text("1"))
    assert await desk.note(4) == owner_texts.ASK_TO_QUOTE
    await desk.says(quoting(first, "1"))
    await desk.state(1, "sent")
    # One is left, but the owner's latest message is not about it.
    await desk.says(content.text("1"))
    assert await desk.note(5) == owner_texts.ASK_TO_QUOTE
    assert desk.received(desk.mehmet) == []
    await desk.whatsapp.say(desk.mehmet, content.text("Alo?"))
    await desk.note(6)
    await desk.says(content.text(" 1 "))
    await desk.state(3, "sent")
    assert desk.received(desk.mehmet) == [PROPOSED]


async def test_who_is_late_or_second_is_told_so_and_nothing_is_sent(desk: Desk) -> None:
    renewed = await desk.drafted(desk.ayse)
    fresh = await desk.drafted(desk.ayse, "Alo?")
    await desk.says(quoting(renewed, "1"))
    assert "artık Taslak 1 değil, Taslak 3 geçerli. Gönderilmedi" in await desk.note(3)
    code, out, _ = await desk.typed("refuse", await _id(desk, "draft"))
    assert (code, out.split()[-1]) == (0, "refused")
    await desk.says(quoting(fresh, "1"))
    assert "zaten reddedildi" in await desk.note(4)
    await desk.says(quoting(fresh, "0"))
    assert await desk.note(5) == "Taslak 3 zaten reddedildi, gönderilmedi."
    await desk.says(quoting("3EB0FFFFFFFFFFFFFFFF", "1"))
    assert await desk.note(6) == owner_texts.UNKNOWN_QUOTE
    notice = await desk.drafted(desk.ayse, "Hâlâ bekliyorum")
    await desk.says(quoting(notice, "<b>evet</b>"))
    assert await desk.note(8) == owner_texts.UNSENDABLE
    own, at = content.text("Ben yazdım"), after_reading()
    await desk.whatsapp.say(desk.whatsapp.phone, own, to=desk.ayse, at=at)
    await desk.written("state = 'cancelled'")
    await desk.says(quoting(notice, "1"))
    assert "dükkândan biri yazdı" in await desk.note(9)
    assert desk.received(desk.ayse) == []


async def _id(desk: Desk, state: str) -> str:
    [row] = await desk.store.rows(f"SELECT id FROM outbox WHERE state = '{state}'")  # noqa: S608
    return str(row.id)


async def test_nobody_else_decides(desk: Desk) -> None:
    notice = await desk.drafted(desk.ayse)
    say, phone = desk.whatsapp.say, desk.whatsapp.phone
    group = desk.whatsapp.group("Pazar turu", [desk.owner, desk.mehmet])
    await say(desk.mehmet, quoting(notice, "1"))
    await say(desk.mehmet, content.reaction(notice, str(desk.mehmet.address), "👍"))
    await say(desk.owner, quoting(notice, "1"), to=group)
    await say(desk.owner, content.reaction(notice, group.jid, "👍"), to=group)
    await say(phone, quoting(notice, "1"), to=desk.owner)
    last = await say(desk.mehmet, content.text("Teşekkürler"))
    await desk.bridge.line("message_dispatched", f" id={last.id}")
    assert (await desk.store.rows(_DRAFTS))[0].state == "draft"
    assert await desk.store.rows(_DECISIONS) == []
    assert desk.received(desk.ayse) == []


async def test_the_owner_may_be_the_linked_number_itself(tmp_path: Path) -> None:
    async with open_desk(tmp_path, is_self=True) as desk:
        await desk.says(quoting(await desk.drafted(desk.ayse), "1"))
        await desk.state(1, "sent")
        await desk.drafted(desk.ayse)
        await desk.says(content.text("1"))
        await desk.state(2, "sent")
        notice = await desk.drafted(desk.ayse)
        await desk.says(content.reaction(notice, str(desk.owner.address), "👎"))
        await desk.state(3, "refused")
        # The owner's private notes there are ignored.
        await desk.says(content.text("Süt al"))
        await desk.says(quoting(notice, "1"))
        assert "zaten reddedildi" in await desk.note(4)
        assert desk.received(desk.ayse) == [PROPOSED, PROPOSED]
        assert len(desk.agent.requests) == 3


@pytest.mark.attack("another user of the machine reads and decides drafts")
async def test_drafts_are_decided_by_http_and_by_command_while_the_bridge_runs(
    desk: Desk, tmp_path: Path
) -> None:
    url = await desk.bridge.url()
    await desk.drafted(desk.ayse, "Kaçta açıksınız?")
    assert (await get(f"{url}/drafts"))[0] == 401
    assert (await post(f"{url}/drafts/1/approve", {}))[0] == 401
    token = (tmp_path / "state" / "api_token").read_text("ascii").strip()
    _, answer = await get(f"{url}/drafts", token)
    [draft] = answer["drafts"]
    assert (draft["asked"], draft["text"], draft["state"]) == (
        "Kaçta açıksınız?",
        PROPOSED,
        "draft",
    )
    place = f"{url}/drafts/{draft['id']}"
    status, problem = await post(f"{place}/edit", {"text": " "}, token)
    assert (status, problem["errors"][0]["field"]) == (422, "text")
    status, answer = await post(f"{place}/edit", {"text": "09:00'da."}, token)
    assert (status, answer["draft"]["corrected"]) == (200, "09:00'da.")
    await desk.state(1, "sent")
    assert (await post(f"{place}/edit", {"text": "09:00'da."}, token))[0] == 200
    status, problem = await post(f"{place}/refuse", {}, token)
    assert (status, problem["title"]) == (409, "Conflict")
    assert (await post(f"{url}/drafts/999/approve", {}, token))[0] == 404
    await desk.drafted(desk.mehmet)
    code, out, _ = await desk.typed("list", "--json")
    [listed] = json.loads(out)
    assert (code, listed["text"], listed["chat_name"]) == (0, PROPOSED, "Mehmet")
    code, out, _ = await desk.typed("approve", str(listed["id"]))
    assert (code, out.split()[-1]) == (0, "approved")
    await desk.state(2, "sent")
    assert desk.received(desk.ayse) == ["09:00'da."]
    assert desk.received(desk.mehmet) == [PROPOSED]
    code, _, err = await desk.typed("refuse", str(listed["id"]))
    assert (code, "nothing was changed" in err) == (1, True)
    code, _, err = await desk.typed("approve", "999")
    assert (code, len(err.splitlines())) == (2, 1)
    code, out, _ = await desk.typed("show", str(listed["id"]))
    assert "decided by: command line" in out
