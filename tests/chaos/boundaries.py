"""Named places between two steps of a message's way, where a bridge can be made to die.

They wrap the product's own methods from outside, in the process that a test starts: the product
knows nothing of them. `NAME:before` and `NAME:after` are the two sides of one call.
"""

import os
import signal
from collections.abc import Callable
from importlib import import_module
from typing import Any

from izer_bridge.agents.builtin.four import Specialist
from izer_bridge.agents.http_agent import HttpAgent
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.media.files import MediaFiles
from izer_bridge.people.store.contacts import Contacts
from izer_bridge.pipeline.record import Recorder
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import _Book
from izer_bridge.pipeline.worker import Worker
from izer_bridge.replies.send import Courier
from izer_bridge.replies.store.outbox import SqlOutbox
from izer_bridge.replies.store.outbox_files import SqlOutboxFiles
from izer_bridge.store.database import Database
from izer_bridge.web.store import SqlAnswers
from izer_bridge.whatsapp.client.callbacks import GoCalls
from izer_bridge.whatsapp.client.lookup import WhatsAppDirectory
from izer_bridge.whatsapp.client.send import WhatsAppSender
from izer_bridge.whatsapp.crash_safety.ratchet_snapshots import RatchetKeeper
from izer_bridge.whatsapp.crash_safety.receipt_gate import Gate
from izer_bridge.whatsapp.receive.inbox_writer import InboxWriter
from izer_bridge.whatsapp.receive.receiver import Receiver
from izer_bridge.writing.store.written import SqlWriting

# Only now: the link loads it in its own way.
_CLIENT = import_module("neonize.aioze.client").NewAClient
STEPS: dict[str, tuple[type, str]] = {
    "log": (Receiver, "on_log"),
    "received": (Gate, "_on_received"),
    "decrypting": (Gate, "_on_decrypting"),
    "receipt": (Gate, "_hold_receipt"),
    "note": (RatchetKeeper, "note"),
    "copy": (RatchetKeeper, "_has_copied"),
    "done": (RatchetKeeper, "done"),
    "event": (GoCalls, "_on_event"),
    "receive": (Receiver, "receive"),
    "put": (InboxWriter, "put"),
    "append": (SqliteInbox, "append"),
    "durable": (Gate, "durable"),
    "pending": (SqliteInbox, "pending"),
    "convert": (Recorder, "_read"),
    "complete": (Recorder, "_completed"),
    "group_name": (WhatsAppDirectory, "group_name"),
    "record": (SqlLedger, "record"),
    "contacts": (Contacts, "load"),
    "enter": (_Book, "enter"),
    "insert": (_Book, "close"),
    "transaction": (Database, "_persist"),
    "remove": (SqliteInbox, "remove"),
    "claim": (SqlLedger, "claim"),
    "work": (Worker, "_advance"),
    "analysed": (SqlLedger, "analysed"),
    "dispatch": (Worker, "_dispatched"),
    "call": (HttpAgent, "process"),
    "attempted": (SqlLedger, "attempted"),
    "settle": (SqlLedger, "settle"),
    "at_once": (Worker, "_at_once"),
    "answer": (Specialist, "process"),
    "finish": (SqlLedger, "finish"),
    "finished": (Worker, "_finished_together"),
}
# Only a bridge with built-in agents reaches all of these.
IN_ONE_GO = ("at_once", "answer", "finish", "finished")
# Only a bridge that answers reaches all of these.
REPLY_STEPS: dict[str, tuple[type, str]] = {
    "reply_abandoned": (SqlOutbox, "abandoned"),
    "reply_uncertain": (SqlOutbox, "uncertain"),
    "reply_settle": (SqlLedger, "settle"),
    "reply_lapse": (SqlOutbox, "lapse"),
    "reply_due": (SqlOutbox, "next_due"),
    "reply_typing": (_CLIENT, "send_chat_presence"),
    "reply_claim": (SqlOutbox, "claim"),
    "reply_guards": (SqlOutbox, "_held_back"),
    "reply_hand_over": (Courier, "_hand_over"),
    "reply_still": (Courier, "_send_unless_moved"),
    "reply_send": (WhatsAppSender, "send"),
    "reply_call": (_CLIENT, "send_message"),
    "reply_write_down": (Courier, "_write_down"),
    "reply_sent": (SqlOutbox, "sent"),
    "reply_receipts": (SqlLedger, "receive"),
}
# Only what people and programs write reaches all of these.
WRITING_STEPS: dict[str, tuple[type, str]] = {
    "written": (SqlWriting, "write"),
    "written_answer": (SqlAnswers, "keep"),
    "upload_due": (SqlOutboxFiles, "next_due"),
    "upload_read": (MediaFiles, "read"),
    "upload": (WhatsAppSender, "upload"),
    "upload_call": (_CLIENT, "upload"),
    "uploaded": (SqlOutboxFiles, "uploaded"),
}
BOUNDARIES = tuple(f"{step}:{side}" for step in STEPS for side in ("before", "after"))
REPLY_BOUNDARIES = tuple(f"{step}:{side}" for step in REPLY_STEPS for side in ("before", "after"))

_SENDING = ("reply_claim", "reply_call", "reply_sent")
WRITING_BOUNDARIES = (
    *(f"{step}:{side}" for step in WRITING_STEPS for side in ("before", "after")),
    *(one for one in REPLY_BOUNDARIES if one.startswith(_SENDING)),
)


def die_at(boundary: str, count: int) -> None:
    """Kill this process, as `kill -9` does, when `boundary` is reached for the `count`-th time.

    Raises KeyError for a boundary that does not exist.
    """
    step, _, side = boundary.partition(":")
    owner, name = (STEPS | REPLY_STEPS | WRITING_STEPS)[step]
    left = [count]

    def reached() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, _wrapped(getattr(owner, name), reached, is_before=side == "before"))


def _wrapped(function: Any, reached: Callable[[], None], *, is_before: bool) -> Any:
    if _is_coroutine(function):

        async def around_coroutine(*values: Any, **named: Any) -> Any:
            if is_before:
                reached()
            result = await function(*values, **named)
            if not is_before:
                reached()
            return result

        return around_coroutine

    def around(*values: Any, **named: Any) -> Any:
        if is_before:
            reached()
        result = function(*values, **named)
        if not is_before:
            reached()
        return result

    return around


def _is_coroutine(function: Any) -> bool:
    return bool(function.__code__.co_flags & 0x80)
