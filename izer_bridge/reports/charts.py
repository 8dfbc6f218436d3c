"""Charts as SVG, each with a name for those who cannot see it; the figures stand in a table beside.

No colour is said here: shapes take the text's, and what is smaller is paler.
"""

from collections.abc import Sequence

import htpy as h

_BAR, _GAP, _WIDE, _LABEL = 22, 6, 480, 130
_CELL = 20
_PALEST = 0.08
_svg, _rect, _text, _title = (h.Element(name) for name in ("svg", "rect", "text", "title"))


def bars(name: str, labels: Sequence[str], numbers: Sequence[int]) -> h.Element:
    """One bar a label, the longest over the whole width."""
    largest = max(numbers, default=0) or 1
    height = len(labels) * (_BAR + _GAP)
    return _svg(
        ".chart", role="img", aria_label=name, viewBox=f"0 0 {_WIDE} {height}", width=str(_WIDE)
    )[
        (
            [
                _text(x="0", y=str(top + _BAR * 0.7), fill="currentColor", font_size="13")[
                    label if len(label) < 18 else f"{label[:16]}…"
                ],
                _rect(
                    x=str(_LABEL),
                    y=str(top),
                    width=str(round((_WIDE - _LABEL) * number / largest, 1)),
                    height=str(_BAR),
                    rx="3",
                    fill="currentColor",
                    fill_opacity="0.6",
                ),
            ]
            for top, label, number in zip(
                range(0, height, _BAR + _GAP), labels, numbers, strict=True
            )
        )
    ]


def heat(name: str, rows: Sequence[str], table: Sequence[Sequence[int]]) -> h.Element:
    """A square for each weekday and hour: the darker, the more."""
    largest = max((number for row in table for number in row), default=0) or 1
    left, top = 2 * _CELL, _CELL
    wide, high = left + 24 * _CELL, top + len(rows) * _CELL
    return _svg(
        ".chart", role="img", aria_label=name, viewBox=f"0 0 {wide} {high}", width=str(wide)
    )[
        (
            _text(x=str(left + hour * _CELL), y="13", fill="currentColor", font_size="11")[
                str(hour)
            ]
            for hour in range(0, 24, 3)
        ),
        (
            _text(x="0", y=str(top + (day + 0.7) * _CELL), fill="currentColor", font_size="12")[row]
            for day, row in enumerate(rows)
        ),
        (
            _rect(
                x=str(left + hour * _CELL),
                y=str(top + day * _CELL),
                width=str(_CELL - 2),
                height=str(_CELL - 2),
                rx="2",
                fill="currentColor",
                fill_opacity=str(round(_PALEST + (1 - _PALEST) * number / largest, 2)),
            )[_title[f"{rows[day]} {hour}: {number}"]]
            for day, row in enumerate(table)
            for hour, number in enumerate(row)
        ),
    ]
