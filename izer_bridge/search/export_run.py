"""`izer-bridge export`: messages as JSON or CSV lines."""

import csv
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from io import TextIOWrapper
from typing import TextIO

from izer_bridge.console.console import progress
from izer_bridge.console.options import json_text
from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.plain_text import plain
from izer_bridge.host.new_file import NewFile
from izer_bridge.pipeline.store.browsing import Read
from izer_bridge.search.store.find import Search, Searching

_PRIVATE = 0o600
_COLUMNS = [field.name for field in fields(Read)]
# Where a spreadsheet would begin a formula: at the start of a cell, after any character that
# separates cells in some country's spreadsheet, with whitespace before it, and in fullwidth
# letters.
_NUMBER = re.compile(r"[+-]?\d+")
_FORMULA = re.compile(r"(^|[;\t\r\n|])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


async def export(
    url: str,
    search: Search,
    output: NewFile | None,
    *,
    as_csv: bool,
    for_excel: bool = False,
) -> int:
    """How many messages were written: every wanted one if `search` has no terms.

    Raises ConfigError if the file exists already. A file that could not be written to its end is
    removed.
    """
    async with Searching(url) as stored:
        is_all = not search.terms
        count = await stored.count(search.wanted) if is_all else None
        with _opened(output) as file, progress() as bar:
            write = _csv_writer(file, for_excel) if as_csv else _json_writer(file)
            task = bar.add_task("Exporting", total=count)
            written = 0
            async for one in stored.all(search.wanted) if is_all else stored.every(search):
                write(one)
                written += 1
                bar.advance(task)
    return written


@contextmanager
def _opened(output: NewFile | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    file = TextIOWrapper(output.file, "utf-8", newline="", write_through=True)
    try:
        yield file
        file.detach()
        output.appear()
    except OSError as error:
        raise TransientError(f"{output.path} cannot be written: {error.strerror}") from None


def _json_writer(file: TextIO) -> Callable[[Read], None]:
    def write(one: Read) -> None:
        file.write(json_text(one.plain) + "\n")

    return write


def _csv_writer(file: TextIO, for_excel: bool) -> Callable[[Read], None]:
    """Excel takes a file for UTF-8 by its mark alone, and parts cells by its country's sign."""
    if for_excel:
        file.write("\ufeff")
    lines = csv.DictWriter(file, _COLUMNS, delimiter=";" if for_excel else ",")
    lines.writeheader()

    def write(one: Read) -> None:
        lines.writerow({name: _cell(value) for name, value in one.plain.items()})

    return write


def _cell(value: object) -> object:
    """Strangers' text stays text: it is shown as written, and no spreadsheet runs it."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    return _FORMULA.sub(r"\1\2'", plain(value))
