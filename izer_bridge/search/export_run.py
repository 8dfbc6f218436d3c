"""`izer-bridge export`: messages into a new file."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO

from izer_bridge.console.console import progress
from izer_bridge.domain.errors import TransientError
from izer_bridge.host.new_file import NewFile
from izer_bridge.search.line_formats import ExportFormat, writer_of
from izer_bridge.search.store.find import Search, Searching

_PRIVATE = 0o600


async def export(
    url: str,
    search: Search,
    output: NewFile | None,
    as_what: ExportFormat,
) -> int:
    """How many messages were written: every wanted one if `search` has no terms.

    Raises ConfigError if the file exists already. A file that could not be written to its end is
    removed.
    """
    async with Searching(url) as stored:
        is_all = not search.terms
        count = await stored.count(search.wanted) if is_all else None
        with _opened(output) as file, progress() as bar:
            write = writer_of(file, as_what)
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
