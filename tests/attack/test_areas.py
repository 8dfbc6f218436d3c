"""Each case that `make attack` tries has an area in its table; one without would end the table."""

import re
from pathlib import Path

import pytest

from tests.attack.areas import area_of

_TREE = Path(__file__).parents[2]
_MARKED = re.compile(r"pytest\.mark\.(attack|long)\b")
_FILES = [
    str(file.relative_to(_TREE))
    for file in sorted((_TREE / "tests").rglob("test_*.py"))
    if file != Path(__file__) and _MARKED.search(file.read_text("utf-8"))
]


@pytest.mark.parametrize("file", _FILES)
def test_a_file_with_cases_has_an_area(file: str) -> None:
    assert area_of(f"{file}::test_anything")
