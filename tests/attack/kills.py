"""Kills maintenance at each of its steps, and looks at what is left.

`tests.attack.steps` says what a step is. Arguments: the scratch folder, the command's name, and at
how many steps it is killed (0: all). The store is that of IZER_STORE__URL: a file in the scratch
folder, or a database that is emptied. A JSON document is printed.
"""

import asyncio
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
from sqlalchemy import make_url

from izer_bridge.__main__ import main
from izer_bridge.domain.errors import ConfigError
from izer_bridge.host import stage, state_directory
from izer_bridge.host.privilege import import_ahead
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.upkeep import archive
from izer_bridge.upkeep.store import whole_store
from izer_bridge.web import api_token
from tests.attack.steps import in_fork, killed_at, steps_of
from tests.console.typed import ended
from tests.store.ledgers import SCREENING
from tests.store.messages import message

_IDS = "SELECT message_id FROM webhook_messages"
_PERSON = "+905551112233"


@dataclass(frozen=True)
class Shop:
    folder: Path
    url: str

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def make(self) -> None:
        """`before` is the existing state, `saved.tar.gz` a backup of an earlier one."""
        self._fill(1)
        _typed("backup", "--media", str(self.folder / "saved.tar.gz"))
        self._fill(2, 3)
        (self.state / "risks.jsonl").write_text("{}")
        shutil.copytree(self.state, self.folder / "before")
        if whole_store.file_of(self.url) is None:
            whole_store.save(self.url, self.folder / "before.sql")

    def _fill(self, *numbers: int) -> None:
        self.state.mkdir(mode=0o700, exist_ok=True)
        with closing(sqlite3.connect(self.state / "session.db")) as session:
            session.executescript(f"CREATE TABLE of_{numbers[0]} (id)")
        inbox = SqliteInbox(self.state / "inbox.db")
        inbox.append([(1, b"event")] * len(numbers))
        inbox.close()
        medium = self.state / "media/ab" / f"{str(numbers[0]) * 64}.jpg"
        medium.parent.mkdir(parents=True, exist_ok=True)
        medium.write_bytes(b"picture")
        asyncio.run(_record(self.url, *numbers))

    def reset(self, *, empty: bool = False) -> None:
        shutil.rmtree(self.state)
        if not empty:
            shutil.copytree(self.folder / "before", self.state)
        if whole_store.file_of(self.url) is None:
            dump = self.folder / "before.sql"
            whole_store.load(self.url, Path(os.devnull) if empty else dump)

    def holds(self) -> dict[str, Any]:
        """Everything must be as before or as after; extra media files are allowed."""
        return {
            "messages": self._messages(),
            "inbox": _column(self.state / "inbox.db", "SELECT count(*) FROM inbox"),
            "session": _column(self.state / "session.db", "SELECT name FROM sqlite_master"),
            "risks": (self.state / "risks.jsonl").exists(),
        }

    def _messages(self) -> list[Any]:
        if (file := whole_store.file_of(self.url)) is not None:
            return _column(file, _IDS)
        url = make_url(self.url)
        with (
            pymysql.connect(host=url.host, port=url.port or 0, user=url.username) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SHOW TABLES FROM {url.database} LIKE 'webhook_messages'")
            if not cursor.fetchall():
                return []
            connection.select_db(url.database)
            cursor.execute(_IDS)
            return sorted(value for (value,) in cursor.fetchall())


def _column(file: Path, query: str) -> list[Any]:
    if not file.exists():
        return []
    with closing(sqlite3.connect(file)) as connection:
        return sorted(value for (value,) in connection.execute(query))


async def _record(url: str, *numbers: int) -> None:
    ledger = SqlLedger(url, SCREENING, "test")
    await ledger.open()
    await ledger.record([message(number) for number in numbers])
    await ledger.close()


def _first_start(shop: Shop) -> None:
    """What a first start creates, up to where it listens."""
    state_directory.prepare(shop.state).close()
    SqliteInbox(shop.state / "inbox.db").close()
    asyncio.run(_record(shop.url))
    api_token.kept_token(shop.state)


def _typed(*arguments: str) -> int:
    try:
        main(list(arguments))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def run(folder: Path, command: str, most: int) -> dict[str, Any]:
    """What was wrong after a kill at each step; by the steps' names."""
    import_ahead()
    shop = Shop(folder, os.environ.get("IZER_STORE__URL", f"sqlite:///{folder}/state/bridge.db"))
    shop.make()
    work, broken, is_new = _COMMANDS[command](shop)
    before = shop.holds()
    shop.reset(empty=is_new)
    steps = steps_of(work, folder)
    after = shop.holds()
    every = max(1, len(steps) // most) if most else 1
    wrong = {}
    for number in range(0, len(steps), every):
        shop.reset(empty=is_new)
        killed_at(number, work, folder)
        if said := "; ".join(broken(before, after, number)):
            wrong[f"{number} {steps[number]}"] = said
    return {"steps": len(steps), "killed": len(range(0, len(steps), every)), "wrong": wrong}


Checked = tuple[Callable[[], Any], Callable[[Any, Any, int], Iterator[str]], bool]


def _backup(shop: Shop) -> Checked:
    def broken(before: Any, after: Any, number: int) -> Iterator[str]:
        if shop.holds() != before:
            yield "what was saved has changed"
        if in_fork(lambda: _typed("backup", "--media"), shop.folder):
            yield f"no backup can be made: {(shop.folder / 'said').read_text()}"
        if left := [one.name for one in shop.state.rglob(".*")]:
            yield f"{left} stays"
        for file in (shop.state / "backups").iterdir():
            with stage.stage(shop.folder, "look") as place, file.open("rb") as content:
                archive.unpack(content, place, file.name)

    return lambda: _typed("backup", "--media"), broken, False


def _restore(shop: Shop) -> Checked:
    def broken(before: Any, after: Any, number: int) -> Iterator[str]:
        if not (shop.state / state_directory.RESTORE_MARK).exists():
            if shop.holds() not in (before, after):
                yield "neither before nor after, and nothing says so"
            return
        try:
            state_directory.prepare(shop.state).close()
            yield "a bridge would start on half a restore"
        except ConfigError as error:
            if "--go-on" not in str(error):
                yield f"it is not said what to do: {error}"
        is_back = number % 4 < 2
        way, wanted = ("--go-back", before) if is_back else ("--go-on", after)
        if in_fork(lambda: _typed("restore", way), shop.folder):
            yield f"{way} fails: {(shop.folder / 'said').read_text()[-1000:]}"
            return
        if shop.holds() != wanted:
            yield f"{way} leads to {shop.holds()}"
        state_directory.prepare(shop.state).close()
        if left := [one.name for one in shop.state.rglob(".*")]:
            yield f"{left} stays"

    return lambda: _typed("restore", str(shop.folder / "saved.tar.gz")), broken, False


def _ends(shop: Shop, *words: str) -> Checked:
    """For commands that may be repeated: the repetition ends as if nothing had happened."""

    def broken(before: Any, after: Any, number: int) -> Iterator[str]:
        if _column(shop.state / "inbox.db", "SELECT count(*) FROM inbox") != before["inbox"]:
            yield "the inbox has changed"
        # 2: nobody has that name any longer.
        if in_fork(lambda: _typed(*words), shop.folder) not in (0, 2):
            yield f"it cannot be said again: {(shop.folder / 'said').read_text()}"
        if shop.holds() != after:
            yield f"it comes to {shop.holds()}"
        if in_fork(lambda: _typed("verify"), shop.folder):
            yield f"the ledger does not verify: {(shop.folder / 'said').read_text()}"

    return lambda: _typed(*words), broken, False


def _start(shop: Shop) -> Checked:
    def broken(before: Any, after: Any, number: int) -> Iterator[str]:
        if in_fork(lambda: _first_start(shop), shop.folder):
            yield f"it does not start: {(shop.folder / 'said').read_text()[-300:]}"
        elif shop.holds() != after:
            yield f"it comes to {shop.holds()}"

    return lambda: _first_start(shop), broken, True


_COMMANDS: dict[str, Callable[[Shop], Checked]] = {
    "backup": _backup,
    "restore": _restore,
    "forget": lambda shop: _ends(shop, "forget", _PERSON, "--yes"),
    "retention": lambda shop: _ends(shop, "retention"),
    "first start": _start,
}
COMMANDS = tuple(_COMMANDS)


def killed(folder: Path, store: str, command: str, most: int) -> dict[str, Any]:
    """As `run` on the store at that URL, in a separate process; empty: a file's."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "IZER_STATE_DIR": str(folder / "state"),
        "IZER_RETENTION__MESSAGES_DAYS": "7",
        **({"IZER_STORE__URL": store} if store else {}),
    }
    words = [sys.executable, "-m", __name__, str(folder), command, str(most)]
    done = asyncio.run(ended(words, environment))
    if done.code:
        raise AssertionError(done.err[-2000:])
    found: dict[str, Any] = json.loads(done.out.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))  # noqa: T201
