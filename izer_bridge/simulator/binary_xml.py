"""Stanzas and their binary form; pure. It knows the encoding, and no stanza's meaning."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from izer_bridge.simulator.tokens import Tokens

NUMBER_SERVER, LID_SERVER = "s.whatsapp.net", "lid"

_EMPTY, _LIST8, _LIST16 = 0, 248, 249
_DOUBLE = range(236, 240)
_INTEROP_JID, _FACEBOOK_JID, _DEVICE_JID, _JID_PAIR = 245, 246, 247, 250
_HEX, _NIBBLE = 251, 255
_BINARY8, _BINARY20, _BINARY32 = 252, 253, 254
_COMPRESSED = 2
_DIGITS = {_NIBBLE: "0123456789-.", _HEX: "0123456789ABCDEF"}
_DEVICE_SERVERS = (NUMBER_SERVER, LID_SERVER)


class MalformedError(ValueError):
    """The bytes are not a stanza."""


@dataclass(frozen=True, slots=True)
class Address:
    """A JID on the wire. A user's device is 0 for the phone itself."""

    user: str
    server: str
    device: int = 0

    @classmethod
    def parse(cls, text: str) -> "Address":
        user, _, server = text.rpartition("@")
        name, _, device = user.partition(":")
        return cls(name, server, int(device or 0))

    @property
    def bare(self) -> "Address":
        return Address(self.user, self.server)

    def __str__(self) -> str:
        device = f":{self.device}" if self.device else ""
        return f"{self.user}{device}@{self.server}" if self.user else self.server


Value: TypeAlias = str | Address
Content: TypeAlias = "bytes | tuple[Node, ...] | None"


@dataclass(frozen=True)
class Node:
    """One element. An attribute is a string or an address, never empty."""

    tag: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    content: Content = None

    def __getitem__(self, name: str) -> str:
        return str(self.attributes[name])

    def get(self, name: str) -> str:
        """The attribute as text; empty if it is missing."""
        return str(self.attributes.get(name, ""))

    def address(self, name: str) -> Address:
        """The attribute as an address. Raises KeyError if it is missing."""
        value = self.attributes[name]
        return value if isinstance(value, Address) else Address.parse(value)

    @property
    def children(self) -> "tuple[Node, ...]":
        return self.content if isinstance(self.content, tuple) else ()

    @property
    def data(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else b""

    def child(self, tag: str) -> "Node | None":
        return next((node for node in self.children if node.tag == tag), None)

    def require(self, *path: str) -> "Node":
        """The first descendant along `path`. Raises MalformedError if one is missing."""
        node = self
        for tag in path:
            found = node.child(tag)
            if found is None:
                raise MalformedError(f"<{node.tag}> has no <{tag}>")
            node = found
        return node


def node(tag: str, *content: Node | bytes, **attributes: Value | int | None) -> Node:
    """Build a node; attributes that are None or empty are left out, `_` ends a keyword's name."""
    given = {
        name.rstrip("_"): value if isinstance(value, Address) else str(value)
        for name, value in attributes.items()
        if value is not None and value != ""
    }
    if len(content) == 1 and isinstance(content[0], bytes):
        return Node(tag, given, content[0])
    children = tuple(part for part in content if isinstance(part, Node))
    return Node(tag, given, children or None)


def encode(stanza: Node, tokens: Tokens) -> bytes:
    """The stanza in its frame form, with the flag byte, not compressed."""
    return b"\0" + _Writer(tokens).node(stanza)


def decode(frame: bytes, tokens: Tokens) -> Node:
    """The stanza of a frame. Raises MalformedError."""
    if not frame:
        raise MalformedError("an empty frame")
    try:
        body = zlib.decompress(frame[1:]) if frame[0] & _COMPRESSED else frame[1:]
        reader = _Reader(body, tokens)
        stanza = reader.node()
    except (zlib.error, IndexError, UnicodeDecodeError) as error:
        raise MalformedError(f"the frame is no stanza: {error}") from error
    if reader.has_more:
        raise MalformedError("bytes follow the stanza")
    return stanza


class _Writer:
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def node(self, node: Node) -> bytes:
        has_content = node.content is not None
        parts = [self._list(1 + 2 * len(node.attributes) + has_content), self._text(node.tag)]
        for name, value in node.attributes.items():
            parts += [self._text(name), self._value(value)]
        if isinstance(node.content, bytes):
            parts.append(self._binary(node.content))
        elif node.content is not None:
            parts += [self._list(len(node.content)), *map(self.node, node.content)]
        return b"".join(parts)

    def _list(self, length: int) -> bytes:
        if length == 0:
            return bytes([_EMPTY])
        if length < 256:
            return bytes([_LIST8, length])
        return bytes([_LIST16]) + length.to_bytes(2, "big")

    def _value(self, value: Value) -> bytes:
        return self._address(value) if isinstance(value, Address) else self._text(value)

    def _address(self, address: Address) -> bytes:
        if address.device and address.server in _DEVICE_SERVERS:
            domain = _DEVICE_SERVERS.index(address.server)
            return bytes([_DEVICE_JID, domain, address.device]) + self._text(address.user)
        user = self._text(address.user) if address.user else bytes([_EMPTY])
        return bytes([_JID_PAIR]) + user + self._text(address.server)

    def _text(self, text: str) -> bytes:
        return self._tokens.code_of(text) or self._binary(text.encode())

    def _binary(self, data: bytes) -> bytes:
        size = len(data)
        if size < 1 << 8:
            return bytes([_BINARY8, size]) + data
        if size < 1 << 20:
            return bytes([_BINARY20]) + size.to_bytes(3, "big") + data
        return bytes([_BINARY32]) + size.to_bytes(4, "big") + data


class _Reader:
    def __init__(self, body: bytes, tokens: Tokens) -> None:
        self._body = body
        self._at = 0
        self._tokens = tokens

    @property
    def has_more(self) -> bool:
        return self._at < len(self._body)

    def node(self) -> Node:
        size = self._list(self._byte())
        tag = self._string()
        attributes: dict[str, Value] = {}
        for _ in range((size - 1) // 2):
            name = self._string()
            attributes[name] = self._value(self._byte())
        return Node(tag, attributes, None if size % 2 else self._content())

    def _content(self) -> bytes | tuple[Node, ...]:
        mark = self._byte()
        if mark in (_EMPTY, _LIST8, _LIST16):
            return tuple(self.node() for _ in range(self._list(mark)))
        if mark in (_BINARY8, _BINARY20, _BINARY32):
            return self._binary(mark)
        value = self._value(mark)
        return str(value).encode()

    def _list(self, mark: int) -> int:
        match mark:
            case 0:
                return 0
            case 248:
                return self._byte()
            case 249:
                return self._number(2)
        raise MalformedError(f"{mark} begins no list")

    def _string(self) -> str:
        value = self._value(self._byte())
        if not isinstance(value, str):
            raise MalformedError(f"expected a string, found the address {value}")
        return value

    def _value(self, mark: int) -> Value:
        if mark < _DOUBLE.start:
            return self._tokens.single[mark]
        if mark in _DOUBLE:
            return self._tokens.double[mark - _DOUBLE.start][self._byte()]
        match mark:
            case 252 | 253 | 254:
                return self._binary(mark).decode()
            case 251 | 255:
                return self._packed(_DIGITS[mark])
            case 250:
                user = self._value(self._byte())
                return Address(str(user), self._string())
            case 247:
                domain, device = self._byte(), self._byte()
                return Address(self._string(), _DEVICE_SERVERS[domain & 1], device)
            case 245 | 246:
                user, device = self._string(), self._number(2)
                if mark == _INTEROP_JID:
                    self._number(2)
                return Address(user, self._string(), device)
        raise MalformedError(f"{mark} begins no value")

    def _packed(self, digits: str) -> str:
        head = self._byte()
        halves = [half for byte in self._take(head & 0x7F) for half in (byte >> 4, byte & 15)]
        if head & 0x80:
            halves.pop()
        return "".join(digits[half] for half in halves)

    def _binary(self, mark: int) -> bytes:
        match mark:
            case 252:
                size = self._byte()
            case 253:
                size = self._number(3) & 0xFFFFF
            case _:
                size = self._number(4)
        return self._take(size)

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def _byte(self) -> int:
        return self._take(1)[0]

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._body):
            raise MalformedError("the stanza is cut off")
        taken, self._at = self._body[self._at : end], end
        return taken
