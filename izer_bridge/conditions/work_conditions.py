"""What is wrong with the work: agents, the model's endpoint, what waits or has failed; pure."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from izer_bridge.agents.circuit_breaker import BreakerState
from izer_bridge.agents.limits import AgentCondition
from izer_bridge.conditions.facts import DayFacts, RemoteFacts, SendingStop, WaitingFacts
from izer_bridge.domain.condition import (
    Condition,
    ConditionName,
    ConditionsSeen,
    Severity,
    error,
    warning,
)
from izer_bridge.domain.counted import counted

# Fewer in a row are an accident.
_FAILING = 3

_N = ConditionName
_WAITING_NAMES = frozenset(
    {
        *(_N.DANGER_OPEN, _N.SENDING_STOPPED, _N.CHATS_LIMITED, _N.SENDS_UNCERTAIN),
        *(_N.GAPS_OPEN, _N.ESCALATIONS_OPEN, _N.DRAFTS_WAITING),
    }
)
_DAY_NAMES = frozenset({_N.DEAD_LETTERS, _N.SENDS_FAILED, _N.BUDGET_SPENT})


def of_waiting(facts: WaitingFacts | None, zone: ZoneInfo) -> ConditionsSeen:
    if facts is None:
        return ConditionsSeen(unseen=_WAITING_NAMES)
    return ConditionsSeen([*_of_sending(facts, zone), *_of_people(facts)])


def _of_sending(facts: WaitingFacts, zone: ZoneInfo) -> Iterator[Condition]:
    if facts.stop is not None:
        yield _stopped(facts.stop, zone)
    if one := facts.limited_chats:
        sentence = (
            f"WhatsApp refuses what is sent in {counted(one.count, 'chat', 'chats')} (error 463)"
        )
        remedy = "answer there from the phone; it ends by itself, or: izer-bridge chat resume WHO"
        yield warning(_N.CHATS_LIMITED, sentence, remedy, since=one.since)
    if one := facts.uncertain:
        sentence = f"{counted(one.count, 'reply', 'replies')} may have been sent, or not"
        remedy = "look into the chats on the phone, then: izer-bridge outbox list, outbox drop ID"
        yield error(_N.SENDS_UNCERTAIN, sentence, remedy, since=one.since)


def _stopped(stop: SendingStop, zone: ZoneInfo) -> Condition:
    until = f"{stop.until.astimezone(zone):%d.%m. %H:%M}"
    sentence = f"nothing is sent until {until}: {stop.reason}"
    remedy = "answer from the phone; it goes on by itself then, or: izer-bridge outbox resume"
    return error(_N.SENDING_STOPPED, sentence, remedy, since=stop.since)


def _of_people(facts: WaitingFacts) -> Iterator[Condition]:
    if one := facts.in_danger:
        who = counted(one.count, "customer has", "customers have")
        sentence = f"{who} reported danger, and no person has answered"
        remedy = "call them: izer-bridge escalations list, and then escalations close ID"
        yield error(_N.DANGER_OPEN, sentence, remedy, since=one.since)
    if one := facts.gaps:
        what = counted(one.count, "message that WhatsApp had is", "messages that WhatsApp had are")
        sentence = f"{what} missing"
        remedy = "see: izer-bridge gaps; open those chats on the phone"
        yield error(_N.GAPS_OPEN, sentence, remedy, since=one.since)
    if one := facts.escalations:
        who = counted(one.count, "customer waits", "customers wait")
        sentence = f"{who} for a person's answer longer than they should"
        remedy = "answer from the phone; see: izer-bridge escalations list"
        yield warning(_N.ESCALATIONS_OPEN, sentence, remedy, since=one.since)
    if one := facts.drafts:
        sentence = f"{counted(one.count, 'draft waits', 'drafts wait')} for a person's word"
        remedy = "izer-bridge drafts list, then drafts approve, edit or refuse ID"
        yield warning(_N.DRAFTS_WAITING, sentence, remedy, since=one.since)


def of_day(facts: DayFacts | None) -> ConditionsSeen:
    if facts is None:
        return ConditionsSeen(unseen=_DAY_NAMES)
    return ConditionsSeen(list(_of_day(facts)))


def _of_day(facts: DayFacts) -> Iterator[Condition]:
    if facts.dead:
        what = counted(facts.dead, "message was", "messages were")
        sentence = f"{what} taken by no agent within the last 24 hours"
        remedy = "see: izer-bridge dlq list; mend the cause, then dlq retry --all"
        yield error(_N.DEAD_LETTERS, sentence, remedy)
    if one := facts.failed_sends:
        what = counted(one.count, "reply was", "replies were")
        sentence = f"{what} not sent within the last 24 hours"
        remedy = "see the reasons: izer-bridge outbox list --all; answer from the phone"
        yield warning(_N.SENDS_FAILED, sentence, remedy, since=one.since)
    if facts.is_budget_spent:
        sentence = "the day's money for OpenAI is spent; the local analyser answers until midnight"
        yield warning(_N.BUDGET_SPENT, sentence, "raise openai.daily_cap_usd, or let it be")


def of_agents(agents: Mapping[str, AgentCondition] | None, waiting: int | None) -> ConditionsSeen:
    """`waiting` messages are to be retried; None: the store does not say."""
    if agents is None:
        return ConditionsSeen(unseen=frozenset({_N.AGENT_DOWN}))
    down = {name: one for name, one in agents.items() if one.state is not BreakerState.CLOSED}
    return ConditionsSeen([_down(name, one, waiting) for name, one in down.items()])


def _down(name: str, agent: AgentCondition, waiting: int | None) -> Condition:
    told = ""
    if waiting:
        told = f"; {counted(waiting, 'message waits', 'messages wait')} to be tried again"
    sentence = f"agent {name} has failed {agent.failures_in_a_row} times in a row{told}"
    remedy = f"start it, or set agents.{name}.url right; izer-bridge doctor asks it"
    severity = Severity.ERROR if waiting else Severity.WARNING
    return Condition(_N.AGENT_DOWN, severity, sentence, remedy, name)


def of_remote(facts: RemoteFacts | None) -> ConditionsSeen:
    if facts is None:
        return ConditionsSeen(unseen=frozenset({_N.OPENAI_REFUSED, _N.OPENAI_FAILING}))
    fault = facts.fault
    if fault is None:
        return ConditionsSeen()
    if fault.needs_person:
        sentence = f"{fault.said}; the local analyser answers meanwhile"
        remedy = "set OPENAI_API_KEY, openai.base_url or openai.model right, or pay; then restart"
        return ConditionsSeen([error(_N.OPENAI_REFUSED, sentence, remedy, since=fault.since)])
    if fault.in_a_row < _FAILING:
        return ConditionsSeen()
    sentence = f"{fault.said}, {fault.in_a_row} times in a row; the local analyser answers"
    remedy = "it is tried again with each message; if it lasts: network, openai.base_url"
    return ConditionsSeen([warning(_N.OPENAI_FAILING, sentence, remedy, since=fault.since)])
