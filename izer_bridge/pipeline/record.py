"""Drains the inbox into the store, in order of arrival, many messages a transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from izer_bridge.model.errors import PermanentError, TransientError
from izer_bridge.model.gap import Gap
from izer_bridge.model.identity import Jid
from izer_bridge.model.message import Message, Origin
from izer_bridge.model.retry import backoff_seconds
from izer_bridge.pipeline.ports import Inbox, InboxEntry, Ledger
from izer_bridge.pipeline.reply_ports import Receipt

log = structlog.get_logger(__name__)

_BATCH = 200
# So many events since the last look are a burst; writing them down goes before working them.
_FLOOD = 12
_LOOK_SECONDS = 0.2
_MOST_LOOKS = 10
_ROWS_A_TRANSACTION = 500
_LONGEST_PAUSE_SECONDS = 15.0


class Directory(Protocol):
    """Looks up what a message does not carry itself; may wait for the link, within limits."""

    async def group_name(self, group: Jid) -> str: ...

    async def number_of(self, lid: Jid) -> Jid | None: ...


class Recorder:
    """Moves events from the inbox to the store; an event leaves the inbox after its commit.

    `calm` is set while events do not come faster than one by one.
    """

    def __init__(
        self,
        inbox: Inbox,
        ledger: Ledger,
        convert: Callable[[InboxEntry], Sequence[Message | Gap | Receipt]],
        directory: Directory,
        recorded: Callable[[], None],
    ) -> None:
        self._inbox = inbox
        self._ledger = ledger
        self._convert = convert
        self._directory = directory
        self._recorded = recorded
        self.calm = asyncio.Event()
        self.calm.set()
        self._arrived = asyncio.Event()
        self._stopping = False
        self._emptied: Callable[[], None] = lambda: None

    def on_empty(self, emptied: Callable[[], None]) -> None:
        """Call `emptied` each time when all that has arrived is in the store."""
        self._emptied = emptied

    def arrived(self) -> None:
        """Hint that the inbox holds something."""
        self._arrived.set()

    def stop(self) -> None:
        """End `run` once the inbox is empty or the store refuses."""
        self._stopping = True
        self.calm.set()
        self._arrived.set()

    async def run(self) -> None:
        failures = 0
        while True:
            self._arrived.clear()
            try:
                drained = await self._drain_some()
            except TransientError as error:
                if self._stopping:
                    return
                failures += 1
                log.warning("recording_delayed", error=str(error), inbox_depth=self._inbox.depth())
                await self._pause(backoff_seconds(failures, longest=_LONGEST_PAUSE_SECONDS))
                continue
            failures = 0
            if not drained:
                if self._stopping:
                    return
                self._emptied()
                await self._arrived.wait()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._arrived.wait(), seconds)
        except TimeoutError:
            return

    async def _drain_some(self) -> bool:
        """Record one batch; False when the inbox was empty. Raises TransientError."""
        entries = await self._next_batch()
        if not entries:
            return False
        contents = [one for entry in entries for one in self._contents(entry)]
        messages = [one for one in contents if isinstance(one, Message)]
        for start in range(0, len(messages), _ROWS_A_TRANSACTION):
            rows = messages[start : start + _ROWS_A_TRANSACTION]
            completed = [await self._completed(message) for message in rows]
            for one in await self._ledger.record(completed):
                log.info("message_skipped", id=one.message_id, reason=str(one.reason))
        if messages:
            old = sum(message.origin is Origin.HISTORY for message in messages)
            log.info("messages_recorded", count=len(messages), from_history=old)
            self._recorded()
        if found := [one for one in contents if isinstance(one, Receipt)]:
            await self._ledger.receive(found)
        await self._notice([one for one in contents if isinstance(one, Gap)])
        await asyncio.to_thread(self._inbox.remove, [entry.sequence for entry in entries])
        return True

    async def _next_batch(self) -> Sequence[InboxEntry]:
        """The oldest events; while they come in a burst, getting them in goes first."""
        self.calm.set()
        for _ in range(_MOST_LOOKS):
            before = self._inbox.depth()
            if before < _FLOOD or self._stopping:
                break
            self.calm.clear()
            await asyncio.sleep(_LOOK_SECONDS)
            if self._inbox.depth() - before < _FLOOD:
                break
        return await asyncio.to_thread(self._inbox.pending, _BATCH)

    async def _notice(self, gaps: Sequence[Gap]) -> None:
        """After the messages: what has arrived in the meantime is not missing."""
        if gaps:
            for gap in await self._ledger.notice(gaps):
                log.warning("message_may_be_missing", message_id=gap.message_id, reason=gap.reason)

    def _contents(self, entry: InboxEntry) -> Sequence[Message | Gap | Receipt]:
        try:
            return self._convert(entry)
        except PermanentError as error:
            # The raw event goes to the dead letters of the inbox, not to nothing.
            log.error("event_unreadable", sequence=entry.sequence, error=str(error))
            self._inbox.set_aside(entry, str(error))
            return ()

    async def _completed(self, message: Message) -> Message:
        """The message with its group's name and the number behind a lone LID."""
        if message.chat.is_group and not message.chat_name:
            return replace(message, chat_name=await self._directory.group_name(message.chat))
        if message.chat.is_lid and message.chat_alt is None and not message.from_me:
            number = await self._directory.number_of(message.chat)
            return replace(message, chat_alt=number, sender_alt=message.sender_alt or number)
        return message
