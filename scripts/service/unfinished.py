"""An upgrade that has begun: how it goes back, also after it was killed at any moment.

A note stands in /opt/izer-bridge from before the first service is stopped until all are healthy, or
all is as before. The next `make install` or `upgrade` goes back first where it finds one.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from account import Account
from machine import RELEASES, ROOT, CannotError, say, write
from release import Release

_NOTE = ROOT / "upgrade.json"
_HALF_RESTORED = "restore.json"


@dataclass(frozen=True)
class Saved:
    """What an account had before the upgrade: its backup, and the version of its tables."""

    account: Account
    backup: str
    schema: str | None


def is_there() -> bool:
    return _NOTE.exists()


def note(
    before: Release, built: Release, accounts: Sequence[Account], saved: Sequence[Saved]
) -> None:
    """`saved` is empty until every account is stopped and saved: nothing has changed until then."""
    facts = {
        "before": before.path.name,
        "built": built.path.name,
        "accounts": [one.name for one in accounts],
        "saved": [asdict(one) for one in saved],
    }
    write(_NOTE, json.dumps(facts), 0o600)


def end() -> None:
    _NOTE.unlink(missing_ok=True)


def go_back_if_there() -> None:
    """Raises CannotError where the note cannot be read, or it cannot go back."""
    if not is_there():
        return
    try:
        facts = json.loads(_NOTE.read_text("utf-8"))
        before, built = (Release(RELEASES / facts[name]) for name in ("before", "built"))
        accounts = [Account(name) for name in facts["accounts"]]
        saved = [
            Saved(Account(one["account"]["name"]), one["backup"], one["schema"])
            for one in facts["saved"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotError(f"{_NOTE} of an upgrade that was interrupted: {error}") from None
    say(f"The upgrade to {built.version} was interrupted.")
    if saved:
        go_back(before, built, saved)
    for one in accounts:
        one.start()
    end()


def go_back(before: Release, built: Release, saved: Sequence[Saved]) -> None:
    """The code of before, and its tables where the new version changed them; may be repeated.

    Session and inbox stay: what WhatsApp has handed over since must not be forgotten.
    """
    say(f"Going back to {before.version}.")
    for one in saved:
        one.account.stop()
    before.use()
    for one in saved:
        if one.schema is not None and one.schema != one.account.facts(built).schema:
            _restore(before, one)
        one.account.start()
    end()


def _restore(before: Release, one: Saved) -> None:
    if (one.account.state / _HALF_RESTORED).exists():
        done = json.loads(one.account.command(before, "restore", "--json", "--go-on"))
    else:
        restore = ("restore", "--json", "--database-only", one.backup)
        done = json.loads(one.account.command(before, *restore))
    say(
        f"The database of {one.account.unit} is as it was before the upgrade; what the new "
        f"version wrote lies in {done['aside']}"
    )
