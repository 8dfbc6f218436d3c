"""`izer-bridge label`, and `evaluate --analyser stored` on its exports."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.console.typed import app


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def listed() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(typed("label", "list", "--json")[1])
    return found


def exported(file: Path) -> list[dict[str, Any]]:
    assert typed("label", "export", str(file))[0] == 0
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@pytest.mark.usefixtures("judged")
def test_what_is_not_said_is_as_analysed_and_then_as_labelled() -> None:
    code, out, _ = typed("label", "2", "--category", "complaint", "--urgency", "8-9")
    assert (code, out) == (0, "2: complaint, urgency 8–9, urgent, action, 1hour\n")
    assert typed("label", "--no-action", "3EB0000002")[0] == 0
    [one] = listed()
    assert (one["row_id"], one["message_id"]) == (2, "3EB0000002")
    assert one["labelled_by"] == "command line"
    assert one["labelled_at"]
    assert one["expected"] == {
        "urgency": [8, 9],
        "category": ["complaint"],
        "sentiment": ["urgent"],
        "action_required": False,
        "recommended_response_time": ["1hour"],
    }
    assert one["analysed"]["category"] == ["technical"]
    assert one["analysed"]["urgency"] == 7
    assert "complaint" in typed("label", "list")[1]


@pytest.mark.usefixtures("judged")
def test_two_answers_may_be_right() -> None:
    typed("label", "2", "--sentiment", "negative", "--sentiment", "urgent", "--urgency", "7")
    [one] = listed()
    assert one["expected"]["sentiment"] == ["negative", "urgent"]
    assert one["expected"]["urgency"] == [7, 7]


@pytest.mark.usefixtures("judged")
def test_the_export_is_a_private_set_that_evaluate_reads(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text("something longer than what comes" * 100, "utf-8")
    file.chmod(0o644)
    typed("label", "2", "--category", "complaint")
    [one] = exported(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (one["id"], one["message"]) == ("3EB0000002", "Fren hâlâ tutmuyor!")
    [earlier] = one["history"]
    assert (earlier["sender"], earlier["content"]) == ("İzer Bisiklet", "Getirin bakalım")
    code, out, _ = typed("evaluate", str(file), "--analyser", "stored", "--json")
    document = json.loads(out)
    assert (code, document["scores"]["category"], document["scores"]["urgency"]) == (0, 0, 1)
    assert document["predictions"][0]["analysis"]["category"] == "technical"
    assert typed("evaluate", str(file), "--json")[0] == 0


@pytest.mark.usefixtures("judged")
def test_raising_is_no_part_of_a_label_nor_of_what_is_measured(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    assert "urgency 7–8" in typed("label", "3", "--category", "technical")[1]
    [one] = exported(file)
    assert (one["is_group"], one["expected"]["urgency"]) == (True, [7, 8])
    code, out, _ = typed("evaluate", str(file), "--analyser", "stored", "--json")
    assert (code, json.loads(out)["overall"]) == (0, 100)


@pytest.mark.usefixtures("judged")
def test_what_the_store_does_not_hold_is_missing(tmp_path: Path) -> None:
    typed("label", "2", "--category", "technical")
    [one] = exported(tmp_path / "labels.jsonl")
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps(one) + "\n" + json.dumps(one | {"id": "3EB0FFFFFF"}), "utf-8")
    code, out, _ = typed("evaluate", str(other), "--analyser", "stored", "--json")
    document = json.loads(out)
    assert (code, document["overall"]) == (0, 50)
    assert document["failures"] == {"3EB0FFFFFF": "the store holds no analysis of it"}


@pytest.mark.usefixtures("judged")
def test_a_label_is_taken_back() -> None:
    typed("label", "2", "3", "--urgency", "9-10")
    assert len(listed()) == 2
    assert typed("label", "remove", "2")[:2] == (0, "1 removed.\n")
    assert [one["row_id"] for one in listed()] == [3]
    assert "no label has 2" in typed("label", "remove", "2")[2]


@pytest.mark.usefixtures("judged")
def test_what_is_wrong_is_said_in_one_line() -> None:
    for arguments, said in (
        (("2",), "say what is right"),
        (("2", "--urgency", "0"), "1 to 10"),
        (("2", "--urgency", "8-7"), "1 to 10"),
        (("2", "--urgency", "high"), "1 to 10"),
        (("2", "--category", "spam"), "technical, sales"),
        (("2", "--response-time", "now"), "immediate, 1hour"),
        (("4", "--urgency", "5"), "no analysed message is 4"),
        (("export", "/no/such/folder/x"), "cannot be written"),
    ):
        code, _, error = typed("label", *arguments)
        assert code == 2
        assert said in error
        assert len(error.strip().splitlines()) == 1
