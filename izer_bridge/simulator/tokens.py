"""The protocol's token tables, read out of the installed client so that they always match it.

They are in its library as Go string headers (pointer, length); the pointers are relative
relocations. No copy of them is kept here.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from elftools.elf.elffile import ELFFile

_FIRST_TOKEN = b"xmlstreamstart"
_SINGLE_TOKENS = 236
_DOUBLE_TABLES, _DOUBLE_TOKENS = 4, 256
_HEADER = 16
_RELATIVE = frozenset({8, 1027})  # R_X86_64_RELATIVE, R_AARCH64_RELATIVE


@dataclass(frozen=True)
class Tokens:
    """`single[i]` is the token of byte i, `double[t][i]` the one of byte 236 + t, then i."""

    single: tuple[str, ...]
    double: tuple[tuple[str, ...], ...]

    def code_of(self, text: str) -> bytes | None:
        """The one or two bytes that encode `text`, or None if it is not a token."""
        return _codes(self).get(text)


@cache
def _codes(tokens: Tokens) -> dict[str, bytes]:
    codes = {
        text: bytes([_SINGLE_TOKENS + table, index])
        for table, texts in enumerate(tokens.double)
        for index, text in enumerate(texts)
    }
    return codes | {text: bytes([index]) for index, text in enumerate(tokens.single) if text}


def client_library() -> Path:
    """The shared library of the installed client. Raises LookupError if there is none."""
    spec = find_spec("neonize")
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        for library in sorted(Path(folder).glob("neonize-*.so")):
            return library
    raise LookupError("neonize is not installed with a shared library")


@cache
def installed_tokens() -> Tokens:
    """The tables of the installed client. Raises LookupError if they cannot be found."""
    return _Image(client_library()).tokens()


class _Image:
    """The library as it will be laid out in memory."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = file.read()
            file.seek(0)
            elf = ELFFile(file)
            self._segments = [
                (segment["p_vaddr"], segment["p_filesz"], segment["p_offset"])
                for segment in elf.iter_segments("PT_LOAD")
            ]
            relocations = elf.get_section_by_name(".rela.dyn").data()
        self._pointers = {
            place: target
            for place, kind, target in struct.iter_unpack("<QQq", relocations)
            if kind & 0xFFFFFFFF in _RELATIVE
        }

    def tokens(self) -> Tokens:
        first = next(self._strings_equal_to(_FIRST_TOKEN), None)
        tables = sorted(self._slices(_DOUBLE_TOKENS))[:_DOUBLE_TABLES]
        if first is None or len(tables) < _DOUBLE_TABLES:
            raise LookupError("the client's library holds no token tables")
        return Tokens(
            single=self._strings(first - _HEADER, _SINGLE_TOKENS),
            double=tuple(self._strings(array, _DOUBLE_TOKENS) for _, array in tables),
        )

    def _strings_equal_to(self, text: bytes) -> Iterator[int]:
        for place, target in self._pointers.items():
            if self._at(target, len(text)) == text and self._word(place + 8) == len(text):
                yield place

    def _slices(self, length: int) -> Iterator[tuple[int, int]]:
        """Place and array of each slice header (pointer, length, capacity) of strings."""
        for place, target in self._pointers.items():
            if self._word(place + 8) == length == self._word(place + 16):
                entries = [target + index * _HEADER for index in range(length)]
                if all(entry in self._pointers for entry in entries):
                    yield place, target

    def _strings(self, place: int, count: int) -> tuple[str, ...]:
        return tuple(self._string(place + index * _HEADER) for index in range(count))

    def _string(self, place: int) -> str:
        target = self._pointers.get(place)
        return "" if target is None else self._at(target, self._word(place + 8)).decode()

    def _word(self, address: int) -> int:
        return int.from_bytes(self._at(address, 8), "little")

    def _at(self, address: int, size: int) -> bytes:
        for start, length, offset in self._segments:
            if start <= address < start + length:
                begin = offset + address - start
                return self._bytes[begin : begin + size]
        return b""
