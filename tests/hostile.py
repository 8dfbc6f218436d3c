"""Names that strangers may give themselves, a group, a file or a message to break out of text."""

import random
from collections.abc import Iterator

CONTROLS = [chr(number) for number in (*range(1, 9), 11, 12, *range(14, 32), *range(127, 160))]
MARKUP = ["[/]", "[/red]", "[red]", "[link=http://evil.example]x[/link]", ":bomb:", "[bold", "\\["]
STEERING = [
    "\x1b[2J",
    "\x1b]0;owned\x07",
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31m",
    "\r\x1b[Kall is well",
    "a\nlevel=info event=fake",
    "a\u2028event=fake",
    "\u202egnp.exe",
    "\u2066x\u2069",
    "\u200b\u200e\ufeff",
    "\U000e0041",
    "\b\b\b\b",
]
FORMULAS = [
    "=1+1",
    ";=1+1",
    "\n=1+1",
    "＝1+1",
    "\t@SUM(A1)",
    " +1",
    "-1|=cmd",
    "|=cmd|'/C'!A0",
]
PROTOCOL = ['x" id="F', "><enc ", '"/><message from="x', "</message>", "{{7*7}}", "%s%n", "${x}"]
_EACH = [*MARKUP, *STEERING, *FORMULAS, *PROTOCOL]


def hostile(count: int, seed: int = 14) -> Iterator[str]:
    """At least every single one, then several of them joined; never the same twice."""
    chance = random.Random(seed)
    seen: set[str] = set()
    for number in range(count * 10):
        parts = [_EACH[number]] if number < len(_EACH) else chance.choices(_EACH, k=3)
        text = "".join((*parts, chance.choice(["", "Veli", chance.choice(CONTROLS)])))
        if text not in seen:
            seen.add(text)
            yield text
        if len(seen) == count:
            return
