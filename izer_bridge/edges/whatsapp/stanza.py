"""Reads the client's debug lines about messages and receipts; pure.

whatsmeow of 2026-09: its logger `Recv` prints each stanza before it is queued, `Send` each one
before it goes out, and the client's own logger says "Decrypting message from SENDER in CHAT"
before the ratchet moves.
"""

import re
from dataclasses import dataclass

MESSAGE, DECRYPTING, RECEIPT = b"<message ", b"Decrypting message from ", b"<receipt "
# A serialized LogEntry ends with its logger's name.
SENT = b"/Send"
GIVEN_UP = (b"Error decrypting message ", b"Unavailable message ")
IGNORED = b"Ignoring message "

_ATTRIBUTE = re.compile(r' ([a-z_]+)="([^"]*)"')
_DECRYPTING = re.compile(r"Decrypting message from (\S+?)(?: in \S+)?$")
_GIVEN_UP = re.compile(r"(?:Ignoring|Error decrypting|Unavailable) message (\S+) from ")
_SENDER_ADDRESSES = ("sender_pn", "sender_lid", "participant_pn", "participant_lid")


@dataclass(frozen=True, slots=True)
class Stanza:
    """A message on the wire. `sender` and `also` are the JIDs that its sender is known by.

    `parts` is how many events it will lead to: a group's first message has one for its keys.
    """

    id: str
    chat: str
    sender: str
    also: tuple[str, ...]
    parts: int


def received(line: str) -> Stanza | None:
    """The message stanza of a `Recv` line; None for one without anything encrypted."""
    head, _, content = line.partition(">")
    attributes = dict(_ATTRIBUTE.findall(head))
    parts = content.count("<enc ")
    if not (head.startswith("<message ") and "id" in attributes and parts):
        return None
    chat = attributes.get("from", "")
    return Stanza(
        id=attributes["id"],
        chat=chat,
        sender=attributes.get("participant") or chat,
        also=tuple(attributes[name] for name in _SENDER_ADDRESSES if name in attributes),
        parts=parts,
    )


def decrypting(line: str) -> str | None:
    """The sender's JID in a line that says that a message will be decrypted."""
    found = _DECRYPTING.search(line)
    return found and found[1]


def given_up(line: str) -> str | None:
    """The id of a message that will lead to no event."""
    found = _GIVEN_UP.search(line)
    return found and found[1]


def receipt_of(line: str) -> str | None:
    """The id of the message that a receipt tells WhatsApp to forget; None for a retry."""
    attributes = dict(_ATTRIBUTE.findall(line.partition(">")[0]))
    if attributes.get("type") in ("retry", "read", "read-self", "played"):
        return None
    return attributes.get("id")
