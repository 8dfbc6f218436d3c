"""People: contact cards with their numbers, and invitations to groups and channels."""

import quopri
import re
from typing import Any

from izer_bridge.domain.message import Kind
from izer_bridge.whatsapp.convert.kinds.content import Content, listed, worded
from izer_bridge.whatsapp.library import bounds

_LONGEST_CARD = 65_536
_MOST_CARDS = 50
_LINE_END = re.compile(r"\r?\n")
_FOLDED = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"^(?:[\w-]+\.)?([A-Za-z]+)((?:;[^:\r\n]*)?):(.*)$", re.MULTILINE)
_WAID = re.compile(r"\bwaid=(\d{5,15})\b", re.IGNORECASE)
_PRINTABLE = re.compile(r"^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:])", re.IGNORECASE)
_CHARSET = re.compile(r";CHARSET=([\w-]{1,20})", re.IGNORECASE)
# A phone may show fewer digits of a number than its card contains.
_FEWEST_DIGITS = 7
_ESCAPED = re.compile(r"\\([\\,;nN])")


def contact(part: Any) -> Content:
    return Content(Kind.CONTACT, card(part) or "[kişi kartı]")


def contacts(part: Any) -> Content:
    cards = ", ".join(filter(None, map(card, part.contacts[:_MOST_CARDS])))
    left = len(part.contacts) - _MOST_CARDS
    more = f", … (+{left})" if left > 0 else ""
    return Content(Kind.CONTACT, cards + more or bounds.name(part.displayName) or "[kişi kartı]")


def card(part: Any) -> str:
    """`name: number, number`; if the card has no name, the one in its vCard."""
    lines = _lines(part.vcard)
    names = (bounds.name(part.displayName), *(_name(key, value) for key, _, value in lines))
    name = next(filter(None, names), "")
    told = ", ".join(listed(_number(more, value) for key, more, value in lines if key == "TEL"))
    return f"{name}: {told}" if name and told else name or told


def _lines(vcard: str) -> list[tuple[str, str, str]]:
    """Name, parameters and value of each relevant property; FN before N and ORG."""
    found = _LINE.findall("\n".join(_whole_lines(vcard[:_LONGEST_CARD])))
    known = ("FN", "N", "ORG", "TEL")
    lines = [(key.upper(), more, value) for key, more, value in found if key.upper() in known]
    return sorted(lines, key=lambda line: known.index(line[0]))


def _whole_lines(vcard: str) -> list[str]:
    """Decoded lines; vCard 2.1 writes them quoted-printable and continues a line after a `=`."""
    lines: list[str] = []
    for line in _LINE_END.split(_FOLDED.sub("", vcard)):
        if lines and lines[-1].endswith("=") and _PRINTABLE.match(lines[-1]):
            lines[-1] = lines[-1][:-1] + line
        else:
            lines.append(line)
    return [_plain(line) if _PRINTABLE.match(line) else line for line in lines]


def _plain(line: str) -> str:
    head, _, value = line.partition(":")
    charset = _CHARSET.search(head)
    octets = quopri.decodestring(value.encode())
    try:
        said = octets.decode(charset[1] if charset else "utf-8", "replace")
    # Not every charset name exists, and not every one is a text encoding.
    except (LookupError, ValueError):
        said = octets.decode(errors="replace")
    return f"{head}:{bounds.line(said)}"


def _name(key: str, value: str) -> str:
    if key == "N":
        family, given = [*value.split(";"), "", ""][:2]
        value = f"{given} {family}"
    return "" if key == "TEL" else bounds.name(_ESCAPED.sub(_unescaped, value)).strip("; ")


def _unescaped(found: re.Match[str]) -> str:
    return " " if found[1] in "nN" else found[1]


def _number(more: str, value: str) -> str:
    """The number as written, else as WhatsApp knows it."""
    written, waid = bounds.name(value.removeprefix("tel:")), _WAID.search(more)
    is_whole = sum(map(str.isdecimal, written)) >= _FEWEST_DIGITS
    return written if is_whole or not waid else f"+{waid[1]}"


def group_invitation(part: Any) -> Content:
    words = (bounds.name(part.groupName), bounds.line(part.caption))
    return Content(Kind.TEXT, worded("grup daveti", *words))


def channel_invitation(part: Any) -> Content:
    words = (bounds.name(part.newsletterName), bounds.line(part.caption))
    return Content(Kind.TEXT, worded("kanal daveti", *words))


def shared_chat(part: Any) -> Content:
    return Content(Kind.CONTACT, bounds.name(part.displayName) or bounds.name(part.ID))
