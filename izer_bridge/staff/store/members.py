"""Staff, their tokens, links and sessions in SQL; secrets are kept as hashes alone."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from izer_bridge.staff.member import (
    LINK_LASTS,
    OWNER_NAME,
    NameTakenError,
    NewSecret,
    OpenSession,
    SecretKind,
    StaffRow,
    is_same_name,
    name_of,
    new_secret,
    new_token,
)
from izer_bridge.staff.store import held
from izer_bridge.store.database import Database
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import staff, staff_sessions
from izer_bridge.web.access import digest
from izer_bridge.web.caller import Caller, Role

_WHO, _HELD = staff.c, staff_sessions.c
_Find = Callable[[Connection], Row[Any] | None]
_NOT_REVOKED = {"revoked_at": None, "revoked_by": None}
_BRIDGE = "bridge"


class SqlStaff:
    """`store` waits for a database that has its tables. All raise TransientError without it."""

    def __init__(
        self, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self.clock = clock

    async def add(self, text: str, role: Role, by: str) -> NewSecret:
        """A new member, or one who was revoked, with a new token.

        Raises ValueError for a name that is none, NameTakenError for one that is taken.
        """
        name, token, now = name_of(text), new_token(), self.clock()
        values = {
            "role": str(role),
            "token_hash": digest(token),
            "created_at": now,
            "added_by": by,
            **_NOT_REVOKED,
        }

        def change(connection: Connection) -> str:
            row = _named(connection, name)
            if row is None:
                connection.execute(insert(staff).values(name=name, **values))
                return name
            if row.revoked_at is None:
                raise NameTakenError(f"{row.name} is there already; revoke them first")
            connection.execute(update(staff).where(_WHO.id == row.id).values(**values))
            return str(row.name)

        return NewSecret(await (await self._store()).write(change), role, token)

    async def revoke(self, text: str, by: str) -> str:
        """End a member's token and sessions; returns the name. Raises LookupError."""
        return await self._revoke(lambda connection: _named(connection, text), f"no {text!r}", by)

    async def revoke_id(self, row_id: int, by: str) -> str:
        """As `revoke`."""
        return await self._revoke(_of_id(row_id), f"nobody of the id {row_id}", by)

    async def _revoke(self, find: _Find, missing: str, by: str) -> str:
        now = self.clock()

        def change(connection: Connection) -> str:
            row = find(connection)
            if row is None or row.revoked_at is not None:
                raise LookupError(f"there is {missing} among the staff")
            gone = {"token_hash": None, "revoked_at": now, "revoked_by": by}
            connection.execute(update(staff).where(_WHO.id == row.id).values(**gone))
            held.end(connection, _HELD.staff_id == row.id, now)
            return str(row.name)

        return await (await self._store()).write(change)

    async def members(self) -> Sequence[StaffRow]:
        """All who may, and who might once, by name."""
        is_open = case((held.is_open(SecretKind.SESSION, self.clock()), 1), else_=0)
        logins = (
            select(
                _HELD.staff_id,
                func.sum(is_open).label("sessions"),
                func.max(_HELD.created_at).label("login_at"),
            )
            .where(_HELD.kind == str(SecretKind.SESSION))
            .group_by(_HELD.staff_id)
            .subquery()
        )
        query = select(staff, logins.c.sessions, logins.c.login_at).outerjoin(
            logins, logins.c.staff_id == _WHO.id
        )
        found = await (await self._store()).read(lambda one: one.execute(query).all())
        members = [
            StaffRow(
                *(row.id, row.name, Role(row.role), row.token_hash is not None),
                *(int(row.sessions or 0), row.created_at, row.added_by),
                *(row.revoked_at, row.revoked_by, row.login_at),
            )
            for row in found
        ]
        return sorted(members, key=lambda one: (one.revoked_at is not None, one.name))

    async def link(self, text: str | None = None) -> NewSecret:
        """A new one-time link's secret, for a member or the owner. Raises LookupError."""
        now = self.clock()
        return await self._link(
            lambda connection: (
                _owner(connection, now) if text is None else _named(connection, text)
            ),
            f"no {text!r}",
        )

    async def link_id(self, row_id: int) -> NewSecret:
        """As `link`."""
        return await self._link(_of_id(row_id), f"nobody of the id {row_id}")

    async def _link(self, find: _Find, missing: str) -> NewSecret:
        secret, now = new_secret(), self.clock()

        def change(connection: Connection) -> NewSecret:
            row = find(connection)
            if row is None or row.revoked_at is not None:
                raise LookupError(f"there is {missing} among the staff")
            held.tidy(connection, now)
            held.hold(connection, SecretKind.LINK, row.id, secret, now, now + LINK_LASTS)
            return NewSecret(row.name, Role(row.role), secret)

        return await (await self._store()).write(change)

    async def open_by_link(self, link: str, device: str) -> NewSecret | None:
        """A session for the holder of a link, which is used up; None if it was, or is too old."""
        session, now = new_secret(), self.clock()
        used = (
            update(staff_sessions)
            .where(_HELD.secret_hash == digest(link), held.is_open(SecretKind.LINK, now))
            .values(ended_at=now)
        )
        whose = (
            select(staff)
            .join(staff_sessions, _HELD.staff_id == _WHO.id)
            .where(_HELD.secret_hash == digest(link), _WHO.revoked_at.is_(None))
        )

        def change(connection: Connection) -> NewSecret | None:
            if not connection.execute(used).rowcount:
                return None
            row = connection.execute(whose).one_or_none()
            return None if row is None else held.opened(connection, row, session, device, None, now)

        return await (await self._store()).write(change)

    async def open_by_token(self, token: str, bridge: str, device: str) -> NewSecret | None:
        """A session for the holder of a token; `bridge` is the digest of the bridge's own."""
        session, now, given = new_secret(), self.clock(), digest(token)
        query = select(staff).where(_WHO.token_hash == given, _WHO.revoked_at.is_(None))

        def change(connection: Connection) -> NewSecret | None:
            if given == bridge:
                row: Row[Any] | None = _owner(connection, now)
            else:
                row = connection.execute(query).one_or_none()
            return (
                None if row is None else held.opened(connection, row, session, device, given, now)
            )

        return await (await self._store()).write(change)

    async def of_token(self, given: str) -> Caller | None:
        """Whose token that is, by its digest."""
        query = select(staff).where(_WHO.token_hash == given, _WHO.revoked_at.is_(None))
        row = await (await self._store()).read(lambda one: one.execute(query).one_or_none())
        return None if row is None else _caller(row)

    async def of_session(self, given: str, bridge: str) -> Caller | None:
        """Whose session that is, by its digest, if the token that opened it still holds."""
        query = held.open_sessions(self.clock()).where(
            _HELD.secret_hash == given,
            or_(_HELD.opened_with.is_(None), _HELD.opened_with == bridge, _OPENER_HOLDS),
        )
        row = await (await self._store()).read(lambda one: one.execute(query).one_or_none())
        return None if row is None else _caller(row)

    async def sessions(self, staff_id: int | None = None) -> Sequence[OpenSession]:
        """The open ones, of a member or of all, newest first."""
        query = held.open_sessions(self.clock()).order_by(_HELD.id.desc())
        if staff_id is not None:
            query = query.where(_WHO.id == staff_id)
        found = await (await self._store()).read(lambda one: one.execute(query).all())
        return [
            OpenSession(
                *(row.session_id, row.id, row.name, row.device),
                *(row.opened_at, row.expires_at),
            )
            for row in found
        ]

    async def end(self, session_id: int, staff_id: int | None = None) -> None:
        """End a session, of a member if one is named. Raises LookupError."""
        now = self.clock()
        which = and_(_HELD.id == session_id, held.is_open(SecretKind.SESSION, now))
        if staff_id is not None:
            which = and_(which, _HELD.staff_id == staff_id)

        def change(connection: Connection) -> None:
            if not held.end(connection, which, now):
                raise LookupError(f"there is no open session {session_id}")

        await (await self._store()).write(change)

    async def log_out(self, session: str) -> None:
        """End the session of that secret; harmless if it is none."""
        now = self.clock()
        await (await self._store()).write(
            lambda connection: held.end(connection, _HELD.secret_hash == digest(session), now)
        )


_OPENER_HOLDS = _HELD.opened_with == _WHO.token_hash


@asynccontextmanager
async def staff_at(url: str) -> AsyncIterator[SqlStaff]:
    """Of the store at `url`, which has its tables. Raises ConfigError and TransientError."""
    async with OpenedStore(url) as opened:

        async def store() -> Database:
            return opened.database

        yield SqlStaff(store, lambda: datetime.now(UTC))


def _named(connection: Connection, name: str) -> Row[Any] | None:
    rows = connection.execute(select(staff)).all()
    return next((row for row in rows if is_same_name(row.name, name)), None)


def _of_id(row_id: int) -> _Find:
    query = select(staff).where(_WHO.id == row_id)
    return lambda connection: connection.execute(query).one_or_none()


def _owner(connection: Connection, now: datetime) -> Row[Any]:
    """The member that stands for the holder of the bridge's own token, made at the first need."""
    query = select(staff).where(_WHO.name == OWNER_NAME)
    row = connection.execute(query).one_or_none()
    if row is None:
        values = {
            "name": OWNER_NAME,
            "role": str(Role.OWNER),
            "created_at": now,
            "added_by": _BRIDGE,
        }
        connection.execute(insert(staff).values(**values))
    elif row.revoked_at is not None:
        connection.execute(update(staff).where(_WHO.id == row.id).values(**_NOT_REVOKED))
    return connection.execute(query).one()


def _caller(row: Row[Any]) -> Caller:
    return Caller(row.name, Role(row.role), row.id)
