"""Messages as lines for other programs: JSON, CSV, and CSV as Excel opens it."""

import csv
import re
from collections.abc import Callable
from dataclasses import fields
from enum import StrEnum
from typing import TextIO

from izer_bridge.console.options import json_text
from izer_bridge.domain.plain_text import plain
from izer_bridge.pipeline.store.browsing import Read


class ExportFormat(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    EXCEL = "excel"


TYPES = {
    ExportFormat.JSONL: "application/x-ndjson",
    ExportFormat.CSV: "text/csv",
    ExportFormat.EXCEL: "text/csv",
}
_COLUMNS = [field.name for field in fields(Read)]
# Where a spreadsheet would begin a formula: at the start of a cell, after any character that
# separates cells in some country's spreadsheet, with whitespace before it, and in fullwidth
# letters.
_NUMBER = re.compile(r"[+-]?\d+")
_FORMULA = re.compile(r"(^|[;\t\r\n|])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def writer_of(file: TextIO, as_what: ExportFormat) -> Callable[[Read], None]:
    """Writes what must come first, and returns what writes a message."""
    if as_what is ExportFormat.JSONL:
        return _json_writer(file)
    return _csv_writer(file, as_what is ExportFormat.EXCEL)


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
