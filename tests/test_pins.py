"""izer-bridge is installed only from known files, including the client's library."""

import re
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest

from izer_bridge.whatsapp import library_check

_TREE = Path(__file__).parent.parent
_CONSTRAINTS = _TREE / "constraints.txt"
_PIN = re.compile(r"[\w.-]+==[\w.]+(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n")


@pytest.fixture(scope="module")
def pins() -> ModuleType:
    loader = SourceFileLoader("pins", str(_TREE / "scripts/pins"))
    spec = spec_from_loader("pins", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_dependency_is_pinned_with_hashes(pins: ModuleType) -> None:
    """Including those that only a later Python, or another kind of machine, needs."""
    versions = pins.pinned(_CONSTRAINTS.read_text())
    for section, names in pins._sections(versions).items():
        shown = pins.show([section])
        assert pins.pinned(shown).keys() == names
        assert _PIN.sub("", shown) == ""


@pytest.mark.attack("no registry is named in what an installation reads")
@pytest.mark.parametrize("file", ["constraints.txt", "pyproject.toml", "Makefile", "scripts/pins"])
def test_no_registry_is_named(file: str) -> None:
    assert "://" not in (_TREE / file).read_text()


@pytest.mark.attack("nothing is installed but wheels of known hashes")
@pytest.mark.parametrize("goal", ["product", "development"])
def test_make_installs_nothing_but_known_wheels(goal: str) -> None:
    shown = subprocess.run(
        ["make", "-n", "-B", "-C", _TREE, f".venv/{goal}"],
        capture_output=True,
        text=True,
        check=True,
    )
    installs = [line for line in shown.stdout.splitlines() if "pip install" in line]
    assert len(installs) == 2
    assert "--require-hashes --only-binary :all: " in installs[0]
    assert "--no-deps --no-index --no-build-isolation " in installs[1]


def _wheel(folder: Path, content: str) -> Path:
    wheel = folder / "bolt-1.0-py3-none-any.whl"
    info = "bolt-1.0.dist-info"
    with ZipFile(wheel, "w") as packed:
        packed.writestr("bolt.py", content)
        packed.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: bolt\nVersion: 1.0\n")
        packed.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        packed.writestr(f"{info}/RECORD", "")
    return wheel


@pytest.mark.attack("a package that was changed behind its version is refused")
def test_a_changed_package_is_refused(pins: ModuleType, tmp_path: Path) -> None:
    """With the Makefile's pip options, and with a line in the file's own form."""
    (tmp_path / "index").mkdir()
    _wheel(tmp_path / "index", "value = 2")
    line = pins.show(["build"]).split(" ", 1)[1].split("\n")[1].strip()
    (tmp_path / "pinned.txt").write_text(f"bolt==1.0 {line.rstrip(' ' + chr(92))}\n")
    hashed = ("--require-hashes", "--only-binary", ":all:", "-r", tmp_path / "pinned.txt")
    local = ("--isolated", "--no-index", "--find-links", tmp_path / "index")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *local, "--target", tmp_path / "got", *hashed],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert not (tmp_path / "got").exists()


def test_the_installed_library_is_the_recorded_one() -> None:
    assert library_check.fault() == ""


@pytest.mark.attack("a client's library that was replaced is told of")
@pytest.mark.parametrize("name", ["neonize-linux-amd64.so", "neonize-other.so"])
def test_another_library_is_told_of(name: str, tmp_path: Path) -> None:
    assert library_check.fault(tmp_path) == "the client's library is missing"
    (tmp_path / name).write_bytes(b"\x7fELF")
    assert str(tmp_path / name) in library_check.fault(tmp_path)


@pytest.mark.attack("what root runs takes no module from the environment")
@pytest.mark.parametrize("goal", ["install", "upgrade", "uninstall"])
def test_root_runs_python_isolated(goal: str, tmp_path: Path) -> None:
    """The very command, except that it does nothing."""
    (tmp_path / "getpass.py").write_text("raise SystemExit('planted')")
    shown = subprocess.check_output(["make", "-n", "-C", _TREE, goal], text=True)
    command = re.search(rf"python3 .*scripts/service {goal}$", shown, flags=re.M)
    assert command is not None
    done = subprocess.run(
        [*command[0].split()[:-1], "nothing"],
        cwd=_TREE,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "planted" not in done.stderr + done.stdout


def test_the_licences_are_listed(pins: ModuleType) -> None:
    assert pins.licences() == (_TREE / "docs/licences.md").read_text()
