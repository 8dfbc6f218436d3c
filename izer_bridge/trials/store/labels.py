"""The owner's corrections of messages' analyses, stored beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from izer_bridge.analysis.store import analyses
from izer_bridge.domain.analysis import Analysis
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import analytics_results, labels, webhook_messages
from izer_bridge.store.text import name as fitting_name
from izer_bridge.trials.scoring import Correction, Expected, accepting

_ROWS = webhook_messages.c
_SAID = labels.c.expected, labels.c.labelled_by, labels.c.updated_at


@dataclass(frozen=True, slots=True)
class Label:
    """The analyser's answer for a message, and the right one; who said so last, and when."""

    row_id: int
    message_id: str
    judged: Analysis
    expected: Expected
    labelled_by: str | None
    labelled_at: datetime


class Labels(OpenedStore):
    """Of the store at `url`; used as a context manager. Raises TransientError, ConfigError."""

    async def list(self) -> Sequence[Label]:
        """All, in the order of their messages."""
        query = (
            select(_ROWS.id, _ROWS.message_id, *_SAID, analytics_results)
            .join(labels, labels.c.webhook_message_id == _ROWS.id)
            .join(analytics_results, analytics_results.c.webhook_message_id == _ROWS.id)
            .order_by(_ROWS.id)
        )
        found = await self._database.read(lambda connection: connection.execute(query))
        return [
            Label(
                row._mapping[_ROWS.id],
                row._mapping[_ROWS.message_id],
                _judged(row),
                Expected.model_validate(row._mapping[labels.c.expected]),
                row._mapping[labels.c.labelled_by],
                row._mapping[labels.c.updated_at],
            )
            for row in found
        ]

    async def put(self, row_id: int, correction: Correction, by: str) -> Expected:
        """Label an analysed message, or change its label; returns what is right now.

        Fields not given stay as labelled, or else as analysed.
        """
        now = datetime.now(UTC)
        return await self._database.write(
            lambda connection: put_label(connection, row_id, correction, by, now)
        )

    async def remove(self, row_ids: Sequence[int]) -> None:
        change = delete(labels).where(labels.c.webhook_message_id.in_(row_ids))
        await self._database.write(lambda connection: connection.execute(change))


def put_label(
    connection: Connection, row_id: int, correction: Correction, by: str, now: datetime
) -> Expected:
    """As `Labels.put`. Raises LookupError for a message that is not there or not analysed."""
    known = _known(connection, row_id)
    expected = correction.of(known or _analysed(connection, row_id))
    values = {
        "expected": expected.model_dump(mode="json"),
        "updated_at": now,
        "labelled_by": fitting_name(by),
    }
    if known is not None:
        which = labels.c.webhook_message_id == row_id
        connection.execute(update(labels).where(which).values(**values))
    else:
        new = {"webhook_message_id": row_id, "created_at": now, **values}
        connection.execute(insert(labels).values(**new))
    return expected


def _known(connection: Connection, row_id: int) -> Expected | None:
    which = labels.c.webhook_message_id == row_id
    stored = connection.scalar(select(labels.c.expected).where(which))
    return None if stored is None else Expected.model_validate(stored)


def _analysed(connection: Connection, row_id: int) -> Expected:
    which = analytics_results.c.webhook_message_id == row_id
    found = connection.execute(select(analytics_results).where(which))
    row = found.one_or_none()
    if row is None:
        raise LookupError(f"message {row_id} is not there, or not analysed")
    return accepting(_judged(row))


def _judged(row: Row[Any]) -> Analysis:
    analysis = analyses.judged(row)
    if analysis is None:
        raise LookupError("a labelled message has no analysis")
    return analysis
