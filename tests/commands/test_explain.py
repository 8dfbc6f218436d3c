"""`izer-bridge explain` as it is typed."""

import json

import pytest
from typer.testing import CliRunner

from tests.commands.typed import app


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["explain", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.usefixtures("judged")
def test_it_says_who_judged_from_which_words_and_what_rules_did() -> None:
    code, out, _ = typed("2", "3EB0000003")
    assert code == 0
    assert "row 2 (3EB0000002): technical, urgency 7, urgent, 1hour" in out
    assert "by local, because no OpenAI key is set" in out
    assert "fren: technical" in out
    assert "changed by rule (group); before: technical, urgency 7" in out
    [one] = json.loads(typed("3", "--json")[1])
    assert one["analysis"]["urgency_score"] == 10
    assert one["before_raising"]["urgency_score"] == 7
    assert one["dangers"] == ["injury", "ride"]
    assert one["explanation"] == ["fren: technical"]


@pytest.mark.usefixtures("judged")
def test_what_was_not_analysed_is_named() -> None:
    code, _, error = typed("4")
    assert (code, "no analysed message is 4" in error) == (78, True)
