"""The meaning of the owner's verdict, and how a later one relates to an earlier one."""

from datetime import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from izer_bridge.domain.correspondent import Correspondent
from izer_bridge.domain.message import Kind
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.sendable_text import LONGEST_TEXT, sendable
from izer_bridge.replies.owner_texts import announcement, confirmed, decided_otherwise
from izer_bridge.replies.owner_verdict import (
    DecisionOutcome,
    OwnerDecision,
    OwnerVerdict,
    earlier,
    is_short_answer,
    verdict_of,
)


@pytest.mark.parametrize(
    ("kind", "text", "verdict"),
    [
        (Kind.TEXT, "1", OwnerVerdict.APPROVE),
        (Kind.TEXT, " 1\n", OwnerVerdict.APPROVE),
        (Kind.TEXT, "1️⃣", OwnerVerdict.APPROVE),
        (Kind.TEXT, "👍🏽", OwnerVerdict.APPROVE),
        (Kind.TEXT, "1.", OwnerVerdict.APPROVE),
        (Kind.TEXT, "\u200e«1»", OwnerVerdict.APPROVE),
        (Kind.TEXT, "(0)!", OwnerVerdict.REFUSE),
        (Kind.TEXT, "1?", OwnerVerdict.CORRECT),
        (Kind.TEXT, "...", OwnerVerdict.CORRECT),
        (Kind.TEXT, "1 saat sonra", OwnerVerdict.CORRECT),
        (Kind.TEXT, "0", OwnerVerdict.REFUSE),
        (Kind.TEXT, "👎", OwnerVerdict.REFUSE),
        (Kind.TEXT, "10", OwnerVerdict.CORRECT),
        (Kind.TEXT, "Yarın hazır", OwnerVerdict.CORRECT),
        (Kind.TEXT, " ", None),
        (Kind.VOICE, "", None),
        (Kind.IMAGE, "1", None),
        (Kind.REACTION, "👍", OwnerVerdict.APPROVE),
        (Kind.REACTION, "👍🏿", OwnerVerdict.APPROVE),
        (Kind.REACTION, "👎🏻", OwnerVerdict.REFUSE),
        (Kind.REACTION, "❤️", None),
        (Kind.REACTION, "1", None),
        (Kind.REACTION, "", None),
    ],
)
def test_a_word_means_one_thing(kind: Kind, text: str, verdict: OwnerVerdict | None) -> None:
    assert verdict_of(kind, text) is verdict
    is_short = kind is Kind.TEXT and verdict in (OwnerVerdict.APPROVE, OwnerVerdict.REFUSE)
    assert is_short_answer(kind, text) is is_short


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        *(
            (yes, OwnerVerdict.APPROVE)
            for yes in ("Evet", "EVET!", "OK", "ok.", "tamam", "Tamamdır")
        ),
        *((yes, OwnerVerdict.APPROVE) for yes in ("gönder", "GONDER", "1 gönder", "1 = gönder")),
        *((yes, OwnerVerdict.APPROVE) for yes in ("onay", "Onaylıyorum", "Evet,gönder 👍🏽")),
        *((no, OwnerVerdict.REFUSE) for no in ("hayır", "HAYIR", "İptal", "iptal.", "gönderme")),
        *((no, OwnerVerdict.REFUSE) for no in ("red", "Hayır, gönderme!", "0 gönderme 👎")),
        *((text, OwnerVerdict.CORRECT) for text in ("Tamam, yarın gelin", "Evet, stokta var.")),
        *(
            (text, OwnerVerdict.CORRECT)
            for text in ("Tamam mı?", "Hayır, açık değiliz", "1.0", "1,1")
        ),
        *((text, OwnerVerdict.CORRECT) for text in ("Evet 14:00", "evet hayır", "Gönderdik.")),
    ],
)
def test_a_quoted_yes_or_no_is_no_text_for_a_customer(said: str, verdict: OwnerVerdict) -> None:
    assert verdict_of(Kind.TEXT, said) is verdict
    assert not is_short_answer(Kind.TEXT, said)


APPROVE, REFUSE = OwnerDecision(OwnerVerdict.APPROVE, "x"), OwnerDecision(OwnerVerdict.REFUSE, "x")
CORRECT = OwnerDecision(OwnerVerdict.CORRECT, "x", "Yarın")


@pytest.mark.parametrize(
    ("decision", "state", "edited", "outcome"),
    [
        (APPROVE, OutboxState.SENT, None, DecisionOutcome.ALREADY),
        (APPROVE, OutboxState.APPROVED, "Yarın", DecisionOutcome.OTHERWISE),
        (APPROVE, OutboxState.REFUSED, None, DecisionOutcome.OTHERWISE),
        (APPROVE, OutboxState.LAPSED, None, DecisionOutcome.OTHERWISE),
        (CORRECT, OutboxState.SENDING, "Yarın", DecisionOutcome.ALREADY),
        (CORRECT, OutboxState.SENT, None, DecisionOutcome.OTHERWISE),
        (REFUSE, OutboxState.REFUSED, None, DecisionOutcome.ALREADY),
        (REFUSE, OutboxState.SENT, None, DecisionOutcome.OTHERWISE),
        (REFUSE, OutboxState.CANCELLED, None, DecisionOutcome.OTHERWISE),
    ],
)
def test_the_first_word_counts(
    decision: OwnerDecision, state: OutboxState, edited: str | None, outcome: DecisionOutcome
) -> None:
    assert earlier(decision, state, edited) is outcome


@pytest.mark.parametrize("state", sorted(set(OutboxState) - {OutboxState.DRAFT}))
def test_whoever_is_late_is_told_so_in_turkish(state: OutboxState) -> None:
    said = decided_otherwise(12, state)
    assert said.startswith("Taslak 12 ")
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (
            "a person has answered",
            "Taslak 3 artık geçerli değil: dükkândan biri yazdı. Gönderilmedi.",
        ),
        ("something new", "Taslak 3 artık geçerli değil. Gönderilmedi."),
        (None, "Taslak 3 artık geçerli değil. Gönderilmedi."),
    ],
)
def test_only_the_true_reason_is_told(why: str | None, said: str) -> None:
    assert decided_otherwise(3, OutboxState.CANCELLED, why) == said


AYSE = Correspondent("Ayşe Yılmaz", "+905551112233")


HOW = (
    'Bu mesajı "Yanıtla" ile cevaplayın: 1 = gönder, 0 = iptal ya da göndermek '
    "istediğiniz metin. 👍 ve 👎 de olur."
)


def test_the_owner_reads_question_proposal_and_how_to_answer() -> None:
    assert announcement(12, AYSE, ["Bisikletim\nhazır mı?"], "Hazır.\nBekleriz.") == [
        "✏️ Taslak 12: +905551112233 «Ayşe Yılmaz»\n"
        "Müşteri: «Bisikletim hazır mı?»\n"
        "\n"
        "Önerilen yanıt:\n"
        "Hazır.\n"
        "Bekleriz.\n"
        "\n"
        f"{HOW}"
    ]


def test_a_renewed_draft_shows_all_that_waits_and_names_the_one_before() -> None:
    [said] = announcement(14, AYSE, ["Hazır mı?", "Bir de kaç TL?"], "Bakıyoruz.", renewed=[12])
    assert said.splitlines()[:5] == [
        "✏️ Taslak 14: +905551112233 «Ayşe Yılmaz»",
        "Müşteri yeniden yazdı: artık Taslak 12 değil, bu geçerli.",
        "Müşterinin mesajları:",
        "«Hazır mı?»",
        "«Bir de kaç TL?»",
    ]


@example("A&amp;B", "<b>x</b> &#39;", "\ue000\u202eters\U000e0001")
@given(st.text(), st.text(), st.text(min_size=1, max_size=LONGEST_TEXT))
def test_whatever_is_in_it_the_notice_can_be_sent(name: str, asked: str, proposal: str) -> None:
    for who in (Correspondent(name, "+905551112233"), Correspondent(name, "", True, name)):
        for said in announcement(12, who, [asked] * 5, proposal):
            assert sendable(said) == said


@pytest.mark.parametrize("proposal", ["kelime " * 500, "k" * LONGEST_TEXT])
def test_a_long_proposal_is_shown_to_its_end(proposal: str) -> None:
    said = announcement(12, AYSE, ["b" * 300] * 5, proposal)
    assert len(said) == 2
    assert [HOW in one for one in said] == [False, True]
    assert said[1].startswith("✏️ Taslak 12, önerilen yanıtın devamı:\n")
    shown = said[0].split("Önerilen yanıt:\n")[1] + said[1].split("\n")[1]
    assert shown.replace(" ", "") == proposal.replace(" ", "")
    assert "izer-bridge" not in "".join(said)


@pytest.mark.parametrize(
    ("verdict", "not_before", "said"),
    [
        (OwnerVerdict.APPROVE, None, "✓ Taslak 3 onaylandı, gönderiliyor."),
        (
            OwnerVerdict.APPROVE,
            time(8, 30),
            "✓ Taslak 3 onaylandı; sessiz saatler bitince (saat 08:30) gönderilecek.",
        ),
        (
            OwnerVerdict.CORRECT,
            None,
            "✓ Taslak 3 yerine yazdığınız metin onaylandı, gönderiliyor.",
        ),
        (OwnerVerdict.REFUSE, None, "✓ Taslak 3 iptal edildi, gönderilmeyecek."),
        (OwnerVerdict.REFUSE, time(8), "✓ Taslak 3 iptal edildi, gönderilmeyecek."),
    ],
)
def test_a_decision_is_confirmed_in_one_line(
    verdict: OwnerVerdict, not_before: time | None, said: str
) -> None:
    assert confirmed(3, verdict, not_before) == said


def test_who_answers_the_notice_of_a_renewed_draft_is_led_to_the_new_one() -> None:
    assert decided_otherwise(12, OutboxState.RENEWED, "renewed by draft 14", 14) == (
        "Müşteri yeniden yazdı: artık Taslak 12 değil, Taslak 14 geçerli. "
        "Gönderilmedi; lütfen yeni taslağın mesajını yanıtlayın."
    )
    assert decided_otherwise(12, OutboxState.DRAFT, "the customer has written again") == (
        "Müşteri bu arada yeniden yazdı; Taslak 12 yenileniyor. Gönderilmedi."
    )
