"""Everything that the documents name exists: files, folders, modules, links, glossary entries."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from izer_bridge.cli import COMMANDS

_TREE = Path(__file__).parent.parent
_PRODUCT = _TREE / "izer_bridge"
_PAGES = {
    page: page.read_text("utf-8")
    for pattern in ("*.md", "docs/**/*.md", ".github/**/*.md", "config.toml")
    for page in sorted(_TREE.glob(pattern))
}
# Names in the product or the tree, and no address, route or file of an operator's machine.
_PLACES = {one.name for folder in (_TREE, _PRODUCT) for one in folder.iterdir()}
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"[\w-]+(?:/[\w.-]+)*(?:\.\w+|/)")
_MODULE = re.compile(r"\b(?:izer_bridge|tests|benchmarks)(?:\.\w+)+")


def _paths(page: Path) -> Iterator[str]:
    """Paths in our folders, and modules by their bare names."""
    for code in _CODE.findall(_PAGES[page]):
        if _PATH.fullmatch(code):
            place, slash, _ = code.partition("/")
            if (slash and place in _PLACES) or (not slash and code.endswith(".py")):
                yield code


def _is_path(page: Path, named: str) -> bool:
    if "/" not in named and any(_PRODUCT.rglob(named)):
        return True
    return any((base / named).exists() for base in (_TREE, _PRODUCT, page.parent))


def _links(page: Path) -> Iterator[str]:
    return (one for one in _LINK.findall(_PAGES[page]) if "://" not in one)


def _is_link(page: Path, named: str) -> bool:
    return (page.parent / named).exists()


def _modules(page: Path) -> Iterator[str]:
    return iter(_MODULE.findall(_PAGES[page]))


def _is_module(_: Path, named: str) -> bool:
    place = _TREE / named.replace(".", "/")
    return place.is_dir() or place.with_suffix(".py").is_file()


def _missing(
    named_in: Callable[[Path], Iterator[str]], is_there: Callable[[Path, str], bool], *, least: int
) -> list[str]:
    """The missing names and where each is used; `least` are named, or nothing was checked."""
    named = [(page, one) for page in _PAGES for one in named_in(page)]
    assert len(named) >= least
    return [f"{page.relative_to(_TREE)}: {one}" for page, one in named if not is_there(page, one)]


def test_a_shop_reads_the_first_page_to_its_end() -> None:
    assert len(_PAGES[_TREE / "README.md"].split()) < 900


def test_every_command_stands_on_its_page() -> None:
    page = _PAGES[_TREE / "docs/commands.md"]
    table = "".join(line for line in page.splitlines() if line.startswith("| `"))
    words = set(re.findall(r"[a-z-]+", table))
    assert [name for name in COMMANDS if name not in words] == []


def test_every_path_is_there() -> None:
    assert _missing(_paths, _is_path, least=300) == []


def test_every_link_leads_somewhere() -> None:
    assert _missing(_links, _is_link, least=50) == []


def test_every_module_is_there() -> None:
    assert _missing(_modules, _is_module, least=5) == []


def _glossary() -> list[tuple[str, str]]:
    """Each word with its file."""
    rows = re.findall(
        r"^\| ([^|]+) \| [^|]+ \| `([^`]+)` \|$",
        _PAGES[_TREE / "docs/glossary.md"],
        re.MULTILINE,
    )
    return [(word, file) for words, file in rows for word in words.split(", ")]


def test_each_word_of_the_glossary_has_a_file() -> None:
    words = _glossary()
    assert len(words) > 60
    assert [file for _, file in words if not (_PRODUCT / file).is_file()] == []
