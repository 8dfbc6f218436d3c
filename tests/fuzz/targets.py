"""The fuzz targets: how an input is made, what it is fed to, and which errors are an answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from izer_bridge.agents.http_agent import answer_of
from izer_bridge.analysis.openai_analyser import answer_of as openai_answer_of
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.store.text import dump_json
from izer_bridge.web.json_body import decode
from izer_bridge.web.problems import ProblemError
from izer_bridge.webhook.body import read_webhook
from izer_bridge.whatsapp.convert.messages import messages_of, receipts_of
from izer_bridge.whatsapp.crash_safety.gap_events import gaps_of
from izer_bridge.whatsapp.event_codes import EventCode
from tests.fuzz import mutation, protobufs
from tests.servers.openai import ANALYSIS, answering
from tests.web.fakes import request_body

ACCOUNT = "+905550000001"
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_ANSWER = {
    "reply": "Merhaba",
    "confidence": 0.9,
    "actions": [{"type": "appointment", "at": "2026-03-01T12:00:00Z"}],
    "needs_human": False,
}
_POSTED = request_body(
    type="image",
    fromMe=False,
    hasMedia=True,
    media={"mimetype": "image/jpeg", "filename": "a.jpg", "data": "/9j/4AAQ", "filesize": 6},
    location={"latitude": 41.0, "longitude": 29.0, "description": "Kadıköy"},
    author="905551112233@c.us",
    to="100000000000033@lid",
    sender_name="Ayşe",
)


@dataclass(frozen=True)
class Target:
    """`feed` says whether it accepted the input; any other exception is a crash."""

    name: str
    make: Callable[[Random], bytes]
    feed: Callable[[bytes], bool]

    def input(self, seed: int, number: int) -> bytes:
        """The `number`-th input of `seed`, whichever came before."""
        return self.make(Random(f"{seed}:{self.name}:{number}"))


def _convert(code: EventCode) -> Callable[[bytes], bool]:
    def feed(payload: bytes) -> bool:
        try:
            messages = messages_of(code, payload, ACCOUNT)
            gaps_of(code, payload, ACCOUNT, _NOW)
        except PermanentError:
            return False
        for message in messages:
            _ = message.announced
        return True

    return feed


def _receipt(payload: bytes) -> bool:
    try:
        receipts_of(EventCode.RECEIPT, payload, ACCOUNT)
    except PermanentError:
        return False
    return True


def _webhook(body: bytes) -> bool:
    try:
        webhook = read_webhook(decode(body))
    except ProblemError as problem:
        if not 400 <= problem.status < 500:
            raise
        return False
    dump_json(webhook.raw)
    return True


def _agent(content: bytes) -> bool:
    try:
        dump_json(answer_of(content, "fuzzed"))
    except PermanentError:
        return False
    return True


def _openai(content: bytes) -> bool:
    try:
        dump_json(openai_answer_of(content).analysis.as_json())
    except (PermanentError, TransientError):
        return False
    return True


def _openai_answer(random: Random) -> bytes:
    """A right answer around a wrong analysis, or a wrong answer around a right one."""
    if random.random() < 0.7:
        analysis = mutation.encoded(mutation.document(ANALYSIS, random), random)
        return answering(analysis.decode("utf-8", "replace")).body
    return mutation.encoded(
        mutation.document({"choices": [{"message": {"content": "{}", "refusal": None}}]}, random),
        random,
    )


TARGETS = (
    Target("message", protobufs.message_event, _convert(EventCode.MESSAGE)),
    Target("history", protobufs.history_event, _convert(EventCode.HISTORY_SYNC)),
    Target("receipt", protobufs.receipt_event, _receipt),
    Target("undecryptable", protobufs.undecryptable_event, _convert(EventCode.UNDECRYPTABLE)),
    Target(
        "webhook",
        lambda random: mutation.encoded(mutation.document(_POSTED, random), random),
        _webhook,
    ),
    Target(
        "agent",
        lambda random: mutation.encoded(mutation.document(_ANSWER, random), random),
        _agent,
    ),
    Target("openai", _openai_answer, _openai),
)
