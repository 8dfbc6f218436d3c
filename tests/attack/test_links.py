"""A compromised service user plants things in the state directory and waits for root."""

import os
import tempfile
from pathlib import Path

import pytest

from tests.attack.planting import planted

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has anything to lose here")
# `make attack` tries every command on every planting.
_ALL = "ATTACK_ALL" in os.environ


@as_root
@pytest.mark.timeout(3_000)
@pytest.mark.attack("links, pipes and devices in the state directory lead root nowhere")
def test_root_is_led_nowhere_by_what_lies_in_the_state_directory() -> None:
    # Not below pytest's own folder: the service's user must be able to get there.
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        found = planted(Path(name), everything=_ALL)
    assert found["wrong"] == {}
