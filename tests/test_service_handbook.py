"""The manual page and completions that `make install` installs, and removes again."""

import gzip
import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_SCRIPTS = Path(__file__).parent.parent / "scripts/service"


@pytest.fixture
def handbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """With a separate machine that has bash and zsh."""
    monkeypatch.syspath_prepend(str(_SCRIPTS))
    module = importlib.import_module("handbook")
    places = {name: tmp_path / "machine" / name for name in module._PLACES}
    monkeypatch.setattr(module, "_PLACES", places)
    shells = tmp_path / "shells"
    shells.mkdir()
    for name in ("bash", "zsh"):
        (shells / name).touch(0o755)
    monkeypatch.setenv("PATH", str(shells))
    return module


def test_page_and_completions_are_put_renewed_and_taken_away(handbook: Any, tmp_path: Path) -> None:
    made, there = tmp_path / "made", tmp_path / "machine"
    handbook.make(Path(sys.executable).parent, made, {"PATH": os.defpath})
    for _ in range(2):
        handbook.put(made)
        assert sorted(one.name for one in there.iterdir()) == ["bash", "izer-bridge.1.gz", "zsh"]
        assert {one.stat().st_mode & 0o777 for one in there.iterdir()} == {0o644}
    assert gzip.decompress((there / "izer-bridge.1.gz").read_bytes()).startswith(b".TH IZER-BRIDGE")
    assert (there / "zsh").read_text().startswith("#compdef izer-bridge\n")
    shown = subprocess.run(
        ["/bin/bash", "-c", f". {there / 'bash'}; complete -p izer-bridge"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_izer_bridge_completion izer-bridge" in shown.stdout
    handbook.take_away()
    handbook.take_away()
    assert list(there.iterdir()) == []
