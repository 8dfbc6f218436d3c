"""Drains the inbox into the store, in order of arrival, many messages per transaction.

An error raised by one event costs that event alone: it is set aside, raw, with the error's kind. A
store that is away, or refuses every other message too, costs no event: all of them wait.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import structlog

from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.domain.fault import Fault, fault_of
from izer_bridge.domain.gap import Gap
from izer_bridge.domain.identity import Jid, redact
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.domain.outgoing import Receipt
from izer_bridge.host.loop import Loop
from izer_bridge.inbox.entry import InboxEntry
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.ports import Ledger
from izer_bridge.pipeline.signals import RecordSignals

log = structlog.get_logger(__name__)

T = TypeVar("T")

_BATCH = 200
# This many events since the last look are a burst: receiving them takes precedence over recording.
_FLOOD = 12
_LOOK_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 2.0
_ROWS_A_TRANSACTION = 1_000
# Events that the operator has put back into the inbox give no hint.
_POLL_SECONDS = 2.0
# An old group's JID begins with a phone number, so the log does not show it.
_CONFIRM = "where it is the shop's: izer-bridge group confirm JID; see: izer-bridge status"

_Content = Message | Gap | Receipt


class Directory(Protocol):
    """Looks up what a message does not carry itself; may wait for the link, within limits."""

    async def group_name(self, group: Jid) -> str: ...

    async def number_of(self, lid: Jid) -> Jid | None: ...

    async def is_admin(self, group: Jid, member: Sequence[Jid]) -> bool | None:
        """None if WhatsApp cannot be asked now; `member` holds one person's addresses."""
        ...

    async def shop_is_admin(self, group: Jid) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class _Read:
    """An inbox event and its contents."""

    entry: InboxEntry
    contents: Sequence[_Content]


class Recorder:
    """Moves events from the inbox to the store; an event leaves the inbox after its commit."""

    def __init__(
        self,
        inbox: SqliteInbox,
        ledger: Ledger,
        convert: Callable[[InboxEntry], Sequence[Message | Gap | Receipt]],
        directory: Directory,
        signals: RecordSignals,
    ) -> None:
        self._inbox = inbox
        self._ledger = ledger
        self._convert = convert
        self._directory = directory
        self._signals = signals
        self._signals.calm.set()
        self._unconfirmed: set[Jid] = set()
        self._seen = 0
        self._loop = Loop(
            "recorder",
            self._drain_some,
            _POLL_SECONDS,
            delayed="recording_delayed",
            to_the_end=True,
            hint=signals.arrived,
        )

    def stop(self) -> None:
        """Make `run` end once the inbox is empty or the store refuses."""
        self._loop.stop()
        self._signals.calm.set()

    async def run(self) -> None:
        await self._loop.run()

    async def _drain_some(self) -> bool:
        """Record one batch; False if the inbox is empty then. Raises TransientError."""
        entries = await self._next_batch()
        if not entries:
            self._signals.emptied()
            return False
        read = [one for entry in entries if (one := await self._read(entry))]
        if isinstance(fault := await _tried(self._record(read)), Fault):
            log.warning("batch_refused", count=len(read), kind=fault.kind, place=fault.place)
            await self._ledger.rehearse()
            await self._record_each(read)
        await asyncio.to_thread(self._inbox.remove, [one.entry.sequence for one in read])
        if self._inbox.depth() or not self._signals.calm.is_set():
            # The next step sees whether the burst is over, for which others wait.
            return True
        self._signals.emptied()
        return False

    async def _next_batch(self) -> Sequence[InboxEntry]:
        """The oldest events."""
        await self._let_in()
        return await asyncio.to_thread(self._pending)

    def _pending(self) -> Sequence[InboxEntry]:
        self._inbox.take_back()
        return self._inbox.pending(_BATCH)

    async def _let_in(self) -> None:
        """During a burst, leave the interpreter to the threads that receive events."""
        began = time.monotonic()
        while not self._loop.is_stopping and time.monotonic() - began < _LONGEST_WAIT_SECONDS:
            came = self._inbox.appended - self._seen
            self._seen += came
            if came < _FLOOD:
                break
            self._signals.calm.clear()
            await asyncio.sleep(_LOOK_SECONDS)
        if self._inbox.depth() < _FLOOD:
            self._signals.calm.set()

    async def _read(self, entry: InboxEntry) -> _Read | None:
        """None for an event that was set aside. Raises TransientError."""
        found = await _tried(self._contents(entry))
        if isinstance(found, Fault):
            await self._set_aside(entry, found, "it cannot be read")
            return None
        return _Read(entry, found)

    async def _contents(self, entry: InboxEntry) -> Sequence[_Content]:
        return self._convert(entry)

    async def _record(self, read: Sequence[_Read]) -> None:
        """Record all of them, in order. Raises what the first faulty one raises."""
        contents = [content for one in read for content in one.contents]
        messages = [one for one in contents if isinstance(one, Message)]
        for some in _in_parts(messages):
            await self._write([await self._completed(message) for message in some])
        self._tell(messages)
        await self._end(contents)

    async def _record_each(self, read: Sequence[_Read]) -> None:
        """Record them one by one, so that only faulty ones are set aside. Raises TransientError.

        Gaps come last, as always: a message that has arrived in the meantime is not missing.
        """
        for one in sorted(read, key=lambda one: any(isinstance(it, Gap) for it in one.contents)):
            messages = [it for it in one.contents if isinstance(it, Message)]
            faults = await self._write_apart(messages)
            reason = "the store does not take it"
            if len(messages) > 1 and faults:
                reason = f"the store does not take {len(faults)} of its {len(messages)} messages"
            if isinstance(fault := await _tried(self._end(one.contents)), Fault):
                faults.append(fault)
            if faults:
                await self._ledger.rehearse()
                await self._set_aside(one.entry, faults[0], reason)

    async def _write_apart(self, messages: Sequence[Message]) -> list[Fault]:
        """Write all but the faulty ones, in as few transactions as possible; returns the faults."""
        tried = [await _tried(self._completed(message)) for message in messages]
        faults = [one for one in tried if isinstance(one, Fault)]
        recorded: list[Message] = []
        waiting = _in_parts([one for one in tried if isinstance(one, Message)])[::-1]
        while waiting:
            some = waiting.pop()
            fault = await _tried(self._write(some))
            if fault is None:
                recorded.extend(some)
            elif len(some) == 1:
                faults.append(fault)
            else:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
        self._tell(recorded)
        return faults

    async def _write(self, messages: Sequence[Message]) -> None:
        """Write in one transaction. Raises what the store raises."""
        if len(messages) < _FLOOD:
            self._signals.recording()
        screened = await self._ledger.record(messages)
        for one in screened.skipped:
            log.info("message_skipped", id=one.message_id, reason=str(one.reason))
        for group in set(screened.unconfirmed) - self._unconfirmed:
            self._unconfirmed.add(group)
            log.warning("critical_group_unconfirmed", group=redact(str(group)), hint=_CONFIRM)

    def _tell(self, messages: Sequence[Message]) -> None:
        if messages:
            old = sum(message.origin is Origin.HISTORY for message in messages)
            log.info("messages_recorded", count=len(messages), from_history=old)
            self._signals.recorded(any(message.media is not None for message in messages))

    async def _end(self, contents: Sequence[_Content]) -> None:
        """Record receipts, then gaps, once the messages are stored."""
        if found := [one for one in contents if isinstance(one, Receipt)]:
            for one in await self._ledger.receive(found):
                about = {} if one.message_row_id is None else {"row": one.message_row_id}
                log.info("reply_received", outbox=one.row_id, how_far=str(one.how_far), **about)
        await self._notice([one for one in contents if isinstance(one, Gap)])

    async def _notice(self, gaps: Sequence[Gap]) -> None:
        """Runs after the messages: one that has arrived in the meantime is not missing."""
        if gaps:
            for gap in await self._ledger.notice(gaps):
                log.warning("message_may_be_missing", message_id=gap.message_id, reason=gap.reason)

    async def _set_aside(self, entry: InboxEntry, fault: Fault, reason: str) -> None:
        """Keep the event raw and report it to the operator: `izer-bridge dlq`."""
        log.error(
            "event_set_aside",
            sequence=entry.sequence,
            kind=fault.kind,
            reason=reason,
            place=fault.place,
            hint="see: izer-bridge dlq list",
        )
        await asyncio.to_thread(self._inbox.set_aside, entry, fault.kind, reason)

    async def _completed(self, message: Message) -> Message:
        """The message with its group's name, and the people behind the LIDs in its text."""
        directory = self._directory
        if message.chat.is_group:
            message = await self._with_group(message)
        elif message.chat.is_lid and message.chat_alt is None and not message.from_me:
            number = await directory.number_of(message.chat)
            message = replace(message, chat_alt=number, sender_alt=message.sender_alt or number)
        if any(one.jid.is_lid for one in message.context.mentions):
            message = await self._with_mentions(message)
        if message.kind is Kind.REVOKE and message.chat.is_group:
            message = await self._with_right(message)
        return message

    async def _with_group(self, message: Message) -> Message:
        """Add the group's name and whether the shop is its admin, but ask nothing for history."""
        name = message.chat_name or await self._directory.group_name(message.chat)
        is_admin = None
        if name and message.origin is Origin.LIVE:
            is_admin = await self._directory.shop_is_admin(message.chat)
        return replace(message, chat_name=name, shop_is_admin=is_admin)

    async def _with_mentions(self, message: Message) -> Message:
        mentions = [
            replace(one, other=await self._directory.number_of(one.jid)) if one.jid.is_lid else one
            for one in message.context.mentions
        ]
        return replace(message, context=replace(message.context, mentions=tuple(mentions)))

    async def _with_right(self, message: Message) -> Message:
        """Only a group's admin may revoke another's message; admins match by number or LID."""
        sender, other = message.sender, message.sender_alt
        if sender.is_lid and other is None:
            other = await self._directory.number_of(sender)
        member = [one for one in (sender, other) if one is not None]
        by_admin = await self._directory.is_admin(message.chat, member)
        return replace(message, sender_alt=other, by_admin=by_admin)


def _in_parts(messages: Sequence[Message]) -> list[Sequence[Message]]:
    """Split into parts small enough for one transaction."""
    size = _ROWS_A_TRANSACTION
    return [messages[start : start + size] for start in range(0, len(messages), size)]


async def _tried(doing: Awaitable[T]) -> T | Fault:
    """The error border: the result, or the fault. Raises TransientError, ConfigError."""
    try:
        return await doing
    except (TransientError, ConfigError):
        raise
    except Exception as error:  # noqa: BLE001 - it is named, and costs one event
        return fault_of(error)
