"""A bridge that notes when each event was durable.

`timed_bridge ROOT_KEY FILE careful|careless ARGUMENTS…`: the careless one takes the client for one
whose log nobody knows, so that no receipt is held and no ratchet saved.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neonize.proto.Neonize_pb2 import Message

from izer_bridge.__main__ import main
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.simulator.trust import trust
from izer_bridge.whatsapp.event_codes import EventCode
from izer_bridge.whatsapp.receive import receiver


def note_durable_events(file: Path) -> None:
    """Wrap `append`; the records are written once the inbox is closed."""
    noted: list[tuple[int, bytes]] = []
    append, close = SqliteInbox.append, SqliteInbox.close

    def timed_append(self: SqliteInbox, events: Sequence[tuple[int, bytes]]) -> None:
        append(self, events)
        now = time.monotonic_ns()
        noted.extend((now, payload) for code, payload in events if code == EventCode.MESSAGE)

    def noting_close(self: SqliteInbox) -> None:
        close(self)
        times = {Message.FromString(payload).Info.ID: at for at, payload in noted}
        file.write_text(json.dumps(times))

    replacements: dict[str, Any] = {"append": timed_append, "close": noting_close}
    for name, function in replacements.items():
        setattr(SqliteInbox, name, function)


if __name__ == "__main__":
    trust(bytes.fromhex(sys.argv[1]))
    note_durable_events(Path(sys.argv[2]))
    if sys.argv[3] == "careless":
        receiver._KNOWN_CLIENT = "none"
    main(sys.argv[4:])
