"""The manual page: it contains every command and option, and man can read it."""

import shutil
import subprocess

import pytest

from izer_bridge.manual import page
from tests.console.leaves import LEAVES


def rendered() -> str:
    if shutil.which("groff") is None:
        pytest.skip("groff is missing: sudo apt install groff-base")
    shown = subprocess.run(
        ["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-P-cbou"],
        input=page(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stderr == ""
    return shown.stdout


def test_every_command_and_option_is_in_it() -> None:
    shown = " ".join(rendered().replace("\u2010", "-").split())
    for path, command in LEAVES.items():
        assert " ".join(path) in shown
        for one in command.params:
            if one.param_type_name == "option":
                assert one.opts[0] in shown
