"""`make install`, `upgrade` and `uninstall`: izer-bridge as a service of this machine's systemd."""

import getpass
import json
import os
import re
import sys

import account
import handbook
import release
import unfinished
from account import Account
from machine import (
    AGENTS,
    COMMAND,
    KEY,
    ROOT,
    SETTINGS,
    STATES,
    TIMER,
    UNITS,
    CannotError,
    remove,
    require,
    say,
    systemctl,
    write,
)
from release import Release
from unfinished import Saved

_FIRST = Account("")
_NEW = ".new"
_OPEN_WEBHOOK = '\nwebhook = "open"\n'


def install() -> None:
    """Bring this checkout into service; where another version is in service, upgrade it."""
    before, built = release.current(), release.build()
    if before is not None and (before != built or unfinished.is_there()):
        upgrade()
        return
    _keep_settings(built)
    if before is None:
        _ask_for_key()
    _FIRST.facts(built)
    built.use()
    systemctl("enable", "--quiet", _FIRST.unit, TIMER)
    systemctl("start", TIMER)
    try:
        _FIRST.start()
    except CannotError:
        raise CannotError(f"It does not start; see: journalctl -u {_FIRST.unit} -n 30") from None
    key = "is set" if KEY.exists() else f"none; the local analyser answers. To set it: {KEY} (0600)"
    say(
        f"izer-bridge {built.version} runs.\n"
        "  QR code, then the log: journalctl -u izer-bridge -f -o cat\n"
        "                         (a dark window of at least 65 × 39 characters)\n"
        f"  Settings:              {_FIRST.settings}, then: systemctl restart izer-bridge\n"
        f"  OpenAI key:            {key}\n"
        f"  Commands:              sudo izer-bridge --help\n"
        f"  Backups every night:   {_FIRST.state}/backups"
    )


def upgrade() -> None:
    """Change to this checkout, and back where it is not healthy within a minute."""
    unfinished.go_back_if_there()
    before = release.current()
    if before is None:
        raise CannotError("izer-bridge is not installed here; use: make install")
    built = release.build()
    if built == before:
        say(f"izer-bridge {built.version} of this checkout is in service already.")
        return
    accounts = account.running()
    for one in accounts:
        one.facts(built)
    unfinished.note(before, built, accounts, [])
    saved = _stopped_and_saved(accounts, before)
    unfinished.note(before, built, accounts, saved)
    try:
        built.use()
        sick = [one.unit for one in accounts if not _comes_up(one, built)]
    except BaseException:  # also Ctrl+C: nothing may be left half way
        unfinished.go_back(before, built, saved)
        raise
    if sick:
        unfinished.go_back(before, built, saved)
        raise CannotError(
            f"{', '.join(sick)} was not healthy within {account.HEALTHY_WITHIN_SECONDS} s of the "
            f"upgrade to {built.version}; {before.version} is in service again.\n"
            f"Why: journalctl -u {sick[0]} -n 100"
        )
    unfinished.end()
    _keep_settings(built, before)
    systemctl("try-restart", AGENTS)
    systemctl("enable", "--quiet", TIMER)
    systemctl("start", TIMER)
    release.remove_others(built, before)
    say(f"izer-bridge {built.version} is in service and healthy; before: {before.version}.")
    for kept in saved:
        say(f"  Backup of {kept.account.unit}: {kept.backup}")


def _stopped_and_saved(accounts: list[Account], before: Release) -> list[Saved]:
    """Raises CannotError where a backup cannot be made, and then all runs as before."""
    saved = []
    try:
        for one in accounts:
            one.stop()
            made = json.loads(one.command(before, "backup", "--json"))
            saved.append(Saved(one, made["file"], made["schema"]))
    except BaseException:  # also Ctrl+C
        for one in accounts:
            one.start()
        unfinished.end()
        raise
    return saved


def _comes_up(one: Account, built: Release) -> bool:
    try:
        one.start()
    except CannotError:
        return False
    return one.is_healthy(built)


def uninstall() -> None:
    """Remove the program; what it has stored only with PURGE=1."""
    names = [path.stem for path in SETTINGS.glob("*.toml") if path.stem != "config"]
    units = [Account(name).unit for name in ["", *names]]
    timers = [f"izer-bridge-backup@{name}.timer" for name in names]
    for unit in [*units, AGENTS, TIMER, *timers]:
        if (UNITS / re.sub("@.*[.]", "@.", unit)).exists():
            systemctl("disable", "--quiet", "--now", unit)
    changed = sorted(UNITS.glob("izer-bridge*.d"))
    for path in [*(set(UNITS.glob("izer-bridge*")) - {*changed}), COMMAND, ROOT]:
        remove(path)
    handbook.take_away()
    systemctl("daemon-reload")
    secrets = sorted(KEY.parent.glob("izer-bridge.*"))
    data = [SETTINGS, *secrets, *changed, *sorted(STATES.glob("izer-bridge*"))]
    if os.environ.get("PURGE") == "1":
        for path in [*data, *(STATES / "private").glob("izer-bridge*")]:
            remove(path)
        say("izer-bridge and all that it stored are removed; a MySQL database is not.")
    else:
        say("izer-bridge is removed.")
        if stays := [str(path) for path in data if path.exists()]:
            say(f"What stays: {', '.join(stays)}\nTo remove that, too: make uninstall PURGE=1")
    say("The phone still lists the bridge: WhatsApp → Linked devices.")


def _keep_settings(built: Release, before: Release | None = None) -> None:
    """The operator's file is never changed; new defaults come beside it."""
    default = (built.share / "config.toml").read_text("utf-8")
    if not _FIRST.settings.exists():
        write(_FIRST.settings, _with_webhook(default), 0o600)
        return
    # It may hold a password, and the service gets it from systemd.
    _FIRST.settings.chmod(0o600)
    if before is not None and (before.share / "config.toml").read_text("utf-8") != default:
        beside = _FIRST.settings.with_name(_FIRST.settings.name + _NEW)
        write(beside, default, 0o600)
        say(f"There are new defaults: compare {_FIRST.settings} with {beside}.")


def _with_webhook(settings: str) -> str:
    """What every user of this machine may post is open only where something posts there."""
    if not _is_somebody_there():
        say('POST /webhook is open to every user of this machine; else set api.webhook = "token".')
        return settings
    answer = input("Does an old connector on this machine post to /webhook? [y/N] ")
    if answer.strip().lower() in ("y", "yes", "e", "evet"):
        return settings
    say('POST /webhook asks for the token; to open it: api.webhook = "open".')
    return settings.replace(_OPEN_WEBHOOK, _OPEN_WEBHOOK.replace("open", "token"), 1)


def _is_somebody_there() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask_for_key() -> None:
    if KEY.exists() or not _is_somebody_there():
        return
    key = getpass.getpass("OpenAI API key (Enter for none; it is not shown): ").strip()
    if key:
        KEY.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(KEY, key + "\n", 0o600)


def main() -> None:
    commands = {"install": install, "upgrade": upgrade, "uninstall": uninstall}
    try:
        require()
        commands[sys.argv[1]]()
    except CannotError as error:
        sys.exit(f"izer-bridge: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
