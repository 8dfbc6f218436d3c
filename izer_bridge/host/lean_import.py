"""Keeps packages out of memory that dependencies load for features the bridge does not use."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any

_running = RLock()


class _NothingType(type):
    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class Nothing(Exception, metaclass=_NothingType):  # noqa: N818 - not an error of ours
    """Stands in for every class and function of such a package; it may be a base and be caught."""


class _Empty(ModuleType):
    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """Modules imported inside find these packages empty; later imports find the real ones."""
    empty = {name: _Empty(name) for name in names if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in empty:
            del sys.modules[name]


class _Later(ModuleType):
    """A package whose own code runs when one of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        if name.startswith("__") or spec is None or spec.loader is None:
            raise AttributeError(name)
        with _running:
            if "_has_begun" not in vars(self):
                vars(self)["_has_begun"] = True
                spec.loader.exec_module(self)
        try:
            return vars(self)[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


@contextmanager
def later(*names: str) -> Iterator[None]:
    """Packages imported inside stay empty until one of their names is asked for.

    Their modules are found as usual; each name's parent is a package before it or at the top. A
    package that is loaded already, or missing, is left unchanged.
    """
    made: dict[str, ModuleType] = {}
    for name in names:
        spec = _spec_of(name, made)
        if spec is not None and name not in sys.modules:
            made[name] = module_from_spec(spec)
            made[name].__class__ = _Later
    sys.modules.update(made)
    yield
    for name, module in made.items():
        parent, _, own = name.rpartition(".")
        setattr(sys.modules[parent], own, module)


def _spec_of(name: str, made: dict[str, ModuleType]) -> ModuleSpec | None:
    """Without importing its parent."""
    parent, _, _ = name.rpartition(".")
    of_parent = made[parent].__spec__ if parent in made else PathFinder.find_spec(parent)
    return of_parent and PathFinder.find_spec(name, of_parent.submodule_search_locations)
