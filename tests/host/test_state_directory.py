"""The lock of the state directory: one bridge, and a process that only looks is in nobody's way."""

import fcntl
from pathlib import Path

import pytest

from izer_bridge.domain.errors import ConfigError
from izer_bridge.host import state_directory


def test_a_start_goes_on_while_somebody_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state_directory.prepare(tmp_path).close()
    with (tmp_path / "lock").open() as looked_at:
        fcntl.flock(looked_at, fcntl.LOCK_SH)
        # It waits, and meanwhile the looking process has gone.
        monkeypatch.setattr("time.sleep", lambda _: fcntl.flock(looked_at, fcntl.LOCK_UN))
        state_directory.prepare(tmp_path).close()


def test_a_second_bridge_is_refused(tmp_path: Path) -> None:
    with (
        state_directory.prepare(tmp_path),
        pytest.raises(ConfigError, match="another bridge uses it"),
    ):
        state_directory.prepare(tmp_path)
