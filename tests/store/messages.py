"""Messages for the store's tests; every field has a default."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from izer_bridge.domain.analysis import Analysis, Category, Priority, ResponseTime, Sentiment
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.domain.work import AnalysisRecord, Attempt

ACCOUNT = "+905550000001"
NUMBER = Jid.parse("905551112233@s.whatsapp.net")
LID = Jid.parse("100000000000033@lid")
GROUP = Jid.parse("120363000000000042@g.us")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

ANALYSIS = Analysis(
    urgency_score=7,
    category=Category.TECHNICAL,
    sentiment=Sentiment.URGENT,
    priority_level=Priority.HIGH,
    action_required=True,
    recommended_response_time=ResponseTime.ONE_HOUR,
    keywords=("fren", "acil"),
    business_context="Fren arızası",
    suggested_next_action="Müşteriyi ara",
    language="tr",
    confidence=0.93,
    explanation=("fren: technical",),
)
IN_DANGER = replace(ANALYSIS, dangers=(Danger.INJURY, Danger.RIDE))
RECORD = AnalysisRecord(ANALYSIS, "local", "no OpenAI key is set", None, None)
ATTEMPT = Attempt("business_workflow", None, "category technical", True, {"ok": 1}, 12, None)
FAILED = Attempt("business_workflow", "http://a", "default", False, None, 30, "answered 503")


def message(number: int, text: str = "Merhaba", **fields: Any) -> Message:
    """The `number`-th message, a second after the one before, in the chat with `NUMBER`."""
    values: dict[str, Any] = {
        "account": ACCOUNT,
        "message_id": f"3EB0{number:06d}",
        "chat": NUMBER,
        "sender": fields.get("chat", NUMBER),
        "sent_at": NOON + timedelta(seconds=number),
        "kind": Kind.TEXT,
        "text": text,
        "origin": Origin.LIVE,
        "sender_name": "Ayşe",
    }
    return Message(**(values | fields))


def in_group(number: int, text: str = "Merhaba", **fields: Any) -> Message:
    """In a group of the shop's own."""
    values: dict[str, Any] = {"chat": GROUP, "sender": LID, "sender_alt": NUMBER}
    values |= {"chat_name": "Tedarikçiler", "shop_is_admin": True}
    return message(number, text, **(values | fields))
