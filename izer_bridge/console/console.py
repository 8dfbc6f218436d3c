"""Where commands print. What strangers have written stays text there, whatever it holds."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from izer_bridge.console.listing import Column, listing
from izer_bridge.console.options import json_text
from izer_bridge.console.times import shown
from izer_bridge.domain.plain_text import plain

# Where there is no terminal to ask, its usual 80 columns would cut the tables.
_WIDTH = 150
_SET_IN = "  "
_UTC = ZoneInfo("UTC")


class Printer(Console):
    """Strings are neither markup nor emoji codes on it, and nothing in them steers a terminal."""

    def __init__(self, zone: ZoneInfo = _UTC, *, stderr: bool = False) -> None:
        self.zone = zone
        out = sys.stderr if stderr else sys.stdout
        is_known = out.isatty() or "COLUMNS" in os.environ
        width = None if is_known else _WIDTH
        super().__init__(markup=False, emoji=False, highlight=False, width=width, stderr=stderr)

    def render_str(self, text: str, **options: Any) -> Text:
        """Rich asks for every string here, of tables, too."""
        return super().render_str(plain(text), **options)

    def listing(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], title: str = ""
    ) -> None:
        """Print a list; see `listing`."""
        self.print(listing(self, columns, rows, title))

    def time(self, moment: datetime | None) -> str:
        """By the shop's clock."""
        return shown(moment, self.zone, datetime.now(UTC))

    def set_in(self, text: str) -> None:
        """All lines but the first are, those too that the width makes: none plays one of ours."""
        lines = self.render_str(text).wrap(self, self.width - len(_SET_IN))
        self.print(f"\n{_SET_IN}".join(one.plain for one in lines))

    def field(self, name: str, text: str) -> None:
        """A stranger's text after its name."""
        self.set_in(f"{name}: {text}")

    def json(self, value: Any) -> None:
        """For machines: what a terminal would not show stands as its escape."""
        self.file.write(json_text(value, indent=2) + "\n")


def printer(zone: ZoneInfo = _UTC) -> Printer:
    """What a person reads, on stdout: as wide as the terminal, or wide enough for who pipes it.

    `zone` is the shop's, by which it shows times.
    """
    return Printer(zone)


def progress() -> Progress:
    """How far long work is, on stderr; nothing where nobody watches it on a terminal."""
    console = Printer(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
