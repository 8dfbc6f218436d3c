"""The tests' own MySQL in place of MariaDB, from a Debian that has one: `make mysql`.

Debian's current release has none, its next one has; unpacked into a folder its server runs beside
the machine's own libraries, by the loader that came with it.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.servers.mariadb import MariaDB

# The folder of its Debian; tests that want MariaDB then get MySQL.
ROOT = "TEST_MYSQL_ROOT"
_ACCOUNT = """\
CREATE USER IF NOT EXISTS root@'127.0.0.1';
GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;
"""


class MySQL(MariaDB):
    """As MariaDB's; `root` is the Debian that contains it."""

    name = "MySQL"

    def __init__(self, folder: Path, root: Path) -> None:
        super().__init__(folder)
        self._root = root.absolute()

    def _program(self) -> Sequence[str]:
        libraries = ":".join(str(one) for one in self._root.glob("usr/lib/*-linux-gnu"))
        loader = next(self._root.glob("usr/lib*/ld-linux-*.so.*"))
        shared = self._root / "usr/share/mysql"
        return [
            *(str(loader), "--library-path", libraries, str(self._root / "usr/sbin/mysqld")),
            "--no-defaults",
            f"--datadir={self._data}",
            f"--basedir={self._root / 'usr'}",
            f"--lc-messages-dir={shared}",
            f"--character-sets-dir={shared / 'charsets'}",
            f"--plugin-dir={self._root / 'usr/lib/mysql/plugin'}",
            *(["--user=root"] if os.geteuid() == 0 else []),
        ]

    def _own_options(self) -> Sequence[str]:
        account = self._folder / "account.sql"
        account.write_text(_ACCOUNT, "utf-8")
        return [
            "--mysqlx=OFF",
            "--secure-file-priv=NULL",
            "--skip-log-bin",
            f"--init-file={account}",
        ]

    def _install(self) -> None:
        command = [*self._program(), "--initialize-insecure"]
        subprocess.run(command, check=True, capture_output=True)


def server(folder: Path) -> MariaDB:
    """MariaDB, or MySQL if its Debian is named."""
    root = os.environ.get(ROOT)
    return MySQL(folder, Path(root)) if root else MariaDB(folder)
