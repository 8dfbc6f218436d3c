"""Maintenance that is killed at any step leaves everything of before or everything of after."""

import os
from pathlib import Path

import pytest

from tests.attack.kills import COMMANDS, killed
from tests.attack.upgrades import upgraded

# `make attack` kills at every step.
_MOST = 0 if "ATTACK_ALL" in os.environ else 8


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.attack("maintenance killed at each of its steps")
def test_a_kill_at_any_step_leaves_all_of_before_or_all_of_after(
    tmp_path: Path, store_url: str, command: str
) -> None:
    url = "" if store_url.startswith("sqlite") else store_url
    found = killed(tmp_path, url, command, _MOST)
    assert found["wrong"] == {}
    assert found["killed"] >= min(_MOST or 1, found["steps"])


@pytest.mark.attack("an upgrade killed before and after everything it does")
def test_an_upgrade_that_is_killed_goes_back_at_the_next(tmp_path: Path) -> None:
    found = upgraded(tmp_path)
    assert found["wrong"] == {}
    assert found["killed"] > 20
