"""The estimate compared with counts by tiktoken's encodings, which are not run again here."""

import pytest

from izer_bridge.analysis.tokens import estimated_tokens
from tests.analysis.sets import labelled

# Each with its tokens in o200k and in cl100k.
ODD = [
    ("1 2 3 4 5 6 7 8 9 0 " * 20, 400, 400),
    ("0123456789" * 20, 67, 67),
    ("e\u0301\u0302\u0323" * 50, 200, 300),
    ("aB3_" * 50, 151, 151),
    ("üö şu ğı " * 40, 201, 281),
    ("qzx jvk " * 40, 161, 161),
    ("!?;:#% " * 40, 200, 200),
    ("🚲👩‍🔧🏽" * 20, 180, 280),
    ("車輪修理店" * 20, 100, 180),
    ("ѣѵ щъ " * 40, 280, 281),
]


@pytest.mark.parametrize(("text", "o200k", "cl100k"), ODD)
def test_of_noise_it_is_never_too_low(text: str, o200k: int, cl100k: int) -> None:
    assert estimated_tokens(text) >= max(o200k, cl100k)


@pytest.mark.parametrize(("language", "cl100k", "most"), [("tr", 3071, 1.15), ("en", 825, 2.0)])
def test_of_what_customers_type_it_is_little_too_high(
    language: str, cl100k: int, most: float
) -> None:
    """The pieces are those of Turkish; o200k makes 2530 and 821 of these."""
    texts = [one.message for one in labelled("analysis-dev") if one.language == language]
    assert cl100k <= estimated_tokens(" ".join(texts)) <= most * cl100k


def test_what_is_in_no_table_is_a_token_a_byte() -> None:
    assert estimated_tokens("🚲") == len("🚲".encode())
