"""A run's measurements, each beside its target; kept in docs/performance.*."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from tests.bench.alone import Alone
from tests.bench.boards import Boards
from tests.bench.burst import BARE, Burst
from tests.bench.chain import Chained
from tests.bench.growth import Grown
from tests.bench.history import History
from tests.bench.latency import Latency
from tests.bench.machine import described
from tests.bench.model import Modelled
from tests.bench.page import PageCost
from tests.bench.rates import Rates
from tests.bench.retention import Removal
from tests.bench.search import Searched
from tests.bench.webhook import Answers
from tests.bench.weight import Weight, Worn

_TREE = Path(__file__).parents[2]
JSON, PAGE, PICTURE = (_TREE / "docs" / f"performance.{kind}" for kind in ("json", "md", "svg"))
_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->"


@dataclass(frozen=True)
class Figure:
    """One line of the result. `least` and `most` are its targets, if there are any."""

    about: str
    what: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def is_reached(self) -> bool:
        least = self.least is None or self.value >= self.least
        return least and (self.most is None or self.value <= self.most)

    @property
    def asked(self) -> str:
        if self.least is not None:
            return f"≥ {_shown(self.least, self.unit)}"
        return "" if self.most is None else f"≤ {_shown(self.most, self.unit)}"

    @property
    def shown(self) -> str:
        return _shown(self.value, self.unit)

    @property
    def verdict(self) -> str:
        if self.least is None and self.most is None:
            return ""
        return "yes" if self.is_reached else "no"


def of_bursts(shape: str, bursts: dict[str, Burst]) -> Iterator[Figure]:
    """Ratios to the bare client first."""
    bare = bursts[BARE]
    yield Figure(shape, f"{BARE}: receipted", bare.received, "/s")
    yield Figure(shape, f"{BARE}: CPU a message", bare.cpu_ms, "ms")
    for name, one in bursts.items():
        if one.stored is None or one.worked is None:
            continue
        is_ours = name == "SQLite"
        yield Figure(shape, f"{name}: receipted, of bare", one.received / bare.received, "%", 0.85)
        yield Figure(shape, f"{name}: stored, of bare", one.stored / bare.received, "%", 0.6)
        least = 0.2 if is_ours else None
        yield Figure(shape, f"{name}: worked, of bare", one.worked / bare.received, "%", least)
        yield Figure(shape, f"{name}: worked", one.worked, "/s")
        times, most = one.cpu_ms / bare.cpu_ms, 5.0 if is_ours else None
        yield Figure(shape, f"{name}: CPU a message, of bare", times, "×", most=most)
        yield Figure(shape, f"{name}: CPU a message", one.cpu_ms, "ms")
        if one.statements is not None:
            yield Figure(shape, f"{name}: statements a message", one.statements, most=3)
        if one.bytes is not None:
            yield Figure(shape, f"{name}: bytes a message", one.bytes, "B", most=2200)


def of_alone(alone: dict[str, Alone]) -> Iterator[Figure]:
    about = "one message alone"
    for name, one in alone.items():
        yield Figure(about, f"{name}: wire → settled, p50", one.p50_ms, "ms", most=15)
        yield Figure(about, f"{name}: wire → settled, p99", one.p99_ms, "ms")
        if one.statements is not None:
            yield Figure(about, f"{name}: statements", one.statements, most=20)


def of_webhook(by: str, answers: dict[str, Answers]) -> Iterator[Figure]:
    about = f"/webhook, {by}"
    old, new = answers["replaced shape"], answers["bridge"]
    times = new.a_second / old.a_second
    yield Figure(about, "answers a second, of the replaced shape's", times, "×", least=3)
    yield Figure(about, "p99, of the replaced shape's", new.p99_ms / old.p99_ms, "×", most=1 / 3)
    yield Figure(about, "answers a second", new.a_second, "/s")
    yield Figure(about, "p99", new.p99_ms, "ms")


def of_page(one: PageCost) -> Iterator[Figure]:
    about = f"the board in a browser, {one.conversations:,} open conversations"
    yield Figure(about, "the page", one.page_bytes / 1000, "kB", most=150)
    yield Figure(about, "first paint", one.first_paint_ms, "ms", most=300)
    yield Figure(about, "memory of the first board, PSS", one.more_mib, "MiB", most=10)
    for what, there in (("a message", one.messages), ("another board's decision", one.decisions)):
        yield Figure(about, f"{what} on the screen, median", there.median, "ms")
        yield Figure(about, f"{what} on the screen, longest", there.most, "ms", most=1000)
    yield Figure(about, "messages a second with 50 boards", one.with_boards, "%", 0.95)
    yield Figure(about, "CPU a message with 50 boards", one.cpu, "%", most=1.05)


def of_model(one: Modelled) -> Iterator[Figure]:
    about = "a model of 1 s, 60 chats"
    share = one.a_second / one.most
    yield Figure(about, "questions a second, of what the limit allows", share, "%", 0.95)
    yield Figure(about, "each chat in order", float(one.is_in_order), least=1)


def of_growth(rows: int, found: Iterable[Grown]) -> Iterator[Figure]:
    about = f"a store of {rows:,} messages"
    for one in found:
        most = 1.5 * one.new_ms + 5 if one.is_alike else None
        yield Figure(about, f"{one.store}: {one.what}", one.old_ms, "ms", most=most)
        yield Figure(about, f"{one.store}: the same among 1,000", one.new_ms, "ms")


def of_boards(chats: int, found: Iterable[Boards]) -> Iterator[Figure]:
    about = f"{chats:,} open conversations in a store of {100 * chats:,} messages"
    for one in found:
        for what, milliseconds in one.lists_ms.items():
            yield Figure(about, f"{one.store}: {what}", milliseconds, "ms", most=50)
        share = 100 * one.with_boards / one.without
        name = f"{one.store}: messages, with 50 boards"
        yield Figure(about, name, share, "%", least=95)


def of_history(one: History) -> Iterator[Figure]:
    about = f"history of {one.messages}"
    times = one.stored_seconds / one.bare_seconds
    least = 1 + one.rows_seconds / one.bare_seconds
    yield Figure(about, "the client, and SQLite's inserts alone", least, "×")
    yield Figure(about, "stored, of the bare client's time", times, "×", most=4)
    yield Figure(about, "stored", one.stored_seconds, "s")


def of_latency(found: Iterable[Latency]) -> Iterator[Figure]:
    durable, to_agent = found
    about = "steadily, 20 chats, an agent over HTTP"
    yield Figure(about, f"{durable.name}, p50", durable.p50, "ms")
    yield Figure(about, f"{durable.name}, p99", durable.p99, "ms", most=10)
    yield Figure(about, f"{to_agent.name}, p50", to_agent.p50, "ms", most=50)
    yield Figure(about, f"{to_agent.name}, p99", to_agent.p99, "ms")


def of_rates(one: Rates) -> Iterator[Figure]:
    about = f"intake in {one.rounds} rounds of {one.messages}"
    yield Figure(about, "without its care, of bare", one.of_bare, "%")
    yield Figure(about, "with it, of that", one.of_careless, "%")


def of_weight(one: Weight) -> Iterator[Figure]:
    about = "weight"
    yield Figure(about, "start to READY", one.ready_seconds, "s", most=3)
    yield Figure(about, "start to READY, the first time", one.first_ready_seconds, "s")
    yield Figure(about, "bare client idle, PSS", one.bare_mib, "MiB")
    for what, mib, most in (("idle", one.idle_mib, 55), ("idle with a key", one.with_key_mib, 65)):
        yield Figure(about, f"{what}, PSS beyond bare", mib - one.bare_mib, "MiB", most=most)


def of_worn(one: Worn) -> Iterator[Figure]:
    about, more = f"weight after {one.messages} messages", one.after_mib - one.bare_mib
    yield Figure(about, "PSS beyond bare", more, "MiB", most=90)


def of_removal(one: Removal) -> Iterator[Figure]:
    about = f"retention of {one.messages}"
    yield Figure(about, "1,000 messages", one.ms_per_1000, "ms")
    yield Figure(about, "longest hold of the store", one.worst_batch_ms, "ms")


def of_search(found: Sequence[Searched]) -> Iterator[Figure]:
    for one in found:
        about = f"Search and reports among {one.rows:,} messages, {one.store}"
        yield Figure(about, "the index as it grows, bytes a message", one.grown_bytes, most=500)
        yield Figure(about, "the same, tidied up", one.tidy_bytes)
        yield Figure(about, "messages read into it a second", one.read_per_second)
        yield Figure(about, "a common word, newest first", one.newest_ms, "ms")
        yield Figure(about, "two common words, best first", one.best_ms, "ms")
        yield Figure(about, "a word that one message has", one.rare_ms, "ms")
        yield Figure(about, "a month's report", one.report_ms, "ms")


def of_chain(one: Chained) -> Iterator[Figure]:
    about = "the hash chain, SQLite"
    yield Figure(about, "of a burst's CPU", one.of_burst, "%", most=0.03)
    yield Figure(about, "of one message alone, wire → settled", one.of_alone, "%", most=0.03)
    yield Figure(about, "of the store's bytes", one.of_bytes, "%")


def as_json(figures: Sequence[Figure]) -> str:
    """With the machine and the commit on which they were measured."""
    found = {
        "machine": described(),
        "commit": commit(),
        "figures": [asdict(one) | {"is_reached": one.is_reached} for one in figures],
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def keep(figures: Sequence[Figure]) -> None:
    """Into docs/performance.json, .md and .svg."""
    JSON.write_text(as_json(figures), "utf-8")
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    table = "".join(f"{line}\n" for line in _table(figures))
    said = f"At {commit()}, on {described()}:\n\n{table}"
    PAGE.write_text(f"{before}{_BEGIN}{said}{_END}{after}", "utf-8")
    _draw(figures)


def _table(figures: Iterable[Figure]) -> Iterator[str]:
    yield "| | | measured | asked | reached |"
    yield "|---|---|---:|---:|---|"
    about = ""
    for one in figures:
        first = "" if one.about == about else one.about
        about = one.about
        yield f"| {first} | {one.what} | {one.shown} | {one.asked} | {one.verdict} |"


def _draw(figures: Sequence[Figure]) -> None:
    """How near each figure comes to its target: it is reached right of the line."""
    # Installed by `make performance` alone: it is large.
    from matplotlib import pyplot

    # As letters: drawn as curves they take ten times the space.
    pyplot.rcParams["svg.fonttype"] = "none"
    asked = [one for one in figures if one.verdict][::-1]
    margins = [
        one.value / one.least if one.least is not None else (one.most or 0) / max(one.value, 1e-9)
        for one in asked
    ]
    picture, axes = pyplot.subplots(figsize=(9, 0.28 * len(asked) + 1))
    colours = ["#2a7f3f" if one.is_reached else "#b03a2e" for one in asked]
    axes.barh([f"{one.about}: {one.what}" for one in asked], margins, color=colours)
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlabel("how many times over it is reached")
    axes.tick_params(labelsize=7)
    picture.savefig(PICTURE, bbox_inches="tight", metadata={"Date": None})


def _shown(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value:.1%}"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


@cache
def commit() -> str:
    """The commit of the measured tree; `-dirty` if it has uncommitted changes.

    Asked before anything is kept, which changes the tree.
    """
    told = subprocess.run(
        ["git", "-C", _TREE, "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.strip()
