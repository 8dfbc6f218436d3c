"""Files of messages to be sent, in SQL: written with their message, uploaded before it is sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, select, update

from izer_bridge.domain.message import Kind, Media
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.outgoing import OutgoingFile, Preview
from izer_bridge.domain.retry import backoff_seconds
from izer_bridge.media.ports import KeptFile
from izer_bridge.replies.store.outbox_rows import IS_AT_WORK, move
from izer_bridge.store.database import Database
from izer_bridge.store.tables import outbox, outbox_files
from izer_bridge.store.text import clean
from izer_bridge.store.text import name as fitting_name

_OUT, _FILES = outbox.c, outbox_files.c
_EARLIER, _ITS_FILE = outbox.alias("earlier"), outbox_files.alias("earlier_file")
# With the pauses between them, some four minutes.
_MOST_ATTEMPTS = 8

# Columns of a file beside its message's, which may have none.
FILE_COLUMNS = (
    *(_FILES.path, _FILES.sha256, _FILES.found_type, _FILES.name.label("file_name"), _FILES.size),
    *(_FILES.width, _FILES.height, _FILES.thumbnail, _FILES.location),
)


@dataclass(frozen=True, slots=True)
class DueFile:
    """A file to be uploaded; `attempts` counts failures."""

    row_id: int
    outbox_id: int
    attempts: int
    file: OutgoingFile


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it is kept here, and how it was sent."""

    kept: KeptFile
    name: str
    kind: Kind

    @property
    def media(self) -> Media:
        return Media(self.kept.mimetype, self.kept.size, self.name or None)


def keep(
    connection: Connection,
    outbox_id: int,
    file: KeptFile,
    name: str,
    preview: Preview | None,
    now: datetime,
) -> None:
    """Write a file with the message that it goes with."""
    values: dict[str, Any] = {
        "outbox_id": outbox_id,
        "path": file.path,
        "sha256": file.sha256,
        "found_type": file.mimetype,
        "name": fitting_name(name),
        "size": file.size,
        "next_attempt_at": now,
        "created_at": now,
        "updated_at": now,
    }
    if preview is not None:
        size = {"width": preview.width, "height": preview.height}
        values |= {**size, "thumbnail": preview.thumbnail}
    connection.execute(insert(outbox_files).values(**values))


def file_in(row: Any) -> OutgoingFile | None:
    """Of a row with `FILE_COLUMNS`."""
    if row.path is None:
        return None
    preview = None if row.width is None else Preview(row.width, row.height, row.thumbnail or b"")
    return OutgoingFile(
        row.path, row.found_type, row.file_name, row.size, preview, row.location or b""
    )


def sent_file(row: Any) -> SentFile | None:
    """Of a row with `FILE_COLUMNS`, as it is kept here."""
    if row.path is None:
        return None
    kept = KeptFile(row.path, row.sha256, row.found_type, row.size)
    return SentFile(kept, row.file_name, Kind.DOCUMENT if row.width is None else Kind.IMAGE)


def is_ready(now: datetime) -> ColumnElement[bool]:
    """Of rows read with their files: its file was uploaded, and so were those before it.

    What a person has written after a file goes after it, unless the file has failed once.
    """
    waits = exists().where(
        _ITS_FILE.c.outbox_id == _EARLIER.c.id,
        _EARLIER.c.chat_id == _OUT.chat_id,
        _EARLIER.c.kind == _OUT.kind,
        _EARLIER.c.id < _OUT.id,
        _EARLIER.c.state == str(OutboxState.APPROVED),
        _EARLIER.c.not_before <= now,
        _ITS_FILE.c.location.is_(None),
        _ITS_FILE.c.attempts == 0,
    )
    has_none_left = _FILES.id.is_(None) | _FILES.location.is_not(None)
    return and_(has_none_left, ~waits)


class SqlOutboxFiles:
    """`store` waits for a database that has its tables. All raise TransientError without it."""

    def __init__(
        self, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock

    async def next_due(self, account: str) -> DueFile | None:
        """The oldest that must be uploaded now; those never tried come first."""
        now = self._clock()
        query = (
            select(_FILES.id, _FILES.outbox_id, _FILES.attempts, *FILE_COLUMNS)
            .join(outbox, _OUT.id == _FILES.outbox_id)
            .where(
                IS_AT_WORK,
                _OUT.state == str(OutboxState.APPROVED),
                _OUT.account == account,
                _FILES.location.is_(None),
                _FILES.next_attempt_at <= now,
            )
            .order_by(_FILES.attempts, _FILES.id)
            .limit(1)
        )
        found = await (await self._store()).read(lambda connection: connection.execute(query))
        row = found.one_or_none()
        file = None if row is None else file_in(row)
        if row is None or file is None:
            return None
        return DueFile(row.id, row.outbox_id, row.attempts, file)

    async def uploaded(self, due: DueFile, location: bytes) -> None:
        await self._change(due, location=location, next_attempt_at=None, last_error=None)

    async def postpone(self, due: DueFile, why: str) -> bool:
        """Try again later; False if that was the last attempt, and the message has failed."""
        attempts = due.attempts + 1
        if attempts >= _MOST_ATTEMPTS:
            await self.end(due, f"the file could not be given to WhatsApp: {why}")
            return False
        until = self._clock() + timedelta(seconds=backoff_seconds(attempts))
        await self._change(due, attempts=attempts, next_attempt_at=until, last_error=clean(why))
        return True

    async def end(self, due: DueFile, why: str) -> None:
        """Its message has failed."""
        now, old, new = self._clock(), OutboxState.APPROVED, OutboxState.FAILED
        await (await self._store()).write(
            lambda connection: move(
                connection, due.outbox_id, old, now, state=new, error=clean(why)
            )
        )

    async def _change(self, due: DueFile, **values: Any) -> None:
        change = update(outbox_files).where(_FILES.id == due.row_id)
        change = change.values(updated_at=self._clock(), **values)
        await (await self._store()).write(lambda connection: connection.execute(change))
