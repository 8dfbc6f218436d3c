"""The media rows: what is left to do for each file, and what came of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update

from izer_bridge.domain.message import Kind, Media
from izer_bridge.domain.message_state import State
from izer_bridge.media.decide import HOLD_SECONDS, MediaState, wording_of
from izer_bridge.media.ports import Attachment, KeptFile
from izer_bridge.store import changed_hours, full_text
from izer_bridge.store.database import Database
from izer_bridge.store.message_key import KEY_COLUMNS, Key
from izer_bridge.store.tables import media, webhook_messages
from izer_bridge.store.text import clean
from izer_bridge.store.text import name as fitting_name

_MEDIA, _ROWS = media.c, webhook_messages.c
_HOLD = timedelta(seconds=HOLD_SECONDS)
_NO_SOURCE = "the message does not say where its file lies"


def held_until(medium: Media, now: datetime) -> datetime | None:
    """Until when at most this medium holds its message back from analysis."""
    return None if medium.source is None else now + _HOLD


def expect(connection: Connection, expected: Mapping[Key, Media], now: datetime) -> None:
    """Add rows for messages' media, by the keys of messages that are inserted already."""
    found = connection.execute(
        select(_ROWS.id, _ROWS.kind, *KEY_COLUMNS)
        .outerjoin(media, _MEDIA.webhook_message_id == _ROWS.id)
        .where(_ROWS.message_id.in_({one.message_id for one in expected}))
        .where(_MEDIA.id.is_(None))
    )
    rows = [
        _new_row(one.id, one.kind, expected[Key.of(one._asdict())], now)
        for one in found
        if Key.of(one._asdict()) in expected
    ]
    if rows:
        connection.execute(insert(media), rows)


def _new_row(message_row_id: int, kind: str, medium: Media, now: datetime) -> dict[str, Any]:
    has_source = medium.source is not None
    return {
        "webhook_message_id": message_row_id,
        "kind": kind,
        "declared_type": fitting_name(medium.mimetype),
        "size": medium.size,
        "source": medium.source,
        "state": str(MediaState.PENDING if has_source else MediaState.FAILED),
        "next_attempt_at": now if has_source else None,
        "last_error": None if has_source else _NO_SOURCE,
        "created_at": now,
        "updated_at": now,
    }


def enclose(
    connection: Connection, message_row_id: int, file: KeptFile | MediaState, now: datetime
) -> None:
    """Add a file that came in the same request, or why it was not kept; it may still need words."""
    row = _MEDIA.webhook_message_id == message_row_id
    if isinstance(file, MediaState):
        values: dict[str, Any] = {"state": str(file), "last_error": None}
        connection.execute(update(media).where(row).values(**values))
        return
    kind = connection.scalar(select(_MEDIA.kind).where(row))
    is_worded = kind is not None and wording_of(Kind(kind), file.mimetype, file.size) is not None
    values = _kept(file) | {"next_attempt_at": now if is_worded else None}
    connection.execute(update(media).where(row).values(**values))
    if is_worded:
        held = update(webhook_messages).where(_ROWS.id == message_row_id)
        connection.execute(held.values(next_attempt_at=now + _HOLD))


def enclose_sent(
    connection: Connection, row: Select[Any], kind: Kind, file: KeptFile, now: datetime
) -> None:
    """Add a file that the bridge has sent, for readers of its chat; `row` is its message."""
    connection.execute(
        insert(media).values(
            webhook_message_id=row.scalar_subquery(),
            kind=str(kind),
            declared_type=fitting_name(file.mimetype),
            created_at=now,
            updated_at=now,
            **_kept(file),
        )
    )


def _kept(file: KeptFile) -> dict[str, Any]:
    return {
        "state": str(MediaState.KEPT),
        "found_type": fitting_name(file.mimetype),
        "size": file.size,
        "sha256": file.sha256,
        "path": file.path,
        "attempts": 0,
        "last_error": None,
    }


class SqlMedia:
    """See `media.ports.MediaLedger`. `store` waits for a database that has its tables."""

    def __init__(
        self, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock

    async def due(self, account: str | None, limit: int) -> Sequence[Attachment]:
        """Media with work left now; those never tried come first."""
        is_here = _MEDIA.state == str(MediaState.KEPT)
        query = (
            select(media)
            .join(webhook_messages, _ROWS.id == _MEDIA.webhook_message_id)
            .where(_MEDIA.next_attempt_at <= self._clock(), or_(is_here, _ROWS.account == account))
            .order_by(_MEDIA.attempts, _MEDIA.next_attempt_at, _MEDIA.id)
            .limit(limit)
        )
        found = await (await self._store()).read(lambda connection: connection.execute(query))
        return [_attachment(row) for row in found]

    async def file_of(self, row_id: int) -> KeptFile:
        """The kept file of this row. Raises LookupError, which says why there is none."""
        query = select(media).where(_MEDIA.id == row_id)
        found = await (await self._store()).read(
            lambda connection: connection.execute(query).one_or_none()
        )
        if found is None:
            raise LookupError(f"there is no file {row_id}")
        file = _attachment(found).file
        if file is None:
            raise LookupError(f"file {row_id} is not here: {found.state}")
        return file

    async def kept(self, one: Attachment, file: KeptFile, *, is_worded_next: bool) -> None:
        await self._write(
            one,
            is_released=not is_worded_next,
            next_attempt_at=self._clock() if is_worded_next else None,
            **_kept(file),
        )

    async def worded(self, one: Attachment, words: str) -> None:
        await self._write(
            one,
            words=clean(words),
            worded_at=self._clock(),
            next_attempt_at=None,
            last_error=None,
        )

    async def postpone(self, one: Attachment, until: datetime, error: str) -> None:
        await self._write(
            one, attempts=one.attempts + 1, next_attempt_at=until, last_error=clean(error)
        )

    async def end(self, one: Attachment, state: MediaState, error: str | None) -> None:
        await self._write(
            one, state=str(state), next_attempt_at=None, last_error=error and clean(error)
        )

    async def _write(self, one: Attachment, *, is_released: bool = True, **values: Any) -> None:
        now = self._clock()

        def change(connection: Connection) -> None:
            changed_hours.mark_rows(connection, _ROWS.id == one.message_row_id, now)
            connection.execute(
                update(media).where(_MEDIA.id == one.row_id).values(updated_at=now, **values)
            )
            if "words" in values:
                full_text.mark_stale(connection, [one.message_row_id])
            if is_released:
                _release(connection, one.message_row_id, now)

        await (await self._store()).write(change)


def _release(connection: Connection, message_row_id: int, now: datetime) -> None:
    """Let the message be analysed; until then only its medium holds it back."""
    connection.execute(
        update(webhook_messages)
        .where(
            _ROWS.id == message_row_id,
            _ROWS.state == str(State.RECORDED),
            _ROWS.next_attempt_at > now,
        )
        .values(next_attempt_at=None)
    )


def _attachment(row: Row[Any]) -> Attachment:
    file = None
    if row.state == MediaState.KEPT:
        file = KeptFile(row.path, row.sha256, row.found_type, row.size)
    return Attachment(
        row_id=row.id,
        message_row_id=row.webhook_message_id,
        kind=Kind(row.kind),
        declared_size=row.size,
        attempts=row.attempts,
        source=row.source or b"",
        file=file,
    )
