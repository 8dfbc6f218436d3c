"""What a list shows of a text that does not fit."""

import io

import pytest
from rich.console import Console

from izer_bridge.console.listing import listing, number, text

_WHY = "no answer of WhatsApp within 60 s after 12 tries, and none of 4915550100266 either"


@pytest.mark.parametrize("width", range(20, 44))
def test_half_a_number_is_never_shown(width: int) -> None:
    out = io.StringIO()
    console = Console(file=out, width=width)
    console.print(listing(console, [number("id"), text("why")], [["7", _WHY]]))
    row = out.getvalue().partition("─\n")[2]
    shown = row.replace("…", " ").split()
    assert "…" in row
    assert {one for one in shown if one.isdecimal()} <= {"7", *_WHY.split()}
