"""Hands due outbox rows to WhatsApp, one at a time, and never the same one twice.

A row is `sending` in the store before WhatsApp is called. A row left open by a crash, or by an
answer that never came, becomes `uncertain` and is only shown.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.outbox_state import OutboxKind
from izer_bridge.domain.outgoing import (
    HandedOver,
    MayBeHandedOverError,
    NotHandedOverError,
    Outgoing,
    RefusedBySenderError,
)
from izer_bridge.domain.retry import backoff_seconds
from izer_bridge.domain.send_limit import Limit
from izer_bridge.host.loop import Hint, Loop, within
from izer_bridge.replies.ports import Sender
from izer_bridge.replies.store.outbox import SqlOutbox

T = TypeVar("T")
log = structlog.get_logger(__name__)

_POLL_SECONDS = 1.0
_LAPSE_EVERY = timedelta(seconds=_POLL_SECONDS)
_AGAIN = timedelta(seconds=5)
_LONGEST_PAUSE_SECONDS = 15.0
_SECRET_BYTES = 32


class Arrivals(Protocol):
    """Arrivals from WhatsApp: how many ever, and how many are not recorded yet."""

    @property
    def appended(self) -> int: ...

    def depth(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SendSettings:
    """How long the bridge shows that it types, and how long a breaker stays open.

    A message not acknowledged by WhatsApp's server after `patience_seconds` is reported, and still
    waited for.
    """

    typing_seconds: float
    # WhatsApp lifts a ban without a stated end within the day; an operator may resume earlier.
    breaker: timedelta = timedelta(hours=12)
    patience_seconds: float = 60.0


class SendSignals:
    """Signals to the courier: that there may be something to send, and a ban.

    `ban_seconds` is for how long WhatsApp bans the account, until the courier has dealt with it; 0
    if WhatsApp names no end.
    """

    def __init__(self) -> None:
        self.hint = Hint()
        self.ban_seconds: int | None = None

    def banned(self, seconds: int) -> None:
        """WhatsApp has banned the account for a time."""
        self.ban_seconds = seconds
        self.hint()


class Courier:
    """Runs only in the process that holds the link."""

    def __init__(
        self,
        outbox: SqlOutbox,
        sender: Sender,
        arrivals: Arrivals,
        settings: SendSettings,
        now: Callable[[], datetime],
        signals: SendSignals,
    ) -> None:
        self._outbox = outbox
        self._sender = sender
        self._arrivals = arrivals
        self._settings = settings
        self._now = now
        self._signals = signals
        self._loop = Loop(
            "courier", self._step, _POLL_SECONDS, delayed="sending_delayed", hint=signals.hint
        )
        self._may_have_left_one = True
        self._lapsed_at: datetime | None = None
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._stopping = asyncio.Event()
        self._typed: int | None = None

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping.set()
        self._loop.stop()

    async def rested(self, timeout_seconds: float) -> None:
        """Wait until nothing is on its way to WhatsApp, within limits."""
        await within(self._at_rest, timeout_seconds)

    async def run(self) -> None:
        await self._loop.run()

    async def _name_abandoned(self) -> None:
        """Rows that this process was sending when it last ended may or may not have been sent."""
        for one in await self._outbox.abandoned():
            await self._uncertain(one, "the bridge ended while it was sent")
        self._may_have_left_one = False

    async def _step(self) -> bool:
        """Try to send one row; False if there is nothing to do now. Raises TransientError."""
        if self._may_have_left_one:
            await self._name_abandoned()
        account = self._sender.account
        if account is not None and self._signals.ban_seconds is not None:
            await self._rest_from(account, self._signals.ban_seconds)
            self._signals.ban_seconds = None
        await self._lapse()
        if account is None or not self._sender.is_ready:
            return False
        due = await self._outbox.next_due(account, only_hand=bool(self._arrivals.depth()))
        if due is None:
            return False
        await self._type(due)
        seen = self._arrivals.appended
        if self._must_wait(due):
            return True
        claimed = await self._outbox.claim(due.row_id, secrets.token_bytes(_SECRET_BYTES))
        if claimed is None:
            await self._sender.show_typing(due.chat, is_typing=False)
            return True
        self._at_rest.clear()
        self._may_have_left_one = True
        try:
            await self._hand_over(claimed, seen)
        finally:
            self._at_rest.set()
        self._may_have_left_one = False
        return True

    async def _lapse(self) -> None:
        """Now and then is enough: a hint means a new row, and a late row is not sent anyway."""
        now = self._now()
        if self._lapsed_at is None or abs(now - self._lapsed_at) >= _LAPSE_EVERY:
            await self._outbox.lapse()
            self._lapsed_at = now

    def _must_wait(self, due: Outgoing) -> bool:
        """What has arrived may be a person's own answer; nothing makes a person's own redundant."""
        return due.kind is not OutboxKind.HAND and self._arrivals.depth() > 0

    async def _type(self, due: Outgoing) -> None:
        """Once a row; guards are looked at after it, so that it may take its time.

        A person has typed for longer than that.
        """
        is_typed = self._typed == due.row_id or due.kind is OutboxKind.HAND
        if is_typed or not self._settings.typing_seconds:
            return
        self._typed = due.row_id
        await self._sender.show_typing(due.chat, is_typing=True)
        await within(self._stopping, self._settings.typing_seconds)

    async def _hand_over(self, claimed: Outgoing, seen: int) -> None:
        sending = asyncio.create_task(self._send_unless_moved(claimed, seen), name="sending")
        try:
            patience = self._settings.patience_seconds
            _, late = await asyncio.wait({sending}, timeout=patience)
            if late:
                log.warning("reply_not_acknowledged", **_about(claimed), seconds=patience)
            await self._write_down(claimed, sending)
        finally:
            sending.cancel()

    async def _send_unless_moved(self, claimed: Outgoing, seen: int) -> HandedOver:
        """Whatever has arrived since the guards were looked at may be a person's own answer."""
        has_news = self._arrivals.appended != seen and claimed.kind is not OutboxKind.HAND
        if has_news or self._stopping.is_set():
            raise NotHandedOverError("something has arrived in the meantime")
        return await self._sender.send(claimed)

    async def _write_down(self, claimed: Outgoing, sending: "asyncio.Task[HandedOver]") -> None:
        """What came of it; here ends whatever the sender raises, and nobody knows what that means.

        The store is waited for, for as long as this process lives.
        """
        try:
            handed = await sending
        except NotHandedOverError as error:
            await self._give_back(claimed, str(error))
        except RefusedBySenderError as error:
            await self._refused(claimed, error)
        except MayBeHandedOverError as error:
            await self._uncertain(claimed, str(error))
        except Exception as error:
            log.exception("sending_failed", **_about(claimed))
            await self._uncertain(claimed, f"internal error: {type(error).__name__}")
        else:
            await self._until_written(lambda: self._outbox.sent(claimed, handed))
            log.info("reply_sent", **_about(claimed), kind=str(claimed.kind))

    async def _give_back(self, claimed: Outgoing, why: str) -> None:
        until = self._now() if self._sender.is_ready else self._now() + _AGAIN
        await self._until_written(lambda: self._outbox.give_back(claimed, until, why))

    async def _refused(self, claimed: Outgoing, error: RefusedBySenderError) -> None:
        until = self._now() + self._settings.breaker
        limit = await self._until_written(lambda: self._outbox.refused(claimed, error, until))
        log.error("reply_refused", **_about(claimed), error=str(error))
        if limit is Limit.ACCOUNT:
            _say_stopped(str(error), until)
        elif limit is Limit.CHAT:
            log.warning(
                "chat_limited",
                **_about(claimed),
                until=until.isoformat(timespec="minutes"),
                hint="other chats go on; it ends by itself then, or after: izer-bridge chat resume",
            )

    async def _uncertain(self, claimed: Outgoing, why: str) -> None:
        whatsapp_id = await asyncio.to_thread(self._sender.id_of, claimed.secret)
        await self._until_written(lambda: self._outbox.uncertain(claimed, why, whatsapp_id))
        hint = "see: izer-bridge outbox list"
        log.warning("reply_uncertain", **_about(claimed), error=why, hint=hint)

    async def _rest_from(self, account: str, ban_seconds: int) -> None:
        why = "WhatsApp has banned this number"
        lasting = timedelta(seconds=ban_seconds) if ban_seconds > 0 else self._settings.breaker
        until = self._now() + lasting
        await self._outbox.open_breaker(account, until, why)
        _say_stopped(why, until)

    async def _until_written(self, write: Callable[[], Awaitable[T]]) -> T:
        failures = 0
        while True:
            try:
                return await write()
            except TransientError as error:
                failures += 1
                log.warning("sending_delayed", error=str(error))
                await asyncio.sleep(backoff_seconds(failures, longest=_LONGEST_PAUSE_SECONDS))


def _about(claimed: Outgoing) -> dict[str, int]:
    """What the log calls it: by its own row, and by that of the customer's message."""
    about = {"outbox": claimed.row_id}
    return about if claimed.message_row_id is None else about | {"row": claimed.message_row_id}


def _say_stopped(why: str, until: datetime) -> None:
    log.error(
        "sending_stopped",
        reason=why,
        until=until.isoformat(timespec="minutes"),
        hint="it goes on by itself then, or after: izer-bridge outbox resume",
    )
