"""Dashboard, alerts and their page use the figures that there are, and name real remedies."""

import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from izer_bridge.api import application
from izer_bridge.conditions.facts import DiskSpace
from izer_bridge.conditions.metrics import Meters
from izer_bridge.domain.condition import ConditionName, Severity, error
from izer_bridge.domain.event import DeliveryState
from izer_bridge.domain.message_state import State
from izer_bridge.web.server import Server
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats, SomeStats

_TREE = Path(__file__).parent.parent.parent
_FOLDER = _TREE / "docs/grafana"
_ALERTS = _FOLDER / "alerts.yml"
_METRIC = re.compile(r"\b(?:izer|process)_\w+")
_SELECTED = re.compile(r"\b((?:izer|process)_\w+)\{([^}]*)\}")
_LABEL = re.compile(r'(\w+)[=!]~?"([^"]*)"')
# Prometheus itself adds these.
_ADDED = {"instance", "job"}
_KNOWN = {
    "name": set(map(str, ConditionName)),
    "severity": set(map(str, Severity)),
    "outcome": {"worked", "interrupted", "failed"},
    "state": {*map(str, State), *map(str, DeliveryState)},
}


@dataclass(frozen=True)
class EventStats(SomeStats):
    """With events, as the store counts them."""

    events: dict[str, int] = field(default_factory=lambda: {"pending": 1, "dead": 2})


@dataclass
class FullStats(FakeStats):
    async def stats(self) -> EventStats:
        return EventStats()


@pytest.fixture
async def figures() -> Mapping[str, set[str]]:
    """The page's metrics with their labels, when everything has a value."""
    health, meters = FakeHealth(), Meters()
    full = error(ConditionName.DISK_FULL, "the disk is full", "make room")
    health.value = replace(health.value, conditions=[full], disks=[DiskSpace("/state", 7, 10)])
    meters.worked("worked", 0.2)
    app = application(FakeIntake(), health, FullStats(), meters=meters)
    async with (
        Server(app, port=0, stop_seconds=1) as server,
        ClientSession() as session,
        session.get(f"{server.url}/metrics") as response,
    ):
        text = await response.text()
    found: defaultdict[str, set[str]] = defaultdict(set)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] |= set(sample.labels)
    return found


def _queries() -> Iterator[str]:
    dashboard = json.loads((_FOLDER / "dashboard.json").read_text("utf-8"))
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (variable["query"] for variable in dashboard["templating"]["list"])
    yield from re.findall(r"^ +expr: (.+)$", _ALERTS.read_text("utf-8"), re.MULTILINE)


def test_each_query_is_of_figures_that_there_are(figures: Mapping[str, set[str]]) -> None:
    queries = list(_queries())
    assert len(queries) > 25
    named = {name for query in queries for name in _METRIC.findall(query)}
    assert sorted(named - set(figures)) == []
    ours = {name for name in figures if name.startswith("izer_")}
    # A histogram is shown by its buckets; what Prometheus knows of a counter's creation is its own.
    unused = {name for name in ours - named if not name.endswith(("_count", "_sum", "_created"))}
    assert unused == set()


def test_each_label_and_its_value_is_one_that_there_is(figures: Mapping[str, set[str]]) -> None:
    selected = [one for query in _queries() for one in _SELECTED.findall(query)]
    assert len(selected) > 20
    for metric, labels in selected:
        for label, values in _LABEL.findall(labels):
            assert label in figures[metric] | _ADDED, (metric, label)
            if label in _KNOWN:
                assert set(values.split("|")) <= _KNOWN[label], (metric, label)


def test_the_legends_and_the_summaries_name_labels_that_there_are(
    figures: Mapping[str, set[str]],
) -> None:
    labels = set().union(*figures.values())
    dashboard = (_FOLDER / "dashboard.json").read_text("utf-8")
    shown = set(re.findall(r"\{\{(\w+)\}\}", dashboard))
    told = set(re.findall(r"\{\{ \$labels\.(\w+) \}\}", _ALERTS.read_text("utf-8")))
    assert shown
    assert told
    assert shown | told <= labels


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def test_each_alert_names_a_page_that_says_what_to_do() -> None:
    text = _ALERTS.read_text("utf-8")
    remedies = re.findall(r"^ +remedy: (.+)$", text, re.MULTILINE)
    assert len(remedies) == text.count("- alert: ") > 8
    for remedy in remedies:
        page, _, anchor = remedy.partition("#")
        headings = re.findall(r"^#+ (.+)$", (_TREE / page).read_text("utf-8"), re.MULTILINE)
        assert not anchor or anchor in map(_anchor, headings), remedy


def test_its_page_names_all_figures_with_their_labels(figures: Mapping[str, set[str]]) -> None:
    page = (_FOLDER / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(izer_\w+)` \| (.*?)\|", page, re.MULTILINE)
    told = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    there = {
        name.removesuffix("_bucket"): labels
        for name, labels in figures.items()
        if name.startswith("izer_") and not name.endswith(("_count", "_sum", "_created"))
    }
    assert told == there


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool: apt install prometheus")
def test_prometheus_takes_the_alerts() -> None:
    checked = subprocess.run(
        ["promtool", "check", "rules", str(_ALERTS)], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, "SUCCESS" in checked.stdout) == (0, True), checked.stderr
