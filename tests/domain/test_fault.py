"""An error is described without any of the data that it was about."""

import sqlite3
from collections.abc import Callable

import pytest

from izer_bridge.domain.errors import PermanentError
from izer_bridge.domain.fault import Fault, fault_of
from izer_bridge.domain.identity import Jid

SECRET = "905551112233"


def fault_in(doing: Callable[[], object]) -> Fault:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever it is
        doing()
    return fault_of(raised.value)


def test_the_first_error_tells_the_kind() -> None:
    def fail() -> None:
        try:
            Jid.parse(SECRET)
        except ValueError as error:
            raise PermanentError(f"cannot be read: {SECRET}") from error

    assert fault_in(fail).kind == "ValueError"


def test_a_driver_tells_its_code_and_nobody_a_value() -> None:
    assert fault_of(sqlite3.DataError(1264, f"out of range: {SECRET}")).kind == "DataError 1264"
    assert fault_of(KeyError(int(SECRET))).kind == "KeyError"
    assert fault_of(ValueError(SECRET)).kind == "ValueError"
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE one (a INTEGER NOT NULL)")
    fault = fault_in(lambda: connection.execute("INSERT INTO one VALUES (NULL)"))
    assert fault.kind == "IntegrityError SQLITE_CONSTRAINT_NOTNULL"
    connection.close()


def test_the_place_is_the_last_line_of_ours() -> None:
    assert fault_in(lambda: Jid.parse("nothing")).place.startswith("domain/identity.py:")
    assert fault_of(ValueError()).place == ""
