"""One name for one thing, and no module too long to be read at once."""

import ast
from collections import defaultdict
from pathlib import Path

import izer_bridge

_ROOT = Path(izer_bridge.__file__).parent
# A section of the settings may share its feature's word, and the simulator describes its own world.
_APART = ("config", "simulator")
_MOST_LINES = 350


def test_no_public_class_has_another_ones_name() -> None:
    places = defaultdict(list)
    for path in sorted(_ROOT.rglob("*.py")):
        place = path.relative_to(_ROOT)
        if place.parts[0] in _APART:
            continue
        for one in ast.parse(path.read_text("utf-8")).body:
            if isinstance(one, ast.ClassDef) and not one.name.startswith("_"):
                places[one.name].append(str(place))
    assert len(places) > 400
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_module_is_long() -> None:
    lines = {
        str(path.relative_to(_ROOT)): len(path.read_text("utf-8").splitlines())
        for path in _ROOT.rglob("*.py")
    }
    assert {place: count for place, count in lines.items() if count > _MOST_LINES} == {}
