"""The shop's own answers: found where they are written, and nowhere else."""

import json
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from izer_bridge.agents.builtin.knowledge import LONGEST_ANSWER, Knowledge, is_like, sections_in
from izer_bridge.agents.builtin.knowledge_files import LARGEST_FILE, Library
from izer_bridge.domain.errors import ConfigError

DATA = Path(__file__).parent.parent / "data"
EXAMPLE = Path(__file__).parents[2] / "docs" / "knowledge" / "ornek.md"
KNOWLEDGE = Knowledge(sections_in(EXAMPLE.read_text("utf-8")))
ANSWERABLE = [
    json.loads(line) for line in (DATA / "answerable.jsonl").read_text("utf-8").splitlines()
]
UNANSWERABLE = [
    json.loads(line) for line in (DATA / "unanswerable.jsonl").read_text("utf-8").splitlines()
]


def test_the_sets_are_as_large_as_they_should_be() -> None:
    assert (len(ANSWERABLE), len(UNANSWERABLE)) == (165, 196)


@pytest.mark.parametrize("case", ANSWERABLE, ids=lambda case: case["message"])
def test_what_is_written_is_found(case: dict[str, str]) -> None:
    found = KNOWLEDGE.find(case["message"])
    assert found is not None
    assert found.questions[0] == case["heading"]


@pytest.mark.parametrize("case", UNANSWERABLE, ids=lambda case: case["message"])
def test_what_is_not_written_is_not_found(case: dict[str, str]) -> None:
    assert KNOWLEDGE.find(case["message"]) is None


def test_a_file_is_read_as_sections() -> None:
    text = """
# Chapter

## First / Also asked so? #

One **bold** line
that goes on, with [a link](https://shop.example/a).

- item

### Empty
## Second
<!-- a
note --> Text.
"""
    first, second = sections_in(text)
    assert first.questions == ("First", "Also asked so?")
    assert first.answer == (
        "One bold line that goes on, with a link: https://shop.example/a.\n• item"
    )
    assert (second.questions, second.answer) == (("Second",), "Text.")


@pytest.mark.parametrize("text", ["", "no heading", "# A\n## B\n", "<!-- # A\ntext -->"])
def test_a_file_without_an_answer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="holds no heading"):
        sections_in(text)


def test_a_long_answer_keeps_to_whole_paragraphs() -> None:
    section = sections_in("# A\n" + "\n\n".join(["Bir cümle. " * 20] * 10))[0]
    assert len(section.answer) <= LONGEST_ANSWER
    assert section.answer.endswith("cümle.")


@pytest.mark.parametrize(
    ("one", "other"),
    [("saatleri", "saatiniz"), ("stok", "stogu"), ("iadeyi", "iade"), ("surusu", "surus")],
)
def test_endings_do_not_matter(one: str, other: str) -> None:
    assert is_like(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("kask", "kaset"), ("jant", "janti2"), ("c:pay", "c:p")]
)
def test_other_words_are_other_words(one: str, other: str) -> None:
    assert not is_like(one, other)


async def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("# Eski\nBir.", "utf-8")
    library = Library(tmp_path)
    assert [one.answer for one in (await library.knowledge()).sections] == ["Bir."]
    file.write_text("# Yeni\nİki iki.", "utf-8")
    assert [one.answer for one in (await library.knowledge()).sections] == ["İki iki."]
    file.unlink()
    assert (await library.knowledge()).sections == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "a.md is not UTF-8 (byte 0)"),
        (b"nothing", "a.md holds no heading"),
        (b"# A\n" + b"x" * LARGEST_FILE, "a.md is larger than 256 KiB"),
    ],
)
async def test_a_bad_file_is_told_once_and_keeps_its_last_text(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "a.md"
    file.write_text("# A\nİyi.", "utf-8")
    library = Library(tmp_path)
    await library.knowledge()
    file.write_bytes(content)
    os.utime(file, ns=(1, 1))
    with capture_logs() as logged:
        for _ in range(2):
            assert [one.answer for one in (await library.knowledge()).sections] == ["İyi."]
    assert [said in one["error"] for one in logged] == [True]


def test_a_folder_that_is_not_there_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"knowledge_dir: .*nowhere is no folder"):
        Library(tmp_path / "nowhere")


async def test_without_a_folder_nothing_is_known() -> None:
    assert (await Library(None).knowledge()).sections == ()
