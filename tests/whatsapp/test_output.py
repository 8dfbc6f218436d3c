"""What the client's library prints past Python's own output."""

import subprocess
import sys

import pytest

from izer_bridge.whatsapp.client.output import shown

PRINTING = """
import os, time
from izer_bridge.host import logs
from izer_bridge.whatsapp.client import output
logs.configure("info")
output.capture()
print("ours", flush=True)
os.write(1, b"SendMessage: Error sending message: no LID found for 905551112233@s.whatsapp.net\\n")
os.write(1, b"x" * 200_000 + b"\\nlast\\n")
for _ in range(20):
    time.sleep(0.02)
    print("still ours", flush=True)
"""


def test_it_becomes_an_event_without_numbers_and_ours_stays_ours() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRINTING],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.splitlines()) == {"ours", "still ours"}
    said = [line for line in done.stderr.splitlines() if "event=whatsapp_client_said" in line]
    assert "no LID found for …@s.whatsapp.net" in said[0]
    assert "said=last" in said[-1]
    assert "555" not in done.stderr


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"  \x1b[2J", "[2J"),
        (b"\xff 905551112233", "\ufffd …"),
        (b"", ""),
    ],
)
def test_what_is_shown_of_a_line(said: bytes, expected: str) -> None:
    assert shown(said).replace("\\x1b", "") == expected
