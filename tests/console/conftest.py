"""The small shop of every command, made once and copied for each test."""

import shutil
from pathlib import Path

import pytest

from tests.console.leaves import furnish
from tests.faults.conftest import small_disk as small_disk
from tests.servers.mariadb import free_port


def open_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands work in `folder`; no bridge runs there."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("IZER_STATE_DIR", str(folder / "state"))
    monkeypatch.setenv("IZER_API__PORT", str(free_port()))
    monkeypatch.setenv("IZER_RETENTION__MESSAGES_DAYS", "30")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To be copied: to fill it takes longer than most commands."""
    folder = tmp_path_factory.mktemp("furnished")
    with pytest.MonkeyPatch.context() as monkeypatch:
        open_in(folder, monkeypatch)
        furnish(folder)
    return folder


@pytest.fixture
def shop(furnished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    shutil.copytree(furnished, folder)
    open_in(folder, monkeypatch)
    return folder
