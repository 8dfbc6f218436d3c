"""Wrong input made from right input, by a random generator seeded for each."""

import json
from random import Random
from typing import Any

NASTY_TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "\ufeffMerhaba",
    "\u202eters\u202c",
    "a\u200bb\u2060c",
    "İıŞşĞğ 🚲👨‍👩‍👧‍👦",
    "x" * 70_000,
    *("x" * length for length in (33, 65, 129, 256, 100_000)),
    "🚲" * 300,
    "'; DROP TABLE chats; --",
    "%s %n {0} {}",
    "<script>",
    "\r\n\r\nHTTP/1.1 200 OK",
    "9" * 400,
    "-1",
    "NaN",
    "2025-03-01T09:30:00Z",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59.999999999+14:00",
    "905551112233@s.whatsapp.net",
    "100000000000033@lid",
    "120363000000000042@g.us",
    "status@broadcast",
    "@",
    "a@",
    "@lid",
    "905551112233:12@s.whatsapp.net",
    "+90 (555) 111 22 33",
)
EXTREMES = (0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1)
NASTY_NUMBERS = (*EXTREMES, -1, -(2**31), -(2**63), 10**30, 1e308, 0.1)
_MOST_CUT = 64


def text(random: Random) -> str:
    """Mostly harmless."""
    if random.random() < 0.5:
        return f"Mesaj {random.getrandbits(20)}"
    return random.choice(NASTY_TEXTS)


def scarred(data: bytes, random: Random) -> bytes:
    """`data` with a few bytes changed, cut out, put in or doubled."""
    result = bytearray(data)
    for _ in range(random.randint(1, 6)):
        place = random.randrange(len(result) + 1)
        match random.randrange(5):
            case 0 if place < len(result):
                result[place] ^= 1 << random.randrange(8)
            case 1:
                del result[place : place + random.randint(1, _MOST_CUT)]
            case 2:
                result[place:place] = random.randbytes(random.randint(1, 8))
            case 3:
                result[place:place] = result[place : place + random.randint(1, _MOST_CUT)]
            case _:
                del result[place:]
    return bytes(result)


def document(right: Any, random: Random) -> Any:
    """A copy of a JSON value, with some parts missing, added or of another type."""
    if random.random() < 0.06:
        return value(random)
    if isinstance(right, dict):
        kept = {
            key: document(item, random) for key, item in right.items() if random.random() > 0.03
        }
        if random.random() < 0.05:
            kept[text(random)[:300]] = value(random)
        return kept
    if isinstance(right, list):
        times = random.choice((0, 1, 1, 1, 2, 3))
        return [document(item, random) for item in right for _ in range(times)]
    return right


def value(random: Random, levels: int = 3) -> Any:
    """Any JSON value, sometimes one that no parser should accept."""
    match random.randrange(9):
        case 0:
            return None
        case 1:
            return random.random() < 0.5
        case 2 | 3:
            return random.choice(NASTY_NUMBERS)
        case 4 | 5:
            return text(random)
        case 6 if levels:
            return [value(random, levels - 1) for _ in range(random.randint(0, 4))]
        case 7 if levels:
            return {text(random)[:50]: value(random, levels - 1) for _ in range(3)}
        case 8:
            return _deep(random.choice((20, 30, 200)))
        case _:
            return float("inf")


def encoded(content: Any, random: Random) -> bytes:
    """The JSON text of a value, sometimes invalid as JSON or as UTF-8."""
    raw = json.dumps(content, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    match random.randrange(40):
        case 0:
            return scarred(raw, random)
        case 1:
            return b"[" * random.choice((50, 5_000, 100_000))
        case 2:
            return random.randbytes(random.randint(0, 200))
        case 3:
            return raw.decode("utf-8", "replace").encode("utf-16")
        case _:
            return raw


def _deep(levels: int) -> Any:
    nested: Any = 1
    for _ in range(levels):
        nested = [nested]
    return nested
