"""A sender is identified by the number, whatever they call themselves."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from izer_bridge.domain.correspondent import Correspondent
from izer_bridge.domain.escalation import Why
from izer_bridge.escalation.owner_texts import WaitingCustomer, subject, text
from izer_bridge.replies.owner_texts import announcement, call
from tests.hostile import hostile

NUMBER, BEST = "+905551112244", "+905551110001"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
# The best customer's name, alone and with a number, and with characters that would end the name.
_FORGED = ["Ayşe Yılmaz", f"Ayşe Yılmaz {BEST}", f"{BEST} «Ayşe Yılmaz»", f"» {BEST} «Ayşe"]
NAMES = [*_FORGED, "x" * 500, *hostile(1_000)]
_UNKNOWN = "numarası gizli (yalnızca LID)"


def _lines(name: str, number: str, *, is_group: bool) -> Iterator[str]:
    """Lines that name somebody: of each notice, and the subject of the e-mail."""
    who = Correspondent(name, number, not number, name if is_group else None)
    case = WaitingCustomer(
        1, Why.VIP, name, name, number or None, not number, is_group, "Alo", NOON, 0
    )
    notices = [
        *announcement(12, who, ["Alo"], "Merhaba"),
        *announcement(12, who, ["Alo"], "Merhaba", is_pressing=True),
        call(who, ["Alo"]),
        text(case, NOON, UTC),
    ]
    if not is_group:
        notices.append(subject(case, NOON))
    for notice in notices:
        lines = notice.split("\n")
        yield next(one for one in lines if one.startswith("Yazan: ")) if is_group else lines[0]


@pytest.mark.attack("a stranger bears a customer's name in what the owner reads")
@pytest.mark.parametrize("number", [NUMBER, ""])
@pytest.mark.parametrize("is_group", [True, False])
def test_the_number_stands_before_a_name_that_ends_where_it_ends(
    number: str, is_group: bool
) -> None:
    for name in NAMES:
        for line in _lines(name, number, is_group=is_group):
            before, opened, rest = line.partition("«")
            assert before.rstrip().endswith(f": {number or _UNKNOWN}")
            assert (opened == "") == (rest == "")
            assert "«" not in rest
            assert rest[:-1].count("»") == 0
            assert rest == "" or rest[-1] == "»"
            assert not {unicodedata.category(one) for one in line} & {"Cc", "Zl", "Zp"}


def test_who_has_no_name_and_no_number_is_said_to_have_none() -> None:
    assert str(Correspondent("", NUMBER)) == NUMBER
    assert str(Correspondent("", "")) == "numarası bilinmiyor"
    assert str(Correspondent("", "", is_lid_only=True)) == _UNKNOWN
    assert str(Correspondent("Veli", NUMBER, group="")) == "grup"
