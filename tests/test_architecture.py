"""The architecture page matches the code: rooms, files, arrows, and a message's way."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

_TREE = Path(__file__).parent.parent
_ROOT = _TREE / "izer_bridge"
_PAGE = (_TREE / "docs/architecture.md").read_text("utf-8")
_CELL = re.compile(r"`([^`]+)`")
_FILE = re.compile(r"`([\w./]+(?:\.py|/))`")
_DIAGRAM = re.compile(r"```mermaid\n(.+?)```", re.DOTALL)
_NODE = r'(\w+)(?:\["([^"]+)"\])?'
_ARROW = re.compile(rf"^\s+{_NODE} (-->|-\.->) {_NODE}$")


def _part(title: str) -> str:
    """The text under a heading, up to the next one of its level."""
    _, _, rest = _PAGE.partition(f"\n## {title}\n")
    assert rest, title
    return rest.partition("\n## ")[0]


def _rows(part: str) -> Iterator[Sequence[str]]:
    """The cells of its tables' rows, without the header rows."""
    for line in part.splitlines():
        if line.startswith("| ") and "`" in line:
            yield [cell.strip() for cell in line.strip("|").split("|")]


def _module(file: str) -> str:
    return f"izer_bridge.{file.removesuffix('.py').replace('/', '.')}"


def _imported(file: str) -> set[str]:
    """A file's imports, anywhere in it; a name from a package may be a module."""
    found = set()
    for node in ast.walk(ast.parse((_ROOT / file).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return found


def _arrows(diagram: str) -> Iterator[tuple[str, str, str]]:
    """Tail, kind and head; a node is named by its file once, and by a short name from then on."""
    names: dict[str, str] = {}
    _, *lines = diagram.splitlines()
    for line in lines:
        arrow = _ARROW.match(line)
        assert arrow, line
        tail, tails_file, kind, head, heads_file = arrow.groups()
        for name, file in ((tail, tails_file), (head, heads_file)):
            if file:
                assert names.setdefault(name, file) == file
        yield names[tail], kind, names[head]


_DIAGRAMS = _DIAGRAM.findall(_PAGE)


def test_the_rooms_and_their_order_are_those_of_the_contract() -> None:
    settings = tomllib.loads((_TREE / "pyproject.toml").read_text("utf-8"))
    [contract] = [
        one for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers"
    ]
    told = [
        " | ".join(room.removesuffix("/").removesuffix(".py") for room in _CELL.findall(rooms))
        for rooms, _ in _rows(_part("The rooms"))
    ]
    assert told == contract["layers"]


def _is_there(named: str) -> bool:
    """A path in the product or in the tree; a bare name is that of files in several rooms."""
    is_path = (_ROOT / named).exists() or (_TREE / named).exists()
    return is_path or ("/" not in named and any(_ROOT.glob(f"*/{named}")))


def test_every_file_that_it_names_is_there() -> None:
    named = {*_FILE.findall(_PAGE), *re.findall(r'\["([^"]+)"\]', _PAGE)}
    assert len(named) > 150
    assert [one for one in sorted(named) if not _is_there(one)] == []


def test_each_answer_to_where_is_it_is_one_place() -> None:
    answers = [_CELL.findall(place) for _, place in _rows(_part("Where is it?"))]
    assert len(answers) >= 10
    assert all(len(one) == 1 and (_ROOT / one[0]).exists() for one in answers)


def test_each_feature_has_its_diagram() -> None:
    titles = re.findall(r"^### (.+)$", _part("Each feature's way"), re.MULTILINE)
    assert len(titles) == len(_DIAGRAMS) == 8


@pytest.mark.parametrize("diagram", _DIAGRAMS)
def test_every_arrow_is_an_import(diagram: str) -> None:
    arrows = list(_arrows(diagram))
    assert len(arrows) > 5
    wrong = [
        f"{tail} --> {head}"
        for tail, kind, head in arrows
        if kind == "-->" and _module(head) not in _imported(tail)
    ]
    assert wrong == []


@pytest.mark.parametrize("diagram", _DIAGRAMS)
def test_no_dotted_line_is_an_import(diagram: str) -> None:
    wrong = [
        f"{tail} -.-> {head}"
        for tail, kind, head in _arrows(diagram)
        if kind == "-.->" and _module(head) in _imported(tail)
    ]
    assert wrong == []


def test_the_way_of_a_message_is_the_one_that_it_goes() -> None:
    """In a separate process: code behind caches filled by other tests would not run again."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.bench.way"],
        cwd=_TREE,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    *lines, total, _ = ended.stdout.splitlines()
    passed = [line.split()[1] for line in lines]
    part = _part("The way of a message")
    told = [_CELL.findall(file)[0] for file, _ in _rows(part)]
    assert [one for one in passed if one not in told] == []
    assert [one for one in told if one not in passed] == []
    assert len(told) == len(passed)
    assert f"It prints {total}." in part
