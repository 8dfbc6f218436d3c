"""Each condition from the facts that make it, and from those that do not."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from izer_bridge.agents.circuit_breaker import BreakerState
from izer_bridge.agents.limits import AgentCondition
from izer_bridge.analysis.watched import RemoteFault
from izer_bridge.conditions.decide import conditions
from izer_bridge.conditions.facts import (
    Backlog,
    ConditionFacts,
    DayFacts,
    DiskSpace,
    HostFacts,
    InboxFacts,
    LinkFacts,
    RemoteFacts,
    SendingStop,
    StoreFacts,
    WaitingFacts,
)
from izer_bridge.domain.condition import ConditionName, Severity
from izer_bridge.domain.link_state import LinkState, LinkStatus

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Istanbul")
GB = 1_000_000_000
LINKED = LinkFacts(LinkStatus(LinkState.CONNECTED), was_linked=True, silent_seconds=12.0)
WELL = ConditionFacts(
    link=LINKED,
    host=HostFacts((DiskSpace("/state", 20 * GB, 100 * GB),), 0.4),
    inbox=InboxFacts(is_writable=True, set_aside={}),
    store=StoreFacts(is_ok=True),
    waiting=WaitingFacts(newest_at=NOW),
    day=DayFacts(),
    agents={"chef": AgentCondition(BreakerState.CLOSED, 0, 0, None)},
    remote=RemoteFacts(),
)
DOWN = {"chef": AgentCondition(BreakerState.OPEN, 5, 0, 12.0)}
SOME = Backlog(3, NOW - timedelta(hours=1))
STOP = SendingStop(NOW + timedelta(hours=12), NOW, "WhatsApp's server returned error 463")


def names(facts: ConditionFacts) -> dict[ConditionName, Severity]:
    return {one.name: one.severity for one in conditions(facts, ZONE, NOW).found}


def link(state: LinkState, **more: Any) -> ConditionFacts:
    return replace(WELL, link=replace(LINKED, status=LinkStatus(state), **more))


def host(**more: Any) -> ConditionFacts:
    assert WELL.host is not None
    return replace(WELL, host=replace(WELL.host, **more))


def waiting(**more: Any) -> ConditionFacts:
    return replace(WELL, waiting=WaitingFacts(**more))


def disk(free: int, total: int) -> ConditionFacts:
    return host(disks=(DiskSpace("/state", free, total), DiskSpace("/big", 90 * GB, 100 * GB)))


def fault(*, needs_person: bool, in_a_row: int = 1) -> ConditionFacts:
    said = RemoteFault("OpenAI refused the API key (401)", needs_person, NOW, in_a_row)
    return replace(WELL, remote=RemoteFacts(said))


_DOCUMENT = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text("utf-8")
_N, _E, _W = ConditionName, Severity.ERROR, Severity.WARNING
CASES = {
    "full disk": (disk(100_000, GB), _N.DISK_FULL, _E),
    "under 500 MB": (disk(499_000_000, 2 * GB), _N.DISK_LOW, _W),
    "under 5 %": (disk(4 * GB, 100 * GB), _N.DISK_LOW, _W),
    "port": (host(port_taken="another program has port 8100"), _N.PORT_TAKEN, _E),
    "clock ahead": (host(clock_ahead_seconds=3_600.0), _N.CLOCK_WRONG, _E),
    "clock behind": (host(clock_ahead_seconds=-90.0), _N.CLOCK_WRONG, _E),
    "clock put back": (waiting(newest_at=NOW + timedelta(days=1)), _N.CLOCK_WRONG, _E),
    "inbox": (replace(WELL, inbox=InboxFacts(False, {})), _N.INBOX_REFUSES, _E),
    "set aside": (replace(WELL, inbox=InboxFacts(True, {"X": 1})), _N.EVENTS_SET_ASIDE, _E),
    "store": (replace(WELL, store=StoreFacts(False)), _N.STORE_AWAY, _E),
    "damage": (replace(WELL, store=StoreFacts(False, "restore")), _N.STORE_DAMAGED, _E),
    "banned": (link(LinkState.BANNED), _N.BANNED, _E),
    "logged out": (link(LinkState.LOGGED_OUT), _N.LOGGED_OUT, _E),
    "logged out, a code is shown": (link(LinkState.SCAN_QR_CODE), _N.LOGGED_OUT, _E),
    "phone gone": (link(LinkState.PHONE_GONE), _N.LOGGED_OUT, _E),
    "new": (link(LinkState.QR_EXPIRED, was_linked=False), _N.NOT_LINKED, _E),
    "stranger": (
        replace(WELL, link=replace(LINKED, turned_away="…99")),
        _N.WRONG_PHONE,
        _E,
    ),
    "replaced": (link(LinkState.REPLACED), _N.REPLACED, _E),
    "outdated": (link(LinkState.OUTDATED), _N.OUTDATED, _E),
    "passkey": (link(LinkState.PASSKEY), _N.PASSKEY_WANTED, _E),
    "refused": (link(LinkState.REFUSED), _N.REFUSED, _E),
    "silent": (link(LinkState.CONNECTED, silent_seconds=601.0), _N.WHATSAPP_SILENT, _E),
    "disconnected": (link(LinkState.DISCONNECTED), _N.DISCONNECTED, _W),
    "unreachable": (link(LinkState.UNREACHABLE), _N.DISCONNECTED, _W),
    "phone away": (link(LinkState.PHONE_AWAY), _N.PHONE_AWAY, _W),
    "463": (waiting(stop=STOP), _N.SENDING_STOPPED, _E),
    "one chat": (waiting(limited_chats=SOME), _N.CHATS_LIMITED, _W),
    "uncertain": (waiting(uncertain=SOME), _N.SENDS_UNCERTAIN, _E),
    "drafts": (waiting(drafts=SOME), _N.DRAFTS_WAITING, _W),
    "escalations": (waiting(escalations=SOME), _N.ESCALATIONS_OPEN, _W),
    "danger": (waiting(in_danger=SOME), _N.DANGER_OPEN, _E),
    "gaps": (waiting(gaps=SOME), _N.GAPS_OPEN, _E),
    "dead": (replace(WELL, day=DayFacts(dead=1)), _N.DEAD_LETTERS, _E),
    "failed sends": (replace(WELL, day=DayFacts(failed_sends=SOME)), _N.SENDS_FAILED, _W),
    "money": (replace(WELL, day=DayFacts(is_budget_spent=True)), _N.BUDGET_SPENT, _W),
    "agent": (replace(WELL, agents=DOWN), _N.AGENT_DOWN, _W),
    "agent, and they wait": (
        replace(waiting(after_error=2), agents=DOWN),
        _N.AGENT_DOWN,
        _E,
    ),
    "key": (fault(needs_person=True), _N.OPENAI_REFUSED, _E),
    "endpoint": (fault(needs_person=False, in_a_row=3), _N.OPENAI_FAILING, _W),
}


def test_what_is_well_has_no_condition() -> None:
    seen = conditions(WELL, ZONE, NOW)
    assert (list(seen.found), seen.unseen) == ([], frozenset())
    assert names(fault(needs_person=False, in_a_row=2)) == {}
    assert names(link(LinkState.SCAN_QR_CODE, silent_seconds=9_999.0)) == {_N.LOGGED_OUT: _E}


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_its_condition_alone_with_a_sentence_and_a_remedy(case: str) -> None:
    facts, name, severity = CASES[case]
    [found] = conditions(facts, ZONE, NOW).found
    assert (found.name, found.severity) == (name, severity)
    assert found.sentence
    assert found.remedy


def test_a_case_is_here_for_each_condition_but_those_of_a_bridge_that_does_not_answer() -> None:
    told = {name for _, name, _ in CASES.values()}
    assert set(ConditionName) - told == {_N.BRIDGE_STOPPED, _N.BRIDGE_SILENT}


def test_each_is_told_of_in_its_document_with_its_severity() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (error|warning)", _DOCUMENT, re.MULTILINE)
    assert [name for name, _ in rows] == list(ConditionName)
    told = {name: str(severity) for _, name, severity in CASES.values()}
    assert [row for row in rows if told.get(ConditionName(row[0]), "error") != row[1]] == []


def test_until_when_is_said_in_the_shops_zone() -> None:
    [found] = conditions(waiting(stop=STOP), ZONE, NOW).found
    assert found.sentence == (
        "nothing is sent until 02.03. 00:30: WhatsApp's server returned error 463"
    )
    assert found.since == NOW


def unknown() -> Iterator[tuple[ConditionFacts, ConditionName]]:
    for facts, name, _ in CASES.values():
        fields = ("link", "host", "inbox", "store", "waiting", "day", "agents", "remote")
        changed = [one for one in fields if getattr(facts, one) != getattr(WELL, one)]
        yield replace(WELL, **dict.fromkeys(changed)), name


def test_what_cannot_be_known_is_said_not_to_be_seen() -> None:
    for facts, name in unknown():
        seen = conditions(facts, ZONE, NOW)
        assert not seen.found
        if name is not _N.CLOCK_WRONG:
            assert name in seen.unseen


def test_how_the_session_ended_is_said_while_a_code_is_shown() -> None:
    gone = link(LinkState.SCAN_QR_CODE, unlinked=LinkState.PHONE_GONE)
    [found] = conditions(gone, ZONE, NOW).found
    assert "on the phone" in found.sentence


def test_a_link_that_is_being_made_says_nothing_of_what_was_before() -> None:
    for state in (LinkState.STARTING, LinkState.PAIRING):
        seen = conditions(link(state), ZONE, NOW)
        assert (list(seen.found), _N.BANNED in seen.unseen) == ([], True)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, ["1 customer has reported", "1 message that WhatsApp had is missing", "1 draft waits"]),
        (2, ["2 customers have", "2 messages that WhatsApp had are missing", "2 drafts wait"]),
    ],
)
def test_one_is_one(count: int, said: list[str]) -> None:
    waiting = WaitingFacts(
        in_danger=Backlog(count, NOW), gaps=Backlog(count, NOW), drafts=Backlog(count, NOW)
    )
    found = conditions(replace(WELL, waiting=waiting), ZONE, NOW).found
    sentences = " ".join(one.sentence for one in found)
    assert [words for words in said if words not in sentences] == []
