"""Who may write into which chat, and when it goes out: a row for each deciding fact."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from izer_bridge.domain.identity import Jid
from izer_bridge.replies.decide import ChatFacts, QuietHours, ReplyPolicy
from izer_bridge.writing.decide import (
    Author,
    PlannedMessage,
    Recipient,
    against_writing,
    plan_message,
)
from tests.store.messages import ACCOUNT, GROUP, LID, NOON, NUMBER

PERSON, PROGRAM = Author.PERSON, Author.PROGRAM
POLICY = ReplyPolicy(
    quiet=QuietHours(zone=UTC),
    per_chat_per_hour=2,
    per_hour=5,
    hand_per_chat_per_hour=10,
    hand_per_hour=20,
)
NIGHT = NOON.replace(hour=23)
MORNING = NIGHT.replace(hour=8) + timedelta(days=1)
TO = Recipient(ACCOUNT, NUMBER, has_written=True, limited_until=None, facts=ChatFacts())
LIMITED = replace(TO, limited_until=NOON + timedelta(hours=1))
STOPPED = replace(TO, facts=ChatFacts(breaker_until=NOON + timedelta(hours=1)))
PAUSED = replace(TO, facts=ChatFacts(is_paused=True))


@pytest.mark.parametrize(
    ("author", "to", "policy", "against"),
    [
        (PERSON, TO, POLICY, None),
        (PROGRAM, TO, POLICY, None),
        (PERSON, replace(TO, chat=LID), POLICY, None),
        # A person answers in groups as on the phone; a program only where agents may.
        (PERSON, replace(TO, chat=GROUP), POLICY, None),
        (PROGRAM, replace(TO, chat=GROUP), POLICY, "groups"),
        (PROGRAM, replace(TO, chat=GROUP), replace(POLICY, allow_groups=True), None),
        (PERSON, replace(TO, has_written=False), POLICY, "nobody but the shop has written"),
        (PROGRAM, replace(TO, has_written=False), POLICY, "nobody but the shop has written"),
        (PROGRAM, replace(TO, has_written=False), replace(POLICY, to_new_chats=True), None),
        (PERSON, replace(TO, chat=Jid.parse("905550000001@s.whatsapp.net")), POLICY, "own"),
        (PERSON, replace(TO, chat=Jid.parse("13135550002@s.whatsapp.net")), POLICY, "bot"),
        (PERSON, replace(TO, chat=Jid.parse("status@broadcast")), POLICY, "of this kind"),
        (PERSON, replace(TO, chat=Jid.parse("120363000000000001@newsletter")), POLICY, "this kind"),
        (PERSON, replace(TO, is_linked=False), POLICY, "of another number"),
        (PROGRAM, replace(TO, is_linked=False), POLICY, "of another number"),
        (PERSON, LIMITED, POLICY, "refused messages in this chat"),
        (PROGRAM, LIMITED, POLICY, "refused messages in this chat"),
        (PERSON, STOPPED, POLICY, "limited this account"),
        (PROGRAM, STOPPED, POLICY, "limited this account"),
        # The pause is for whoever is no person.
        (PERSON, PAUSED, POLICY, None),
        (PROGRAM, PAUSED, POLICY, "the chat is paused"),
    ],
)
def test_what_stands_against_writing(
    author: Author, to: Recipient, policy: ReplyPolicy, against: str | None
) -> None:
    found = against_writing(author, to, policy)
    assert (found is None) == (against is None)
    assert found is None or str(against) in found.sentence


def facts(*, sent_in_chat: int = 0, sent_in_all: int = 0) -> Recipient:
    return replace(TO, facts=ChatFacts(sent_in_chat=sent_in_chat, sent_in_all=sent_in_all))


@pytest.mark.parametrize(
    ("author", "to", "now", "goes_at", "expires_at", "waits_for"),
    [
        (PERSON, TO, NOON, NOON, NOON + timedelta(hours=12), ""),
        (PROGRAM, TO, NOON, NOON, NOON + timedelta(minutes=30), ""),
        # A person knows how late it is; a program does not.
        (PERSON, TO, NIGHT, NIGHT, NIGHT + timedelta(hours=12), ""),
        (PROGRAM, TO, NIGHT, MORNING, MORNING + timedelta(minutes=30), "quiet hours"),
        # What is a lot for a bot is a conversation for a person.
        (PERSON, facts(sent_in_chat=9), NOON, NOON, NOON + timedelta(hours=12), ""),
        (
            PROGRAM,
            facts(sent_in_chat=2),
            NOON,
            NOON + timedelta(minutes=1),
            NOON + timedelta(minutes=30),
            "per_chat_per_hour",
        ),
        (
            PROGRAM,
            facts(sent_in_all=5),
            NOON,
            NOON + timedelta(minutes=1),
            NOON + timedelta(minutes=30),
            "per_hour",
        ),
        (
            PERSON,
            facts(sent_in_chat=10),
            NOON,
            NOON + timedelta(minutes=1),
            NOON + timedelta(hours=12),
            "in this chat",
        ),
        (
            PERSON,
            facts(sent_in_all=20),
            NOON,
            NOON + timedelta(minutes=1),
            NOON + timedelta(hours=12),
            "more this hour",
        ),
    ],
)
def test_when_it_goes_out(
    author: Author,
    to: Recipient,
    now: datetime,
    goes_at: datetime,
    expires_at: datetime,
    waits_for: str,
) -> None:
    plan = plan_message(author, to, POLICY, now)
    assert waits_for in plan.waits_for
    assert replace(plan, waits_for="") == PlannedMessage(
        goes_at, expires_at, "", takes_over=author is PERSON
    )
    assert bool(plan.waits_for) == bool(waits_for)
