"""Stanzas survive encoding and decoding, and garbage is reported as such."""

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from izer_bridge.simulator.binary_xml import Address, MalformedError, Node, decode, encode
from izer_bridge.simulator.tokens import installed_tokens

TOKENS = installed_tokens()

known = st.sampled_from(
    [*TOKENS.single[1:], *(token for table in TOKENS.double for token in table)]
)
words = st.text(min_size=1, max_size=40).filter(lambda text: "\ud800" not in text)
numbers = st.from_regex(r"[0-9]{5,15}", fullmatch=True)
addresses = st.one_of(
    st.builds(Address, st.just(""), st.just("s.whatsapp.net")),
    st.builds(Address, numbers, st.sampled_from(["g.us", "newsletter", "broadcast"])),
    st.builds(Address, numbers, st.sampled_from(["s.whatsapp.net", "lid"]), st.integers(0, 255)),
)
attributes = st.dictionaries(known | words, known | words | addresses, max_size=6)


def nodes(content: Any) -> Any:
    return st.builds(Node, known | words, attributes, content)


stanzas = st.recursive(
    nodes(st.none() | st.binary(max_size=400)),
    lambda inner: nodes(st.lists(inner, min_size=1, max_size=4).map(tuple)),
    max_leaves=12,
)


@given(stanzas)
def test_every_stanza_comes_back(stanza: Node) -> None:
    assert decode(encode(stanza, TOKENS), TOKENS) == stanza


@given(stanzas)
def test_compressed_ones_too(stanza: Node) -> None:
    frame = encode(stanza, TOKENS)
    assert decode(b"\x02" + zlib.compress(frame[1:]), TOKENS) == stanza


@pytest.mark.parametrize("size", [255, 256, 70_000, (1 << 20) + 1])
def test_content_of_every_length_class(size: int) -> None:
    stanza = Node("enc", {"v": "2"}, bytes(size))
    assert decode(encode(stanza, TOKENS), TOKENS) == stanza


def test_long_lists() -> None:
    stanza = Node("list", {}, tuple(Node("item", {"id": str(n)}) for n in range(300)))
    assert decode(encode(stanza, TOKENS), TOKENS) == stanza


@pytest.mark.parametrize(
    ("packed", "text"),
    [
        (b"\xff\x02\x12\x34", "1234"),
        (b"\xff\x82\x12\x3f", "123"),
        (b"\xff\x82\x1a\x2b", "1-2"),
        (b"\xfb\x02\xab\xcd", "ABCD"),
    ],
)
def test_packed_digits_are_read(packed: bytes, text: str) -> None:
    frame = b"\x00\xf8\x03" + b"\xfc\x01a" + b"\xfc\x01b" + packed
    assert decode(frame, TOKENS) == Node("a", {"b": text})


@given(st.binary(max_size=200))
def test_garbage_is_told_as_such(garbage: bytes) -> None:
    try:
        decode(garbage, TOKENS)
    except MalformedError:
        return


def test_the_tables_are_whole() -> None:
    assert TOKENS.single[1] == "xmlstreamstart"
    assert len(TOKENS.single) == 236
    assert [len(table) for table in TOKENS.double] == [256] * 4
