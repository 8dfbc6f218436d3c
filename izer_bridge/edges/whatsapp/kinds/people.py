"""People: contact cards with their numbers, and invitations to groups and channels."""

import re
from typing import Any

from izer_bridge.edges.whatsapp import bounds
from izer_bridge.edges.whatsapp.kinds.content import Content, listed, worded
from izer_bridge.model.message import Kind

_LONGEST_CARD = 65_536
_MOST_CARDS = 50
_FOLDED = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"^(?:[\w-]+\.)?([A-Za-z]+)((?:;[^:\r\n]*)?):(.*)$", re.MULTILINE)
_WAID = re.compile(r"\bwaid=(\d{5,15})\b", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\\,;nN])")


def contact(part: Any) -> Content:
    return Content(Kind.CONTACT, card(part) or "[kişi kartı]")


def contacts(part: Any) -> Content:
    cards = ", ".join(filter(None, map(card, part.contacts[:_MOST_CARDS])))
    left = len(part.contacts) - _MOST_CARDS
    more = f", … (+{left})" if left > 0 else ""
    return Content(Kind.CONTACT, cards + more or bounds.name(part.displayName) or "[kişi kartı]")


def card(part: Any) -> str:
    """`name: number, number`; without a name on the card the one that its vCard gives."""
    lines = _lines(part.vcard)
    names = (bounds.name(part.displayName), *(_name(key, value) for key, _, value in lines))
    name = next(filter(None, names), "")
    told = ", ".join(listed(_number(more, value) for key, more, value in lines if key == "TEL"))
    return f"{name}: {told}" if name and told else name or told


def _lines(vcard: str) -> list[tuple[str, str, str]]:
    """Name, parameters and value of each property that counts; FN before N and ORG."""
    found = _LINE.findall(_FOLDED.sub("", vcard[:_LONGEST_CARD]))
    known = ("FN", "N", "ORG", "TEL")
    lines = [(key.upper(), more, value) for key, more, value in found if key.upper() in known]
    return sorted(lines, key=lambda line: known.index(line[0]))


def _name(key: str, value: str) -> str:
    if key == "N":
        family, given = [*value.split(";"), "", ""][:2]
        value = f"{given} {family}"
    return "" if key == "TEL" else bounds.name(_ESCAPED.sub(_unescaped, value)).strip("; ")


def _unescaped(found: re.Match[str]) -> str:
    return " " if found[1] in "nN" else found[1]


def _number(more: str, value: str) -> str:
    """As it is written, else as WhatsApp knows it."""
    waid = _WAID.search(more)
    return bounds.name(value.removeprefix("tel:")) or (f"+{waid[1]}" if waid else "")


def group_invitation(part: Any) -> Content:
    words = (bounds.name(part.groupName), bounds.line(part.caption))
    return Content(Kind.TEXT, worded("grup daveti", *words))


def channel_invitation(part: Any) -> Content:
    words = (bounds.name(part.newsletterName), bounds.line(part.caption))
    return Content(Kind.TEXT, worded("kanal daveti", *words))


def shared_chat(part: Any) -> Content:
    return Content(Kind.CONTACT, bounds.name(part.displayName) or bounds.name(part.ID))
