"""Every warning and error that the log can hold stands in the document, with what ends it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_TREE = Path(__file__).parent.parent
_PAGE = (_TREE / "docs/troubleshooting.md").read_text("utf-8")
_LOGS = {"log", "_log"}
_LEVELS = {"warning", "error", "exception", "critical"}
# Logged at the level of what they tell of.
_OF_ANY_LEVEL = {"link_changed", "condition_began", "whatsapp_client"}
_ROW = re.compile(r"^\| `([a-z_]+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def _calls() -> Iterator[ast.Call]:
    for file in sorted((_TREE / "izer_bridge").rglob("*.py")):
        if "simulator" not in file.parts:
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield node


def _logged() -> Iterator[str]:
    for call in _calls():
        where = call.func
        if isinstance(where, ast.Attribute) and isinstance(where.value, ast.Name):
            first = call.args[0] if call.args else None
            if (
                where.value.id in _LOGS
                and where.attr in _LEVELS
                and isinstance(first, ast.Constant)
            ):
                yield str(first.value)
        for named in call.keywords:
            # What a loop says where a store or a network is away.
            if named.arg == "delayed" and isinstance(named.value, ast.Constant):
                yield str(named.value.value)


def test_each_event_is_told_with_what_ends_it() -> None:
    section = _PAGE.partition("## Every warning and error")[2]
    rows = _ROW.findall(section)
    logged = {*_logged(), *_OF_ANY_LEVEL}
    assert len(logged) > 60
    assert sorted(logged - {name for name, _, _ in rows}) == []
    assert sorted({name for name, _, _ in rows} - logged) == []
    assert [name for name, _, _ in rows] == sorted(name for name, _, _ in rows)
    assert [name for name, tells, ends in rows if not (tells.strip() and ends.strip())] == []


def test_what_ends_an_event_by_name_is_logged() -> None:
    """An all-clear that no code gives would never come."""
    section = _PAGE.partition("## Every warning and error")[2]
    told = {str(call.args[0].value) for call in _calls() if _is_event(call)}  # type: ignore[attr-defined]
    named = {
        word
        for _, _, ends in _ROW.findall(section)
        for word in re.findall(r"`([a-z]+_[a-z_]+)(?: [a-z_]+=[a-z_]+)?`", ends)
    }
    assert sorted(named - told - _OF_ANY_LEVEL) == []


def _is_event(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant)
