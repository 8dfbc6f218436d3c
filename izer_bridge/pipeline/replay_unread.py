"""`izer-bridge replay --unread`: reads again what no earlier version could read."""

from collections.abc import Sequence
from datetime import tzinfo

from izer_bridge.console.console import Printer
from izer_bridge.console.listing import number, text
from izer_bridge.pipeline.store.unread import ReadAgain, ResolvedMessage, UnreadMessages
from izer_bridge.whatsapp.convert.body import read_again


async def run(url: str, zone: tzinfo, console: Printer, *, as_json: bool) -> None:
    """Fill the rows that can be read now, and print which they are.

    They are not analysed again, and nobody is sent anything. Raises ConfigError or TransientError.
    """

    def read(payload: bytes) -> ResolvedMessage | None:
        content = read_again(payload, zone)
        return None if content is None else ResolvedMessage(content.kind, content.text)

    async with UnreadMessages(url) as unread:
        tried = await unread.read_again(read)
    if as_json:
        console.json([_plain(one) for one in tried])
        return
    found = [one for one in tried if one.reading]
    if tried:
        _print(tried, console)
    console.print(
        f"{len(tried)} unread: {len(found)} read now, {len(tried) - len(found)} still unknown."
    )


def _plain(one: ReadAgain) -> dict[str, object]:
    return {
        "row_id": one.row_id,
        "message_id": one.message_id,
        "was": one.was,
        "kind": one.reading and str(one.reading.kind),
    }


def _print(tried: Sequence[ReadAgain], console: Printer) -> None:
    columns = [number("row"), text("message"), text("was"), text("is now")]
    console.listing(
        columns,
        [
            (
                *(str(one.row_id), one.message_id, one.was),
                str(one.reading.kind) if one.reading else "unknown",
            )
            for one in tried
        ],
    )
