"""Packages that others load for what the bridge has no use for, left out of memory."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


class _NothingType(type):
    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class Nothing(Exception, metaclass=_NothingType):  # noqa: N818 - not an error of ours
    """Stands for every class and function of such a package; it may be a base and be caught."""


class _Empty(ModuleType):
    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """Modules imported meanwhile find these empty; who imports them afterwards finds them."""
    empty = {name: _Empty(name) for name in names if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in empty:
            del sys.modules[name]
