"""What `pip install` of the wheel brings: the whole product, and nothing of the simulator."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

TREE = Path(__file__).parent.parent
_BUILD = ("wheel", ".", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir")


def test_the_wheel_holds_the_product_and_no_simulator(tmp_path: Path) -> None:
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(TREE / "izer_bridge", source / "izer_bridge", ignore=unwanted)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(TREE / name, source)
    command = [sys.executable, "-m", "pip", *_BUILD, str(wheels)]
    subprocess.run(
        command, cwd=source, check=True, env=os.environ | {"PIP_CONFIG_FILE": os.devnull}
    )
    [wheel] = wheels.iterdir()
    held = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = (path for path in (TREE / "izer_bridge").rglob("*") if path.is_file())
    there = {str(path.relative_to(TREE)) for path in files if "__pycache__" not in path.parts}
    simulator = {name for name in there if name.startswith("izer_bridge/simulator/")}
    assert simulator
    assert held == there - simulator
