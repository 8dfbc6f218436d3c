"""Lists that fit their terminal: no number is cut, and no row takes more than two lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from izer_bridge.domain.plain_text import line

_LEAST, _LINES, _BETWEEN = 8, 2, 2


@dataclass(frozen=True, slots=True)
class Column:
    """`is_text`: may be cut if there is no room. Shown on terminals from width `from_width` on."""

    heading: str
    is_text: bool = False
    is_number: bool = False
    from_width: int = 0


def fixed(heading: str, from_width: int = 0) -> Column:
    """An id, a time, one of our words: never cut."""
    return Column(heading, from_width=from_width)


def number(heading: str) -> Column:
    return Column(heading, is_number=True)


def text(heading: str, from_width: int = 0) -> Column:
    """People's words, or a reason."""
    return Column(heading, is_text=True, from_width=from_width)


def listing(
    console: Console, columns: Sequence[Column], rows: Sequence[Sequence[str]], title: str = ""
) -> Table:
    """A table of these rows as wide as the console at most."""
    kept = [place for place, one in enumerate(columns) if one.from_width <= console.width]
    shown = [columns[place] for place in kept]
    cells = [[line(row[place]) for place in kept] for row in rows]
    widths = _widths(shown, cells, console.width)
    table = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for one, width in zip(shown, widths, strict=True):
        justify = "right" if one.is_number else "left"
        table.add_column(one.heading, justify=justify, min_width=width, max_width=width)  # type: ignore[arg-type]
    for row in cells:
        table.add_row(
            *(_cut(console, cell, width) for cell, width in zip(row, widths, strict=True))
        )
    return table


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]], whole: int) -> list[int]:
    """Texts share what the others leave; one that needs less than a fair share leaves the rest."""
    needed = [
        max([cell_len(one.heading), *(cell_len(row[place]) for row in cells)])
        for place, one in enumerate(columns)
    ]
    room = whole - _BETWEEN * (len(columns) - 1)
    room -= sum(width for one, width in zip(columns, needed, strict=True) if not one.is_text)
    texts = [place for place, one in enumerate(columns) if one.is_text]
    for left, place in enumerate(sorted(texts, key=needed.__getitem__)):
        share = max(room // (len(texts) - left), _LEAST, cell_len(columns[place].heading))
        needed[place] = min(needed[place], share)
        room -= needed[place]
    return needed


def _cut(console: Console, cell: str, width: int) -> Text:
    lines = Text(cell).wrap(console, width)
    if len(lines) <= _LINES:
        return Text(cell)
    rest = " ".join(one.plain.strip() for one in lines[_LINES - 1 :])
    return Text(
        "\n".join([*(one.plain.rstrip() for one in lines[: _LINES - 1]), _begin(rest, width)])
    )


def _begin(words: str, width: int) -> str:
    """Whole words as far as they fit: half a number is another number."""
    shown = Text(words)
    shown.truncate(width, overflow="ellipsis")
    kept = shown.plain.removesuffix("…")
    if not words[len(kept) :].startswith(" "):
        kept = kept.rpartition(" ")[0] or kept
    return f"{kept.rstrip()}…"
