"""Completes a draft: known facts of the case are acknowledged once, missing ones are asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.topic import Draft, table_of

MOST_ASKED = 2
# Whoever looks at a customer's picture sees it.
_SHOWN = ("product", "price_of", "picture")


def completed(draft: Draft, case: Case) -> Draft:
    """With the facts that `asks` names; nothing is acknowledged twice in this chat."""
    if not draft.asks:
        return draft
    known = {fact.name: fact.value for fact in draft.facts}
    asks = [one for one in draft.asks if not (case.shows_picture and one in _SHOWN)]
    wanted = _wanted(asks, "model" in known)
    noted = [_noted(name, known[name], case) for name in wanted if name in known]
    asked = [_question(name, case.language) for name in wanted if name not in known]
    sentences = (draft.reply, _all_noted(noted, case.language), *_some(asked))
    return replace(draft, reply=" ".join(filter(None, sentences)), asks=())


def _wanted(names: Iterable[str], has_model: bool) -> Sequence[str]:
    """A customer who has named a model has named the product."""
    return list(dict.fromkeys("model" if has_model and one == "product" else one for one in names))


def _some(asked: Iterable[str]) -> Sequence[str]:
    return [one for one in asked if one][:MOST_ASKED]


def _question(name: str, language: str) -> str:
    question: str = table_of("asks")[name]["ask"].get(language, "")
    return question


def _noted(name: str, value: str, case: Case) -> str:
    """The fact as the sentence shows it; empty if it was not stated, or acknowledged before."""
    template: str = table_of("asks")[name].get("noted", {}).get(case.language, "")
    was_noted = any(turn.is_shop and f"({value})" in turn.text for turn in case.history)
    return "" if was_noted else template.format(value)


def _all_noted(noted: Iterable[str], language: str) -> str:
    parts = [one for one in noted if one]
    if not parts:
        return ""
    frame = table_of("noted")[language]
    *first, last = parts
    listed = f"{', '.join(first)} {frame['and']} {last}" if first else last
    sentence: str = frame["sentence"].format(listed)
    first_letter = "İ" if language == "tr" and sentence[0] == "i" else sentence[0].upper()
    return first_letter + sentence[1:]
