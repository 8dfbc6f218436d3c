"""Replaces the client's trust root, in the memory of this process and nowhere else."""

import ctypes
import os
from pathlib import Path

from elftools.elf.elffile import ELFFile

from izer_bridge.simulator.tokens import client_library

_ROOT = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")


def trust(root: bytes) -> None:
    """Make this process's client accept servers that `root` (32 bytes) vouches for.

    Raises LookupError unless the client's own root is in its library exactly once.
    """
    library = client_library()
    address = _loaded_at(library) + _place_of_root(library)
    if ctypes.string_at(address, len(_ROOT)) != _ROOT:
        raise LookupError("the client's trust root is not where its file says")
    ctypes.memmove(address, root, len(root))


def _place_of_root(library: Path) -> int:
    """Where the root is, relative to the address that the library is loaded at."""
    content = library.read_bytes()
    if content.count(_ROOT) != 1:
        raise LookupError(f"the client's trust root stands {content.count(_ROOT)} times in it")
    offset = content.index(_ROOT)
    with library.open("rb") as file:
        segments = list(ELFFile(file).iter_segments("PT_LOAD"))
    lowest = min(segment["p_vaddr"] for segment in segments)
    for segment in segments:
        if segment["p_offset"] <= offset < segment["p_offset"] + segment["p_filesz"]:
            place = segment["p_vaddr"] + offset - segment["p_offset"]
            return int(place - lowest // os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PAGE_SIZE"))
    raise LookupError("the client's trust root is in no part of the library that is loaded")


def _loaded_at(library: Path) -> int:
    import izer_bridge.whatsapp.library  # noqa: F401  (loads the library)

    maps = Path("/proc/self/maps").read_text().splitlines()
    starts = [int(line.split("-")[0], 16) for line in maps if line.endswith(str(library))]
    if not starts:
        raise LookupError(f"{library.name} is not loaded")
    return min(starts)
