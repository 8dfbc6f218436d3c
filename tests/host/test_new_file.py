"""A killed process's unfinished new file is removed, and nothing else."""

import os
from pathlib import Path

from izer_bridge.host import new_file


def test_what_was_left_goes_and_what_is_written_stays(tmp_path: Path) -> None:
    (tmp_path / ".old.tar.gz.0011aabb.part").write_bytes(b"half")
    (tmp_path / "whole.tar.gz").write_bytes(b"whole")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"a root's file")
    (tmp_path / ".link.part").symlink_to(elsewhere)
    os.mkfifo(tmp_path / ".pipe.part")
    with new_file.NewFile(tmp_path / "new.tar.gz") as new:
        # As on a disk without nameless files, or between its two last steps.
        writing = tmp_path / ".new.tar.gz.ffeeddcc.part"
        new._link(writing.name)
        new_file.sweep(tmp_path)
        assert writing.exists()
    new_file.sweep(tmp_path)
    left = sorted(one.name for one in tmp_path.iterdir() if one.is_file())
    assert left == [".link.part", "elsewhere", "whole.tar.gz"]
    assert elsewhere.read_bytes() == b"a root's file"
