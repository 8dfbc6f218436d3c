"""Names and ids that look like protocol, through the real client: they undo nothing."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.people import message_id
from izer_bridge.whatsapp.crash_safety.ratchet_snapshots import _still_noted
from tests.chaos.arena import Arena, arena

SEED = 20261129
_AT_ONCE, _IN_A_BURST = 100, 20
NAMES = ('x" id="F', "><enc ", 'x" id="F" from="{other}', "Veli >:)", "<receipt id=")
PIECES = (
    *('"', "<", ">", "/>", " ", "=", "\n", "\r", "\x1b[31m", "\u202e", "😀", "Ayşe", "F", "{id}"),
    *(
        ' id="F"',
        ' id="{id}"',
        ' from="{other}"',
        ' participant="{other}"',
        ' sender_lid="{other}"',
    ),
    *(' notify="', ' t="1" type="text"', '<enc type="msg" v="2">', "</enc></message>", "<message "),
    *(
        '<receipt id="{id}"/>',
        "Decrypting message from {other}",
        "Ignoring message {id} from {other}",
    ),
    *('<ib from="s.whatsapp.net"><offline_preview message="9"/></ib>', "<offline "),
)


def hostile(draw: random.Random, one: Arena) -> str:
    pieces = "".join(draw.choices(PIECES, k=draw.randint(1, 5)))
    other = draw.choice(one.people).address
    latest = one.sent[-1].id if one.sent else "F"
    return pieces.format(other=other, id=latest) or "x"


def hostile_id(draw: random.Random, one: Arena) -> str:
    """The store distinguishes its own ids by printable characters alone."""
    return "".join(filter(str.isprintable, f"{message_id()}{hostile(draw, one)}"))[:100].strip()


async def said(one: Arena, names: Sequence[str], ids: Sequence[str]) -> None:
    """The people take turns saying something under these names; half of it to the group."""
    for number, (name, identifier) in enumerate(zip(names, ids, strict=True)):
        person = one.people[number % len(one.people)]
        person.name = name
        to = one.group if number % 2 else None
        words = content.text(f"{number}. bisikletim hazır mı?")
        one.sent.append(await one.whatsapp.say(person, words, to=to, identifier=identifier))


async def tried(one: Arena, count: int) -> None:
    draw = one.random
    bridge = await one.started()
    await bridge.line("state=connected")
    names = [*NAMES, *(hostile(draw, one) for _ in range(count))]
    names = [name.replace("{other}", str(one.people[0].address)) for name in names]
    ids = [message_id() if draw.random() < 0.5 else hostile_id(draw, one) for _ in names]
    for start in range(0, len(names), _AT_ONCE):
        await said(one, names[start : start + _AT_ONCE], ids[start : start + _AT_ONCE])
        await one.live(bridge)
    journal = one.folder / "state" / "risks.jsonl"
    assert _still_noted(journal.read_bytes()) == ([], [])
    for name in ("gate_blind", "risk_not_noted", "Traceback"):
        assert name not in bridge.output
    await bridge.kill()
    one.running = None
    await one.revived()
    assert one.undone == 0
    # In a burst that a kill ends, everybody's messages arrive again, and only those.
    assert one.running is not None
    names = [hostile(draw, one) for _ in range(_IN_A_BURST)]
    await said(one, names, [message_id() for _ in names])
    await one.running.kill()
    one.running = None
    await one.revived()


@pytest.mark.timeout(240)
@pytest.mark.attack("names and ids that read like protocol, through the real client")
async def test_hostile_names_undo_nothing_and_leave_no_gap(tmp_path: Path) -> None:
    async with arena(tmp_path, "", SEED) as one:
        await tried(one, 40)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.attack("1,000 names and ids that read like protocol, through the real client")
async def test_a_thousand_hostile_names(tmp_path: Path) -> None:
    async with arena(tmp_path, "", SEED + 1) as one:
        await tried(one, 1000)
