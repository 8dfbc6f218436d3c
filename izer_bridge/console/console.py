"""The commands' output. Strangers' text stays text there, whatever it contains."""

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

# Without a terminal to ask, Rich's usual 80 columns would cut the tables.
_WIDTH = 150
_SET_IN = "  "
_UTC = ZoneInfo("UTC")


class Printer(Console):
    """Strings are neither markup nor emoji codes on it, and nothing in them controls a terminal."""

    def __init__(self, zone: ZoneInfo = _UTC, *, stderr: bool = False) -> None:
        self.zone = zone
        out = sys.stderr if stderr else sys.stdout
        is_known = out.isatty() or "COLUMNS" in os.environ
        # Who pipes a line gets it whole.
        self.is_measured = is_known
        width = None if is_known else _WIDTH
        super().__init__(markup=False, emoji=False, highlight=False, width=width, stderr=stderr)

    def render_str(self, text: str, **options: Any) -> Text:
        """Rich asks for every string here, including those of tables."""
        return super().render_str(plain(text), **options)

    def listing(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], title: str = ""
    ) -> None:
        """Print a list; see the module `listing`."""
        self.print(listing(self, columns, rows, title))

    def time(self, moment: datetime | None) -> str:
        """By the shop's clock."""
        return shown(moment, self.zone, datetime.now(UTC))

    def set_in(self, text: str) -> None:
        """All lines but the first indented, also those made by wrapping: none imitates ours."""
        lines = self.render_str(text).wrap(self, self.width - len(_SET_IN))
        self.print(f"\n{_SET_IN}".join(one.plain for one in lines))

    def field(self, name: str, text: str) -> None:
        """A stranger's text after its name."""
        self.set_in(f"{name}: {text}")

    def json(self, value: Any) -> None:
        """For machines: characters that a terminal would not show are escaped."""
        self.file.write(json_text(value, indent=2) + "\n")


def printer(zone: ZoneInfo = _UTC) -> Printer:
    """Output for people, on stdout: as wide as the terminal, or wide enough for a pipe.

    `zone` is the shop's, in which it shows times.
    """
    return Printer(zone)


def progress() -> Progress:
    """The progress of long work, on stderr; nothing if nobody watches it on a terminal."""
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
