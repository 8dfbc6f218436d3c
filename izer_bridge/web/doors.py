"""The doors of the HTTP interface and their requirements; a route not listed is shut."""

from collections.abc import Mapping
from enum import StrEnum


class Door(StrEnum):
    """`OPEN` tells how the bridge is; `HERE` asks for the token beyond loopback, `TOKEN` always.

    Every route that shows a person's words or decides anything is `TOKEN`.
    """

    OPEN = "open to all"
    HERE = "open on loopback"
    TOKEN = "token"  # noqa: S105 - what is asked for
    SIGNED = "signature"


_DOORS = {
    "livez": Door.OPEN,
    "readyz": Door.OPEN,
    # It says more to the token's holder.
    "health": Door.OPEN,
    "stats": Door.HERE,
    "metrics": Door.HERE,
    "openapi": Door.HERE,
    # Style and script hold nobody's words, and the page that asks who one is needs them.
    "static": Door.OPEN,
}


def door(route: str | None, webhook: Door) -> Door:
    """The door of a route by its name; a path that leads nowhere has none, and shows nothing."""
    if route == "webhook":
        return webhook
    return _DOORS.get(route, Door.TOKEN) if route else Door.HERE


_TOKEN = "who has the token"  # noqa: S105 - who may come in


def open_to(*, is_open_here: bool, webhook: Door) -> Mapping[str, str]:
    """Which doors are open to whom, in one sentence for the log and `doctor`."""
    here = "every user of this machine" if is_open_here else _TOKEN
    posting = {Door.HERE: here, Door.SIGNED: "who signs"}
    return {"counts": here, "webhook": posting.get(webhook, _TOKEN), "drafts": _TOKEN}
