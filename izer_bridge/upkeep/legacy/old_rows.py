"""Converts old rows into our messages and rows; values that do not fit become defaults. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from izer_bridge.analysis import near_words
from izer_bridge.domain.analysis import Category, Priority, ResponseTime, Sentiment
from izer_bridge.domain.identity import NUMBER_SERVER, Jid, normalise_number
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.store.text import identifier
from izer_bridge.store.text import name as fitting_name

# The account of messages from POST /webhook, so that none is recorded twice.
ACCOUNT = "webhook"
ANALYSER = "legacy"
_NOBODY = "legacy"
_PHONE_LENGTH, _CODE_LENGTH, _TYPE_LENGTH, _AGENT_LENGTH, _URL_LENGTH = 32, 32, 50, 64, 2048

_USUAL_SCORE = 5

Old = Mapping[str, Any]
_WORDS: tuple[tuple[str, type[StrEnum], StrEnum], ...] = (
    ("category", Category, Category.GENERAL),
    ("sentiment", Sentiment, Sentiment.NEUTRAL),
    ("priority_level", Priority, Priority.NORMAL),
    ("recommended_response_time", ResponseTime, ResponseTime.ONE_DAY),
)


def sent_at(old: Old) -> datetime | None:
    """When it was sent, as far as known."""
    for name in ("chat_time", "created_at", "updated_at"):
        if isinstance(moment := old.get(name), datetime):
            return moment
    return None


def message_id(old: Old) -> str:
    """The old id; a blank one is replaced by one made from the row's id."""
    return identifier(str(old.get("message_id") or "").strip() or f"legacy-{old['id']}")


def message(old: Old, moment: datetime) -> Message:
    """As part of the history: it is not analysed again."""
    who = _address(str(old.get("phone_number") or ""), old["id"])
    return Message(
        account=ACCOUNT,
        message_id=message_id(old),
        chat=who,
        sender=who,
        sent_at=moment,
        kind=Kind.TEXT,
        text=old.get("current_message") or "",
        origin=Origin.HISTORY,
        chat_name=old.get("chat_name") or "",
    )


def _address(phone: str, row_id: int) -> Jid:
    try:
        jid = Jid.parse(phone.strip().removeprefix("+")) if "@" in phone else None
        if jid is not None and not jid.is_number:
            return jid
        return Jid(normalise_number(phone).removeprefix("+"), NUMBER_SERVER)
    except ValueError:
        return Jid(phone.strip()[:_PHONE_LENGTH] or str(row_id), _NOBODY)


def as_it_was(old: Old, moment: datetime) -> dict[str, Any]:
    """Columns of `webhook_messages` that recording would otherwise have created anew."""
    created = old.get("created_at") or moment
    values = {
        "raw_data": old.get("raw_data"),
        "is_vip_customer": bool(old.get("is_vip_customer")),
        "created_at": created,
        "updated_at": old.get("updated_at") or created,
    }
    phone = str(old.get("phone_number") or "")
    is_read = _address(phone, old["id"]).server != _NOBODY
    return values if is_read else values | {"phone_number": phone[:_PHONE_LENGTH]}


def history(old: Old, row_id: int, moment: datetime) -> dict[str, Any]:
    return {
        "webhook_message_id": row_id,
        "sender": fitting_name(old.get("sender") or ""),
        "content": old.get("content") or "",
        "timestamp": _time(old, "timestamp", moment),
        "message_type": str(old.get("message_type") or "text")[:_TYPE_LENGTH],
        "from_me": bool(old.get("from_me")),
        "created_at": _time(old, "created_at", moment),
    }


def analysis(old: Old, row_id: int, moment: datetime) -> dict[str, Any]:
    """Unknown values become defaults; `analysis_details.legacy` keeps the originals."""
    words = {name: _word(old.get(name), known, usual) for name, known, usual in _WORDS}
    strange = {name: old[name] for name, _, _ in _WORDS if old.get(name) not in (None, words[name])}
    details = old.get("analysis_details")
    details = dict(details) if isinstance(details, dict) else {}
    return {
        "webhook_message_id": row_id,
        "urgency_score": _score(old.get("urgency_score")),
        **words,
        "action_required": bool(old.get("action_required")),
        "keywords": _keywords(old.get("keywords")),
        "confidence_score": _share(old.get("confidence_score")),
        "analysis_details": details | ({"legacy": strange} if strange else {}),
        "processed_at": _time(old, "processed_at", moment),
        "analyser": ANALYSER,
        "second_at": _time(old, "processed_at", moment),
    }


def _word(value: Any, known: type[StrEnum], usual: StrEnum) -> str:
    meant = near_words.label_of(known, value)
    return str(meant) if meant in set(known) else str(usual)


def _score(value: Any) -> int:
    """From 1 to 10: anything above counts as the most urgent."""
    meant = near_words.score_of(float(value) if isinstance(value, Decimal) else value)
    return min(10, max(1, meant if isinstance(meant, int) else _USUAL_SCORE))


def _share(value: Any) -> float | None:
    """From 0 to 1, even if it was written in per cent."""
    meant = near_words.share_of(float(value) if isinstance(value, Decimal) else value)
    return min(1.0, max(0.0, meant)) if isinstance(meant, int | float) else None


def _keywords(value: Any) -> list[str]:
    meant = near_words.keywords_of(value)
    return [str(one) for one in meant] if isinstance(meant, list) else []


def routings(rows: Sequence[Old], row_id: int, moment: datetime) -> list[dict[str, Any]]:
    """All calls of one message, as attempts in their order."""
    return [
        {
            "webhook_message_id": row_id,
            "agent_type": str(old.get("agent_type") or "unknown")[:_AGENT_LENGTH],
            "agent_url": old.get("agent_url") and str(old["agent_url"])[:_URL_LENGTH],
            "routing_success": bool(old.get("routing_success")),
            "response_data": old.get("response_data"),
            "response_time_ms": old.get("response_time_ms"),
            "error_message": old.get("error_message"),
            "routed_at": _time(old, "routed_at", moment),
            "attempt_number": number,
        }
        for number, old in enumerate(rows, 1)
    ]


def register(old: Old, columns: Sequence[str], now: datetime) -> dict[str, Any]:
    """A row of the small tables: their columns are ours, except the row's id."""
    moments = {name: now for name in ("created_at", "updated_at") if name in columns}
    values = {name: old[name] for name in columns if name != "id" and old.get(name) is not None}
    for name in ("priority_level", "customer_type", "time_period"):
        if name in values:
            values[name] = str(values[name])[:_CODE_LENGTH]
    if "priority_level" in values:
        values["priority_level"] = str(near_words.label_of(Priority, values["priority_level"]))
    return moments | values


def _time(old: Old, name: str, otherwise: datetime) -> datetime:
    value = old.get(name)
    return value.astimezone(UTC) if isinstance(value, datetime) else otherwise
