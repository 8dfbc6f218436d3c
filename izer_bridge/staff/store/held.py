"""Links and sessions as rows: each holds a secret's hash until it has ended or is over."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, insert, select, update

from izer_bridge.staff.member import SESSION_LASTS, NewSecret, SecretKind
from izer_bridge.store.inserted import new_id
from izer_bridge.store.tables import staff, staff_sessions
from izer_bridge.store.text import name as fitting_name
from izer_bridge.web.access import digest
from izer_bridge.web.caller import Role

_WHO, _HELD = staff.c, staff_sessions.c


def opened(
    connection: Connection,
    row: Row[Any],
    session: str,
    device: str,
    opened_with: str | None,
    now: datetime,
) -> NewSecret:
    tidy(connection, now)
    row_id = hold(connection, SecretKind.SESSION, row.id, session, now, now + SESSION_LASTS)
    values = {"device": fitting_name(device), "opened_with": opened_with}
    connection.execute(update(staff_sessions).where(_HELD.id == row_id).values(**values))
    return NewSecret(row.name, Role(row.role), session)


def hold(
    connection: Connection,
    kind: SecretKind,
    staff_id: int,
    secret: str,
    now: datetime,
    until: datetime,
) -> int:
    return new_id(
        connection.execute(
            insert(staff_sessions).values(
                staff_id=staff_id,
                kind=str(kind),
                secret_hash=digest(secret),
                created_at=now,
                expires_at=until,
            )
        )
    )


def tidy(connection: Connection, now: datetime) -> None:
    """Links and sessions that are over for a session's time are nobody's business any more."""
    connection.execute(delete(staff_sessions).where(_HELD.expires_at < now - SESSION_LASTS))


def is_open(kind: SecretKind, now: datetime) -> ColumnElement[bool]:
    return and_(_HELD.kind == str(kind), _HELD.ended_at.is_(None), _HELD.expires_at > now)


def open_sessions(now: datetime) -> Select[Any]:
    return (
        select(
            staff,
            _HELD.id.label("session_id"),
            _HELD.device,
            _HELD.created_at.label("opened_at"),
            _HELD.expires_at,
        )
        .join(staff_sessions, _HELD.staff_id == _WHO.id)
        .where(is_open(SecretKind.SESSION, now), _WHO.revoked_at.is_(None))
    )


def end(connection: Connection, which: ColumnElement[bool], now: datetime) -> int:
    ended = update(staff_sessions).where(which, _HELD.ended_at.is_(None)).values(ended_at=now)
    return connection.execute(ended).rowcount
