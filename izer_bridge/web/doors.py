"""The doors of the HTTP interface and their requirements; a route not listed is shut."""

from collections.abc import Mapping
from enum import StrEnum


class Door(StrEnum):
    """`OPEN` tells how the bridge is; `HERE` asks for the token beyond loopback, `TOKEN` always.

    Every route that shows a person's words or decides anything is `TOKEN`, or a `PAGE`: that sends
    a browser without a session to `/login`. `LOGIN` may be come to from pages of other sites.
    """

    OPEN = "open to all"
    HERE = "open on loopback"
    TOKEN = "token"  # noqa: S105 - what is asked for
    SIGNED = "signature"
    PAGE = "session"
    LOGIN = "open to all who prove who they are"


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
    "login": Door.LOGIN,
}
# What the names of pages, and of the routes under `/v1`, begin with.
PAGES, OPERATIONS = "page-", "v1-"
# The pages that are an owner's alone.
_OF_OWNER = frozenset({"page-staff", "page-staff-live"})
# What staff may besides pages and `/v1`, where each operation says it itself.
_OF_STAFF = frozenset(
    {"health", "stats", "metrics", "openapi", "logout", "drafts"}
    | {"draft-approve", "draft-edit", "draft-refuse"}
)


def door(route: str | None, webhook: Door) -> Door:
    """The door of a route by its name; a path that leads nowhere has none, and shows nothing."""
    if route == "webhook":
        return webhook
    if route is not None and route.startswith(PAGES):
        return Door.PAGE
    return _DOORS.get(route, Door.TOKEN) if route else Door.HERE


def is_for_staff(route: str | None) -> bool:
    """Whether the role `staff` is enough; each operation asks for its role itself."""
    is_open = route is None or route.startswith((PAGES, OPERATIONS)) or route in _OF_STAFF
    return is_open and route not in _OF_OWNER


_TOKEN = "who has the token"  # noqa: S105 - who may come in


def open_to(*, is_open_here: bool, webhook: Door) -> Mapping[str, str]:
    """Which doors are open to whom, in one sentence for the log and `doctor`."""
    here = "every user of this machine" if is_open_here else _TOKEN
    posting = {Door.HERE: here, Door.SIGNED: "who signs"}
    people = "people with a token or link of their own, here or over TLS"
    return {
        "counts": here,
        "webhook": posting.get(webhook, _TOKEN),
        "drafts": _TOKEN,
        "pages": people,
    }
