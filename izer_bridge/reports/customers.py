"""A shop's questions about a day: how many customers wrote, have an answer, wait, and how long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One message of a customer's chat. `wants_answer`: the analysis sees something to do."""

    chat_id: int
    at: datetime
    from_me: bool
    wants_answer: bool


@dataclass(frozen=True, slots=True)
class Customers:
    """`wrote = answered + waiting + nothing_to_answer`; the time is from their first unanswered
    message to the shop's next one, by a person or the bridge.
    """

    wrote: int
    answered: int
    waiting: int
    nothing_to_answer: int
    median_answer_seconds: int | None


def count(lines: Iterable[ChatLine]) -> Customers:
    """Of lines in chronological order."""
    chats: dict[int, _Chat] = {}
    for one in lines:
        chats.setdefault(one.chat_id, _Chat()).add(one)
    wrote = [chat for chat in chats.values() if chat.wrote]
    waits = [chat for chat in wrote if chat.since is not None]
    taken = [time for chat in wrote for time in chat.took]
    answered = sum(chat.since is None and bool(chat.took) for chat in wrote)
    return Customers(
        wrote=len(wrote),
        answered=answered,
        waiting=len(waits),
        nothing_to_answer=len(wrote) - answered - len(waits),
        median_answer_seconds=round(median(taken)) if taken else None,
    )


def shown(seconds: int | None) -> str:
    """In words: `4 min`, `1 h 20 min`."""
    if seconds is None:
        return "–"
    minutes = timedelta(seconds=seconds) // timedelta(minutes=1)
    if not minutes:
        return f"{seconds} s"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"


class _Chat:
    def __init__(self) -> None:
        self.wrote = False
        self.since: datetime | None = None
        self.took: list[float] = []

    def add(self, line: ChatLine) -> None:
        if not line.from_me:
            self.wrote = True
            if self.since is None and line.wants_answer:
                self.since = line.at
        elif self.since is not None:
            self.took.append((line.at - self.since).total_seconds())
            self.since = None
