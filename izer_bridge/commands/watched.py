"""Where commands print: as wide as the terminal, or wide enough for who pipes it."""

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# Where there is no terminal to ask, its usual 80 columns would cut the tables.
_WIDTH = 150


def printer() -> Console:
    """What a person reads, on stdout."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH)


def progress() -> Progress:
    """How far long work is, on stderr; nothing where nobody watches it on a terminal."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
