"""Checks that the client's compiled library is the one that this version was tested with.

It looks at the file and never loads it.
"""

import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path

# From the wheels in constraints.txt. The loaded library reads every message and holds the session.
SHA256 = {
    "neonize-linux-amd64.so": "56b0636515068e8f8383e5448b6cfd2516ea923fa6c68ce4a2e516da96ec405d",
    "neonize-linux-arm64.so": "25ea97e7c7933396a655e00a716f79da9095500cfb1cac053cb3addd82bd453c",
}


def fault(folder: Path | None = None) -> str:
    """What is wrong with the client's libraries in `folder`, by default where it is installed.

    Empty if nothing is.
    """
    folder = folder or _installed()
    files = sorted(folder.glob("*.so")) if folder else []
    if not files:
        return "the client's library is missing"
    for file in files:
        if (wanted := SHA256.get(file.name)) is None:
            return f"{file} is no library of the client that is known"
        if hashlib.sha256(file.read_bytes()).hexdigest() != wanted:
            return f"{file} is not the library that this version was tried with: its hash differs"
    return ""


def _installed() -> Path | None:
    spec = find_spec("neonize")
    return Path(spec.origin).parent if spec and spec.origin else None


if __name__ == "__main__":
    sys.exit(fault() or 0)
