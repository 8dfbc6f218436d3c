"""A booted systemd with the service installed in it, from a copy of this tree."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import elftools
import pytest

from tests.systemd import hanging_bridge
from tests.systemd.container import Container, missing
from tests.systemd.service import CHECKOUT, Service
from tests.systemd.wheelhouse import fill

_TREE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """If there can be none: skipped, but a mere missing package is a failure in CI."""
    if os.geteuid() != 0:
        pytest.skip("only root can boot a container")
    if lacking := missing():
        if os.environ.get("CI"):
            pytest.fail(lacking)
        pytest.skip(lacking)
    # Its users must be able to read what root creates for it.
    os.umask(0o022)
    container = Container(tmp_path_factory.mktemp("machine"))
    try:
        _copy_tree(container)
        fill(container.files / "opt/wheelhouse")
        own = Path(hanging_bridge.__file__).parent
        files = [own / "hanging_bridge.py", own / "denied.py", Path(elftools.__file__).parent]
        container.copy(files, "/opt/test")
        container.copy([_TREE / "izer_bridge/simulator"], "/opt/test/beside")
        container.boot()
        yield container
    finally:
        container.end()


def _copy_tree(container: Container) -> None:
    listed = ("git", "-C", str(_TREE), "ls-files", "--cached", "--others", "--exclude-standard")
    for name in subprocess.check_output(listed, text=True).splitlines():
        if (_TREE / name).exists() and not name.startswith("tests/"):
            container.copy([_TREE / name], str(Path(CHECKOUT, name).parent))


@pytest.fixture(scope="module")
def service(machine: Container) -> Service:
    """Installed and running; it cannot reach WhatsApp before a test lets it."""
    service = Service(machine)
    service.install()
    return service
