"""A message that a person would see as empty is skipped; everything visible is analysed."""

import pytest

from izer_bridge.domain.message import Kind
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.domain.skip import skip_reason
from tests.store.messages import message


@pytest.mark.parametrize(
    "text", ["", " \n", "\u200e \u200b\u2060 ", "\ufe0f", "\u3164", "\u2800\u00a0", "\u00ad\ufeff"]
)
def test_what_nobody_sees_is_empty(text: str) -> None:
    reason = skip_reason(message(1, text), is_critical_group=False, analyse_groups=False)
    assert reason is SkipReason.EMPTY


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("👍", Kind.TEXT),
        ("\u200f?\u200f", Kind.TEXT),
        ("❤\ufe0f\u200d🔥", Kind.TEXT),
        ("", Kind.PHONE_ONLY),
    ],
)
def test_what_somebody_sees_is_analysed(text: str, kind: Kind) -> None:
    given = message(1, text, kind=kind)
    assert skip_reason(given, is_critical_group=False, analyse_groups=False) is None
