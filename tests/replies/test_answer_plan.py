"""What becomes of an agent's answer: one row for each deciding fact, without a store."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from izer_bridge.agents.agent_answer import AgentAnswer
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import Importance
from izer_bridge.domain.message import HistoryEntry, Kind, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.domain.work import Work
from izer_bridge.replies.answer_plan import (
    NO_AGENT,
    WARNING_ALONE,
    AgentReply,
    AnswerFacts,
    AnswerPlan,
    Reported,
    StandingDraft,
    may_answer,
    plan_answer,
)
from izer_bridge.replies.decide import ChatFacts, ReplyPolicy
from izer_bridge.replies.owner_notices import (
    DraftNotice,
    of_draft,
    of_person_wanted,
    waits_for_morning,
)
from tests.store.messages import ANALYSIS, NOON, message

SURE = AgentAnswer("Hazır.", 0.9)
LEFT = AgentAnswer(needs_human=True)
SILENT = AgentAnswer()
UNUSABLE = AgentAnswer(fault="to: an agent cannot choose the recipient")
RIDE = Reported((Danger.RIDE,), (Danger.RIDE,))
WARNED = Reported((Danger.RIDE,), ())
OWNER = "+905550000009"
SEND = ReplyPolicy(mode=Mode.SEND, owner=OWNER)
DRAFT = replace(SEND, mode=Mode.DRAFT)
UNOWNED = replace(DRAFT, owner="")
CALM, SAFE = ChatFacts(), Reported()
ANSWERED, PAUSED = ChatFacts(is_answered=True), ChatFacts(is_paused=True)
NOW = NOON + timedelta(seconds=2)
NIGHT = NOON + timedelta(hours=11)


def work(**fields: Any) -> Work:
    given = message(0, **fields)
    return Work(7, "lease", State.DISPATCHED, 0, given, "+905", Importance(), ANALYSIS, NOON)


def planned(
    answer: AgentAnswer,
    policy: ReplyPolicy = SEND,
    chat: ChatFacts = CALM,
    reported: Reported = SAFE,
    **fields: Any,
) -> AnswerPlan:
    said, facts = AgentReply("chef", answer), AnswerFacts(NOON, reported, chat)
    return plan_answer(work(**fields), said, facts, policy, NOW)


@pytest.mark.parametrize(
    ("answer", "policy", "given", "state", "announces"),
    [
        (SURE, SEND, {}, OutboxState.APPROVED, False),
        (SURE, DRAFT, {}, OutboxState.DRAFT, True),
        (SURE, UNOWNED, {}, OutboxState.DRAFT, False),
        (replace(SURE, needs_human=True), SEND, {}, OutboxState.DRAFT, True),
        (SURE, DRAFT, {"chat": ANSWERED}, OutboxState.CANCELLED, False),
        (UNUSABLE, DRAFT, {}, OutboxState.FAILED, False),
        # A person's action does not make an unusable answer usable.
        (UNUSABLE, DRAFT, {"chat": ANSWERED}, OutboxState.FAILED, False),
        # Danger is reported whatever the agent says: nothing, a handover, or an unusable answer.
        (SILENT, SEND, {"reported": RIDE}, OutboxState.APPROVED, False),
        (LEFT, SEND, {"reported": RIDE}, OutboxState.APPROVED, False),
        (UNUSABLE, DRAFT, {"reported": RIDE}, OutboxState.DRAFT, True),
        (UNUSABLE, SEND, {"reported": WARNED}, OutboxState.FAILED, False),
    ],
)
def test_one_reply_is_written(
    answer: AgentAnswer,
    policy: ReplyPolicy,
    given: dict[str, Any],
    state: OutboxState,
    announces: bool,
) -> None:
    plan = planned(answer, policy, **given)
    assert plan.reply is not None
    assert (plan.reply.state, plan.announces, plan.calls_owner) == (state, announces, False)
    assert plan.reply.is_by_policy is (state is OutboxState.APPROVED)
    assert (plan.reply.text is None) is (state is OutboxState.FAILED)
    assert (plan.reply.error is not None) is (state is OutboxState.FAILED)


@pytest.mark.parametrize(
    ("answer", "policy", "given", "calls_owner"),
    [
        (SILENT, DRAFT, {}, False),
        (SILENT, DRAFT, {"reported": WARNED}, False),
        (LEFT, DRAFT, {}, True),
        (LEFT, DRAFT, {"reported": WARNED}, True),
        (LEFT, UNOWNED, {}, False),
        (LEFT, DRAFT, {"chat": ANSWERED}, False),
        (LEFT, DRAFT, {"chat": PAUSED}, False),
        (LEFT, DRAFT, {"origin": Origin.WEBHOOK}, False),
    ],
)
def test_no_reply_is_written_and_the_owner_may_be_called(
    answer: AgentAnswer, policy: ReplyPolicy, given: dict[str, Any], calls_owner: bool
) -> None:
    given = dict(given)
    chat, reported = given.pop("chat", CALM), given.pop("reported", SAFE)
    plan = planned(answer, policy, chat, reported, **given)
    assert plan == AnswerPlan(calls_owner=calls_owner)


@pytest.mark.parametrize("kind", [Kind.CALL, Kind.PHONE_ONLY, Kind.UNSUPPORTED])
@pytest.mark.parametrize("answer", [SURE, SILENT, UNUSABLE])
def test_what_no_agent_has_seen_or_heard_is_left_to_a_person(
    kind: Kind, answer: AgentAnswer
) -> None:
    assert planned(answer, kind=kind) == AnswerPlan(calls_owner=True)


def test_the_agents_words_come_after_the_warning_and_once_it_is_given_alone() -> None:
    first = planned(SURE, reported=RIDE).reply
    assert first is not None
    assert (first.dangers, first.danger) == ((Danger.RIDE,), "ride")
    assert first.text is not None
    assert first.text.endswith("\nHazır.")
    later = planned(AgentAnswer("Sürmeyin. Hazır.", 0.9), reported=WARNED).reply
    assert later is not None
    assert (later.dangers, later.danger) == ((), None)


@pytest.mark.parametrize(("reported", "warns"), [(RIDE, True), (WARNED, False)])
def test_a_warning_without_an_answer_calls_nobody(reported: Reported, warns: bool) -> None:
    facts = AnswerFacts(NOON, reported, CALM)
    plan = plan_answer(work(), WARNING_ALONE, facts, SEND, NOW)
    assert (plan.reply is not None, plan.calls_owner) == (warns, False)


@pytest.mark.parametrize(
    ("policy", "agent", "fields", "may"),
    [
        (SEND, "chef", {}, True),
        (replace(SEND, agents={"chef": Mode.OFF}), "chef", {}, False),
        (replace(SEND, agents={"chef": Mode.OFF}), NO_AGENT, {}, True),
        (replace(SEND, chats={"+905": Mode.OFF}), "chef", {}, False),
        # A group is nobody's own number, whoever has written there.
        (
            replace(SEND, chats={"+905": Mode.OFF}),
            "chef",
            {"chat": Jid.parse("120363000000000042@g.us")},
            True,
        ),
        (replace(SEND, categories={ANALYSIS.category: Mode.OFF}), "chef", {}, False),
        (SEND, "chef", {"kind": Kind.STICKER, "text": ""}, False),
        (SEND, "chef", {"kind": Kind.STICKER, "text": "Hazır mı?"}, True),
    ],
)
def test_who_may_answer(policy: ReplyPolicy, agent: str, fields: dict[str, Any], may: bool) -> None:
    assert may_answer(work(**fields), agent, policy) is may


STANDING = StandingDraft(3, "Hazır.", is_by_mode=True)
THANKS = replace(ANALYSIS, action_required=False)


@pytest.mark.parametrize(
    ("answer", "policy", "given", "renewed"),
    [
        (SURE, DRAFT, {}, (3,)),
        # A person has not decided about the earlier questions: nothing overtakes that.
        (SURE, SEND, {}, (3,)),
        (replace(SURE, needs_human=True), SEND, {}, (3,)),
        # An answer that ignores the earlier questions leaves them unchanged.
        (UNUSABLE, DRAFT, {}, ()),
        (LEFT, DRAFT, {"reported": RIDE}, ()),
        (SURE, DRAFT, {"chat": ANSWERED}, ()),
        # The customer is warned of danger at once, and told nothing else.
        (SURE, SEND, {"reported": RIDE}, ()),
    ],
)
def test_an_answer_renews_the_draft_that_waits(
    answer: AgentAnswer, policy: ReplyPolicy, given: dict[str, Any], renewed: tuple[int, ...]
) -> None:
    facts = AnswerFacts(
        NOON, given.get("reported", SAFE), given.get("chat", CALM), drafts=(STANDING,)
    )
    plan = plan_answer(work(), AgentReply("chef", answer), facts, policy, NOW)
    assert plan.renewed == renewed
    assert plan.reply is not None
    if renewed:
        assert (plan.reply.state, plan.announces) == (OutboxState.DRAFT, True)


@pytest.mark.parametrize(
    ("analysis", "answer", "is_kept"),
    [
        (THANKS, SURE, True),
        (ANALYSIS, SURE, False),
        (THANKS, AgentAnswer("Hazır. Rica ederiz.", 0.9), False),
    ],
)
def test_who_only_thanks_leaves_the_draft_as_it_is(
    analysis: Analysis, answer: AgentAnswer, is_kept: bool
) -> None:
    facts = AnswerFacts(NOON, SAFE, CALM, drafts=(STANDING,))
    said = AgentReply("chef", answer)
    plan = plan_answer(replace(work(), analysis=analysis), said, facts, DRAFT, NOW)
    assert (plan == AnswerPlan()) is is_kept


def test_a_sure_answer_goes_out_in_the_place_of_what_waited_for_another_reason() -> None:
    facts = AnswerFacts(NOON, SAFE, CALM, drafts=(replace(STANDING, is_by_mode=False),))
    plan = plan_answer(work(), AgentReply("chef", SURE), facts, SEND, NOW)
    assert plan.reply is not None
    assert (plan.reply.state, plan.renewed) == (OutboxState.APPROVED, (3,))


def test_the_notice_shows_all_that_waits() -> None:
    entries = [
        HistoryEntry("Ayşe", "dünkü", NOON - timedelta(days=1), "text", False, is_open=True),
        HistoryEntry("Ayşe", "reddedilen", NOON - timedelta(hours=1), "text", False, is_open=False),
        HistoryEntry("", "uyarı", NOON - timedelta(minutes=9), "text", True, is_by_bridge=True),
        HistoryEntry("Ayşe", "az önceki", NOON - timedelta(seconds=9), "text", False),
    ]
    reply = planned(SURE, DRAFT).reply
    assert reply is not None
    one = replace(work(), history=tuple(entries))
    [notice] = of_draft(DraftNotice(5, reply, (3,)), one, DRAFT, NOW)
    assert "«dünkü»\n«az önceki»\n«Merhaba»" in notice.text
    assert "artık Taslak 3 değil" in notice.text
    entries.append(HistoryEntry("", "bakıyorum", NOON, "text", True))
    [notice] = of_draft(DraftNotice(5, reply), replace(one, history=tuple(entries)), DRAFT, NOW)
    assert "Müşteri: «Merhaba»" in notice.text


def test_the_owner_is_told_after_a_burst_and_at_once_of_danger() -> None:
    usual = planned(SURE, DRAFT).reply
    pressing = planned(SURE, DRAFT, reported=RIDE).reply
    assert usual is not None
    assert pressing is not None
    [notice] = of_draft(DraftNotice(5, usual), work(), DRAFT, NOW)
    assert (notice.purpose, notice.about_id, notice.danger) == ("draft-notice:5", 5, None)
    assert (notice.not_before, notice.expires_at) == (NOW + DRAFT.burst, usual.expires_at)
    [notice] = of_draft(DraftNotice(5, pressing), work(), DRAFT, NOW)
    assert (notice.not_before, notice.danger) == (NOW, "ride")
    assert waits_for_morning(notice.purpose)


def test_a_call_to_the_owner_lasts_as_long_as_a_draft_of_the_night() -> None:
    notice = of_person_wanted(work(), DRAFT, NIGHT)
    assert (notice.purpose, notice.about_id, notice.message_row_id) == ("person-notice:7", None, 7)
    assert notice.not_before == NIGHT + DRAFT.burst
    assert notice.expires_at == DRAFT.draft_until(NOON, NIGHT)
    assert waits_for_morning(notice.purpose)
