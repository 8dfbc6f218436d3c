"""The contents of the ledger's events: the facts and, separately, what people wrote."""

from collections.abc import Mapping
from typing import Any

from izer_bridge.domain.context_info import read_context
from izer_bridge.domain.gap import Gap
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.domain.work import AnalysisRecord, Work
from izer_bridge.events.store.emit import Told

# Rows that are in the store without having been said to anybody.
_NOT_SAID = frozenset(map(str, (Kind.EDIT, Kind.REVOKE, Kind.PROTOCOL)))
_NOT_MEANT = ("status@broadcast", "@newsletter")


def is_news(row: Mapping[str, Any]) -> bool:
    """Whether others want to hear of a message that is being recorded."""
    is_meant = not row["chat_jid"].endswith(_NOT_MEANT)
    return is_meant and row["origin"] != Origin.HISTORY and row["kind"] not in _NOT_SAID


def of_message(row: Mapping[str, Any]) -> Told:
    """For a row of `webhook_messages` as it is written."""
    around = read_context(row["context_info"])
    data = {
        "message_id": row["message_id"],
        "account": row["account"],
        "chat": row["chat_jid"],
        "chat_name": row["chat_name"],
        "sender": row["sender_jid"],
        "sender_name": row["sender_name"],
        "phone_number": row["phone_number"],
        "from_me": row["from_me"],
        "kind": row["kind"],
        "origin": row["origin"],
        "sent_at": row["chat_time"].isoformat(),
        "is_vip": row["is_vip_customer"],
        "is_critical_group": row["is_critical_group"],
        "media_type": row["media_mimetype"],
        "media_size": row["media_size"],
        "target_id": row["target_id"],
        "is_automatic": row["is_automatic"],
        "is_forwarded": around.is_forwarded,
    }
    texts = {"text": row["current_message"], "file_name": row["media_file_name"]}
    if around.quoted is not None:
        texts["quoted_text"] = around.quoted.text
    if around.advert is not None:
        texts |= {"advert": around.advert.words, "advert_link": around.advert.link}
    return data, texts


def of_change(message: Message) -> Told:
    """For an edit or a revoke; `message_id` is the message that was changed."""
    data = {
        "message_id": message.target_id,
        "account": message.account,
        "chat": str(message.chat),
        "sender": str(message.sender),
        "from_me": message.from_me,
        "changed_by": message.message_id,
        "changed_at": message.sent_at.isoformat(),
    }
    return data, {"text": message.text} if message.kind is Kind.EDIT else {}


def of_analysis(work: Work, record: AnalysisRecord) -> Told:
    analysis = record.analysis
    data = {
        **_which(work),
        "urgency_score": analysis.urgency_score,
        "category": str(analysis.category),
        "sentiment": str(analysis.sentiment),
        "priority_level": str(analysis.priority_level),
        "action_required": analysis.action_required,
        "recommended_response_time": str(analysis.recommended_response_time),
        "answer_within_minutes": record.answer_within_minutes,
        "language": analysis.language,
        "analyser": record.analyser,
        "model": record.model,
        "raised_because": record.raised_because,
    }
    return data, {
        "keywords": list(analysis.keywords),
        "business_context": analysis.business_context,
        "suggested_next_action": analysis.suggested_next_action,
    }


def of_death(work: Work, error: str) -> Mapping[str, Any]:
    return {**_which(work), "attempts": work.attempts, "error": error}


def of_gap(gap: Gap) -> Told:
    data = {
        "message_id": gap.message_id,
        "account": gap.account,
        "chat": str(gap.chat or ""),
        "sender": str(gap.sender or ""),
        "reason": str(gap.reason),
        "detail": gap.detail,
        "noticed_at": gap.noticed_at.isoformat(),
    }
    return data, {}


def _which(work: Work) -> dict[str, Any]:
    message = work.message
    return {
        "row_id": work.row_id,
        "message_id": message.message_id,
        "account": message.account,
        "chat": str(message.chat),
        "sender": str(message.sender),
    }
