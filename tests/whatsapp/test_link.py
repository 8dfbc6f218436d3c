"""An unwanted phone, on the client itself, which connects to nobody here."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from neonize.exc import NeonizeError
from neonize.proto import Neonize_pb2 as proto
from neonize.utils.jid import build_jid

from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.whatsapp.client.link import Callbacks, Link, LinkSettings
from izer_bridge.whatsapp.event_codes import EventCode
from izer_bridge.whatsapp.receive.receiver import Receiver

WANTED, STRANGER = "+905550000001", "905550009999"


@pytest.fixture
def link(tmp_path: Path) -> Iterator[Link]:
    """Connected, by a phone with another number than the wanted one."""
    session, inbox = tmp_path / "session.db", SqliteInbox(tmp_path / "inbox.db")
    receiver = Receiver(inbox, session)

    def ignored(*_: object) -> None:
        pass

    callbacks = Callbacks(ignored, ignored, ignored, ignored, ignored, ignored)
    terms = LinkSettings(WANTED, "", ZoneInfo("UTC"))
    link = Link(session, receiver, callbacks, terms, None)
    names = dict.fromkeys(("Platform", "BussinessName", "PushName"), "")
    device = proto.Device(JID=build_jid(STRANGER), Initialized=True, **names)
    link._calls.is_foreign = link._is_another(device.SerializeToString())
    link._on_event(EventCode.CONNECTED, b"")
    yield link
    inbox.close()


async def test_it_is_given_nothing_to_send(link: Link) -> None:
    assert await link.connected(0.1)
    assert not link.may_send


@pytest.mark.parametrize("fails", [True, False])
async def test_it_stays_unwanted_until_it_is_unlinked(
    link: Link, fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def logout() -> None:
        if fails:
            raise NeonizeError("not now")

    async def drained() -> None:
        pass

    monkeypatch.setattr(link.client, "logout", logout)
    monkeypatch.setattr(link._calls, "drain", drained)
    assert await link._turn_away() is not fails
    assert link._calls.is_foreign is fails
    assert not link.may_send
