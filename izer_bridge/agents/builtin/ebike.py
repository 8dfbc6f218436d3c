"""Public e-bike error codes: what each means, what may be checked, when to stop riding."""

from collections.abc import Sequence
from functools import cache, lru_cache

from izer_bridge.agents.builtin.facts import Fact, codes_in, told_codes_in
from izer_bridge.agents.builtin.request import Case, folded, mentions
from izer_bridge.agents.builtin.topic import Draft, Step, in_language, stems_in, table_of

MAKERS = {"bosch": "Bosch", "shimano": "Shimano STEPS", "bafang": "Bafang"}
_NONE: frozenset[str] = frozenset()
# A text is read again with each later message of its chat.
_REMEMBERED = 1 << 11


def draft(case: Case) -> Draft | None:
    """The answer to a maker's error code; the message names one of the two, and the chat the other.

    None if they are unknown, and for a message about something else.
    """
    said_makers = _NONE.union(*map(_makers, case.said))
    maker = next((one for one in MAKERS if one in said_makers), None)
    if maker is None:
        return None
    kinds = _kinds(maker)
    said = [code for text in case.said for code in codes_in(text) if code in kinds]
    if not said or not (_makers(case.text) or said[-1] in codes_in(case.text)):
        return None
    return _answer(case.language, maker, said[-1].upper(), kinds[said[-1]])


def named_in(said: Sequence[str]) -> tuple[Fact, ...]:
    """The maker and the code that the customer has named, as far as they are known to be that."""
    makers = _NONE.union(*map(_makers, said))
    codes = [code for text in said for code in told_codes_in(text)]
    return (
        *(Fact("maker", MAKERS[one]) for one in MAKERS if one in makers),
        *(Fact("code", code.upper()) for code in codes[-1:]),
    )


@lru_cache(_REMEMBERED)
def _makers(text: str) -> frozenset[str]:
    """The makers that a text names; nearly all texts share the same empty set."""
    words = folded(text)
    return _NONE.union(
        one for one in MAKERS if mentions(words, stems_in(table_of("ebike")[one]["names"]))
    )


@cache
def _kinds(maker: str) -> dict[str, str]:
    """Code → kind of fault. A display may write `E07` for `07`."""
    table = table_of("ebike")[maker]
    kinds = {
        code: kind for kind, codes in table.items() if kind != "names" for code in codes.split()
    }
    if maker == "bafang":
        kinds |= {f"e{code}": kind for code, kind in kinds.items()}
    return kinds


def _answer(language: str, maker: str, code: str, kind: str) -> Draft:
    table = table_of("ebike")
    fault = table["kinds"][kind]
    spoken = language if language in fault else "en"
    meaning, check = fault[spoken]
    must_stop = fault.get("is_to_be_stopped", False)
    frame = table["frame"][spoken].format(
        maker=MAKERS[maker], code=code, meaning=meaning, check=check
    )
    rest = ([in_language(table["stop"], spoken)] if must_stop else []) + [
        in_language(table["service"], spoken)
    ]
    return Draft(
        topic="error_code",
        reply=" ".join([frame, *rest]),
        confidence=0.8,
        needs_human=True,
        steps=(Step("check_error_code", fault["step"]),),
        facts=(Fact("maker", MAKERS[maker]), Fact("code", code), Fact("kind", kind)),
        is_fixed=True,
    )
