"""Reads the client's debug lines about messages and receipts, and trusts no stranger; pure.

whatsmeow of 2026-09: its logger `Recv` prints each stanza before it is queued, `Send` each one
before it goes out, and the client's own logger says "Decrypting message from SENDER in CHAT" before
the ratchet moves. Nothing in a stanza's line is escaped: a push name, an id or a ciphertext may
contain quotes and tags. Attributes come sorted, so that nothing chosen by the sender precedes
`from`, and only the id precedes what follows it. The client itself says who has sent a message, and
where.
"""

import re
from dataclasses import dataclass

MESSAGE, DECRYPTING, RECEIPT = b"<message ", b"Decrypting message from ", b"<receipt "
# A serialized LogEntry ends with its logger's name.
SENT, RECEIVED = b"/Send", b"/Recv"
GIVEN_UP = (b"Error decrypting message ", b"Error unmarshaling decrypted message ")
IGNORED = b"Ignoring message "
# It begins with the line, after a tag and the line's length.
_LONGEST_LENGTH = 6

_ID, _JID = r"[0-9A-Za-z_.:=+/-]{1,128}", r"[0-9A-Za-z_.-]{1,64}(?::\d{1,5})?@[a-z]+(?:\.[a-z]+)*"
_PLAIN = r'(?: [a-z_]+="[^"<>]*")*?'
_MESSAGE = re.compile(rf'<message{_PLAIN} from="({_JID})"{_PLAIN} id="(?:({_ID})")?')
_ATTRIBUTE = re.compile(r' ([a-z_]+)="')
_PARTICIPANT = re.compile(rf' participant="({_JID})"')
# The last attribute that each message has, and those that may follow it.
_END_OF_ATTRIBUTES = re.compile(r' t="\d+"(?: [a-z_]+="[^"<>]*")*>')
_DECRYPTING = re.compile(rf"Decrypting message from ({_JID})(?: in ({_JID}))?")
_RECEIPT = re.compile(rf'<receipt id="({_ID})"([^>]*)>')
_TYPE = re.compile(r' type="([a-z_-]+)"')
_TELLS_NO_DELIVERY = frozenset({"retry", "read", "read-self", "played"})

_MANY = ("@g.us", "@broadcast")
# The client treats accounts hosted at Meta like all others.
_HOSTED = {"@hosted": "@s.whatsapp.net", "@hosted.lid": "@lid"}


@dataclass(frozen=True, slots=True)
class Stanza:
    """A message on the wire, sent by the JID `sender` to `chat`.

    `parts` is how many events it will lead to: a group's first message has one for its keys. When
    `received` it may have no id, and the sender that it names in a group is only a hint.
    """

    id: str
    chat: str
    sender: str
    parts: int

    @property
    def is_to_many(self) -> bool:
        return self.chat.endswith(_MANY)


@dataclass(frozen=True, slots=True)
class StanzaSource:
    """The JIDs of a message's chat and sender, as the client itself names them."""

    chat: str
    sender: str


def begins(raw: bytes, words: bytes) -> bool:
    """Whether the line in a serialized LogEntry begins with `words`."""
    return words in raw[: len(words) + _LONGEST_LENGTH]


def received(line: str) -> Stanza | None:
    """The message stanza of a `Recv` line; None if nothing in it is encrypted."""
    found = _MESSAGE.match(line)
    if found is None or "<enc " not in line:
        return None
    chat, message_id = _called(found[1]), _id(found, line)
    sender = chat
    if chat.endswith(_MANY):
        # The last one comes after the push name, so the push name did not supply it.
        sender = (_PARTICIPANT.findall(line, found.end()) or [""])[-1]
    return Stanza(message_id, chat, sender, _parts(chat, line))


def _id(found: re.Match[str], line: str) -> str:
    """The id, if it has an id's shape and is followed by an attribute that may follow it."""
    following = _ATTRIBUTE.match(line, found.end())
    return found[2] if found[2] and following and following[1] > "id" else ""


def _parts(chat: str, line: str) -> int:
    """One, or two if a group's key comes with the message; no line yields more."""
    ends = list(_END_OF_ATTRIBUTES.finditer(line))
    content = line[ends[-1].end() :] if ends else line.partition(">")[2]
    return 2 if chat.endswith(_MANY) and content.count("<enc ") > 1 else 1


def _called(jid: str) -> str:
    user, at, server = jid.partition("@")
    return user + _HOSTED.get(at + server, at + server)


def decrypting(line: str) -> StanzaSource | None:
    """Whose message is about to be decrypted."""
    found = _DECRYPTING.fullmatch(line)
    return StanzaSource(found[2] or found[1], found[1]) if found else None


def tells_of(line: str, one: Stanza) -> bool:
    """Whether the client says that it has given up on `one`, or ignores it.

    It says so on the thread that decrypts: `one` is the latest message that it began with.
    """
    source = one.sender if one.sender == one.chat else f"{one.sender} in {one.chat}"
    return f" message {one.id} from {source}: " in line or line.startswith(
        f"Error unmarshaling decrypted message from {source}: "
    )


def receipt_of(line: str) -> str | None:
    """The id of the message that a receipt tells WhatsApp to forget; None for a retry."""
    found = _RECEIPT.match(line)
    if found is None:
        return None
    kinds = _TYPE.findall(found[2])
    return None if kinds and kinds[-1] in _TELLS_NO_DELIVERY else found[1]


def shown_id(message_id: str) -> str:
    """How a stanza's line shows an id: without escaping."""
    return message_id.partition('"')[0]
