"""Which of the shop's own messages no person has written."""

from datetime import UTC, datetime, timedelta

import pytest

from izer_bridge.pipeline.automatic import AutomaticTexts, ChatTurn, follows_at_once

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TEXTS = AutomaticTexts.of(
    [
        "Merhaba 👋 İzer Bisiklet'e hoş geldiniz! Nasıl yardımcı olabiliriz?",
        "Sayın {ad}, şu an kapalıyız. {gün} görüşmek üzere: https://izer.example/saat",
        "  ",
        "👋",
    ]
)


@pytest.mark.parametrize(
    ("text", "is_automatic"),
    [
        ("Merhaba 👋 İzer Bisiklet'e hoş geldiniz! Nasıl yardımcı olabiliriz?", True),
        ("MERHABA! İZER BİSİKLET'E HOŞ GELDİNİZ, nasıl yardımcı olabiliriz", True),
        ("Merhaba, İzer Bisiklet'e hoş geldiniz. Nasıl yardımcı olabiliriz? Buyurun", False),
        ("Sayın Ayşe Yılmaz, şu an kapalıyız. Yarın sabah görüşmek üzere: https://x.example", True),
        ("Sayın , şu an kapalıyız. görüşmek üzere", True),
        ("Şu an kapalıyız", False),
        ("", False),
        ("👋", False),
        ("Sayın " + "çok " * 9 + "şu an kapalıyız. Yarın görüşmek üzere", False),
    ],
)
def test_a_text_is_met_whatever_its_case_signs_and_links(text: str, is_automatic: bool) -> None:
    assert TEXTS.hold(text) is is_automatic


@pytest.mark.parametrize(
    ("before", "is_automatic"),
    [
        ([(1, False)], True),
        ([(2, False), (0, False)], True),
        ([(3, False)], False),
        ([(1, False), (40, False)], False),
        ([(1, False), (540, True)], False),
        ([(0, True)], False),
        ([], False),
    ],
)
def test_haste_counts_upon_a_first_message_alone(
    before: list[tuple[int, bool]], is_automatic: bool
) -> None:
    said = [ChatTurn(NOON - timedelta(seconds=seconds), from_me) for seconds, from_me in before]
    assert follows_at_once(NOON, said) is is_automatic
