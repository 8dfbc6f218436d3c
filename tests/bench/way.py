"""`make way`: our files that one message passes, from the inbox to settled with a draft.

A real client message goes through the real recorder, worker, local analyser and built-in agent on
SQLite, all in this process. Another message goes first, so that nothing is loaded or built for the
first time while the way is counted.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
from neonize.proto import Neonize_pb2 as proto

import izer_bridge
from izer_bridge.config import Config
from izer_bridge.host.clock import CLOCK
from izer_bridge.host.loop import Hint
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.record import Recorder
from izer_bridge.pipeline.signals import RecordSignals, WorkSignals
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.worker import Worker
from izer_bridge.whatsapp.contents import contents
from izer_bridge.whatsapp.event_codes import EventCode
from izer_bridge.whatsapp.wiring import Linked, LinkListeners, build_link, checked_session
from izer_bridge.wiring.work import CHATS_SIDE_BY_SIDE, build_ledger, build_steps

_ROOT = f"{Path(izer_bridge.__file__).parent}/"
_SHOP, _CUSTOMER = "+905550000001", "905551112233"
_FIRST, _NEXT = "Merhaba, açık mısınız?", "Arka tekerim ses yapıyor, bakabilir misiniz?"
_LONGEST_SECONDS = 60
_SHORT_FILE = 60


@dataclass
class Passed:
    """Our files that ran a function while `is_open`, in order, each with its first function."""

    first_function: dict[str, str] = field(default_factory=dict)
    is_open: bool = False

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if self.is_open and event == "call" and code.co_filename.startswith(_ROOT):
            file = code.co_filename.removeprefix(_ROOT)
            self.first_function.setdefault(file, code.co_qualname)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """In this thread, and in each that begins in the meantime."""
        threading.setprofile(self.note)
        sys.setprofile(self.note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)


@dataclass
class Shop:
    """A bridge without its connection. `settled` is set by each settled message."""

    inbox: SqliteInbox
    arrived: Hint
    ledger: SqlLedger
    settled: asyncio.Event

    async def hear(self, identifier: str, text: str) -> None:
        """Handle a client callback until its message is settled."""
        self.settled.clear()
        event = _event(identifier, text)
        await asyncio.to_thread(self.inbox.append, [(EventCode.MESSAGE, event)])
        self.arrived()
        await asyncio.wait_for(self.settled.wait(), _LONGEST_SECONDS)

    async def drafts(self) -> set[int]:
        """Drafts that wait for a person's verdict."""
        return {draft.id for draft in await self.ledger.drafts().open()}


def _event(identifier: str, text: str) -> bytes:
    event = proto.Message()
    event.Message.conversation = text
    info, source = event.Info, event.Info.MessageSource
    info.ID, info.Pushname, info.Timestamp = identifier, "Ayşe", round(time.time() * 1000)
    for address in (source.Chat, source.Sender):
        address.User, address.Server = _CUSTOMER, "s.whatsapp.net"
    return bytes(event.SerializePartialToString())


def _linked(config: Config, inbox: SqliteInbox) -> Linked:
    """Linked once, and never connected."""

    def ignored(*_: object) -> None:
        pass

    listeners = LinkListeners(ignored, ignored, ignored)
    linked = build_link(config, checked_session(config), inbox, listeners)
    linked.link.account = _SHOP
    return linked


@asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[Shop]:
    async with AsyncExitStack() as opened:
        inbox = SqliteInbox(config.state_dir / "inbox.db")
        opened.callback(inbox.close)
        ledger = build_ledger(config, "way", opened)
        await ledger.open()
        steps = await build_steps(config, None, ledger, opened)
        linked, settled = _linked(config, inbox), asyncio.Event()
        arrived, calm, work = Hint(), asyncio.Event(), Hint()
        signals = WorkSignals(work, calm, lambda _: settled.set(), lambda *_: None)
        worker = Worker(ledger, steps, CLOCK, CHATS_SIDE_BY_SIDE, signals)
        recorder = Recorder(
            inbox,
            ledger,
            partial(contents, link=linked.link),
            linked.directory,
            RecordSignals(
                arrived, calm, lambda _: work(), lambda: None, recording=worker.claim_beside
            ),
        )
        async with asyncio.TaskGroup() as tasks:
            for part in (recorder, worker):
                tasks.create_task(part.run())
            yield Shop(inbox, arrived, ledger, settled)
            recorder.stop()
            worker.stop()


async def _walked(config: Config, passed: Passed) -> None:
    async with _opened(config) as shop:
        await shop.hear("3EB0000001", _FIRST)
        before = await shop.drafts()
        passed.is_open = True
        await shop.hear("3EB0000002", _NEXT)
        passed.is_open = False
        if not await shop.drafts() - before:
            raise AssertionError("the message was settled without a draft")


def way(folder: Path) -> Mapping[str, str]:
    """Each file on the way, in order, and the first of its functions that ran."""
    settings: dict[str, Any] = {
        "state_dir": folder,
        "reply": {"mode": "draft", "owner": "+905550000009"},
    }
    passed = Passed()
    with passed.watching():
        asyncio.run(_walked(Config(**settings), passed))
    return passed.first_function


def _lines(found: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, found))
    for number, (file, function) in enumerate(found.items(), 1):
        yield f"{number:3}  {file:{width}}  {function}"
    yield f"{len(found)} files"
    lengths = [len(Path(_ROOT, one).read_text("utf-8").splitlines()) for one in found]
    short = sum(length < _SHORT_FILE for length in lengths)
    yield f"of {sum(lengths)} lines, {short} files of under {_SHORT_FILE}"


def main() -> None:
    argparse.ArgumentParser(prog="make way", description=__doc__).parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        found = way(Path(folder))
    sys.stdout.writelines(f"{line}\n" for line in _lines(found))


if __name__ == "__main__":
    main()
