"""Plans what newly recorded messages do to the replies of their chats; pure.

A message that the shop writes by hand cancels them and pauses the bridge there for a while; a
customer's next message withdraws the pending reply to the previous one, in a group only to their
own.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import NEEDS_A_PERSON, NOT_SAID, OURS, Origin
from izer_bridge.domain.message_state import SkipReason

# What the bridge has sent was taken into account when it was approved or written.
_NO_NEWS = OURS | {Origin.HISTORY}


class PauseReason(StrEnum):
    HUMAN = "human"
    OPERATOR = "operator"
    LIMITED = "limited"


class Arrival(NamedTuple):
    """A newly recorded message, as far as it says something in its chat now.

    `is_answer`: the shop's, by hand or by the bridge. `asks`: a customer's that can be answered.
    `writer_id` is None if the chat has only one customer.
    """

    chat_id: int
    message_id: str
    written_at: datetime
    is_answer: bool
    asks: bool
    writer_id: int | None


class Asker(NamedTuple):
    """A writer whose next message replaces the replies to their earlier ones."""

    chat_id: int
    writer_id: int | None


@dataclass(frozen=True, slots=True)
class TakeoverPlan:
    """`answered`: chats whose replies are cancelled, each with the end of its pause, if any.

    `superseded`: writers whose replies are replaced.
    """

    answered: Mapping[int, datetime | None]
    superseded: frozenset[Asker]


def arrivals(rows: Iterable[Mapping[str, Any]]) -> list[Arrival]:
    """Those of these rows of `webhook_messages` that say something, and do so now."""
    return [
        _arrival(row)
        for row in rows
        if row["kind"] not in NOT_SAID and row["origin"] not in _NO_NEWS
    ]


def _arrival(row: Mapping[str, Any]) -> Arrival:
    from_me = row["from_me"]
    # A message without anything to answer replaces no reply.
    is_answerable = row["skip_reason"] != SkipReason.EMPTY and row["kind"] not in NEEDS_A_PERSON
    is_group = not from_me and Jid.parse(row["chat_jid"]).is_group
    return Arrival(
        row["chat_id"],
        row["message_id"],
        row["chat_time"],
        is_answer=bool(from_me and not row["is_automatic"]),
        asks=is_answerable and not from_me,
        writer_id=row["sender_id"] if is_group else None,
    )


def plan_takeover(
    arrived: Collection[Arrival],
    own_ids: Collection[str],
    human_pause: timedelta,
    now: datetime,
) -> TakeoverPlan:
    """`own_ids` are the WhatsApp ids of the bridge's own sent messages, as far as known."""
    latest: dict[int, datetime] = {}
    for one in arrived:
        if one.is_answer and one.message_id not in own_ids:
            latest[one.chat_id] = max(one.written_at, latest.get(one.chat_id, one.written_at))
    return TakeoverPlan(
        {chat_id: _pause(written_at, human_pause, now) for chat_id, written_at in latest.items()},
        frozenset(Asker(one.chat_id, one.writer_id) for one in arrived if one.asks),
    )


def _pause(written_at: datetime, human_pause: timedelta, now: datetime) -> datetime | None:
    """Until when; a phone's clock that is ahead makes it no longer."""
    until = min(written_at, now) + human_pause
    return until if until > now else None


def prolongs(until: datetime | None, reason: PauseReason, known_until: datetime | None) -> bool:
    """Whether a pause replaces the chat's present one; None: until told otherwise.

    The longer one stays, but the operator's command takes precedence.
    """
    if reason is PauseReason.OPERATOR:
        return True
    return known_until is not None and (until is None or known_until < until)
