"""`make learn`: writes danger_learned.json from the messages of tests/data/danger-train.jsonl.

A logistic regression over the signs of each message and the rules' own word; which danger it is,
another one. The grid's parts and faults teach, too, and so do ordinary messages of analysis-train
that nobody may call urgent. Before it writes it learns from all authors but one and prints how well
that one's messages are read; what is in danger-heldout takes no part.
"""

import hashlib
import json
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from math import log
from pathlib import Path
from typing import Any, NamedTuple

from izer_bridge.analysis.local import danger, danger_learned
from izer_bridge.analysis.local.danger_learned import (
    HUNDREDTHS,
    MOST_SIGNS,
    Learned,
    model_of,
    share_of_one,
    signs_of,
)
from izer_bridge.domain.danger import Danger
from tests.analysis import danger_grid
from tests.analysis.sets import DATA, labelled

# Found by cross-validation over the authors; half or twice as much does equally well.
FREEDOM = 5.0
LEAST_MESSAGES = 3
# A feature with fewer points than this, in a text of one feature, says nothing.
LEAST_POINTS = 0.15
# From this probability on it is danger: few ordinary messages come near it, and a missed one costs
# more.
LEAST_CHANCE = 0.21
KINDS_FREEDOM = 1.0
# A short message has sixteen features: the division by their root is returned to the regression,
# the rules' verdict weighs as much as one feature, and the rules' names for the words half of all
# features.
ROOT = 4.0
HALF = 0.5
# A message counts once for so many words: most that taught are a cry of five, and a longer one says
# more about what is danger and what is not.
WORDS_OF_ONE = 5
# What most messages are like: the authors of these sets wrote little but danger and its twins.
ORDINARY = "ordinary"
LANGUAGES = ("tr", "en", "de")
# Each letter gets every hundredth danger.
STEP = 100
CALM_UP_TO = 6
_OF_PARTS = (Danger.RIDE, Danger.BATTERY)
PACKAGE = files("izer_bridge.analysis.local")
TARGET = Path(str(PACKAGE / "danger_learned.json"))


# For each language in per cent: recognised danger, and harmless messages that raise an alarm.
Shares = dict[str, tuple[float, float]]


class Said(NamedTuple):
    """A message of one of LANGUAGES and the danger that it reports, None for a harmless one."""

    author: str
    language: str
    danger: Danger | None
    text: str


@cache
def said_in(name: str) -> tuple[Said, ...]:
    """The messages of `tests/data/{name}.jsonl`."""
    lines = (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return tuple(
        Said(one["author"], one["language"], one["danger"] and Danger(one["danger"]), one["text"])
        for one in found
    )


def taught() -> tuple[Said, ...]:
    """The training set: messages written for it, and ordinary ones that nobody may call urgent."""
    ordinary = (
        Said(ORDINARY, one.language, None, one.subject.text)
        for one in labelled("analysis-train")
        if one.expected.urgency[1] <= CALM_UP_TO
    )
    return (*said_in("danger-train"), *_of_the_grid(), *ordinary)


def _of_the_grid() -> Iterator[Said]:
    """Each part with every second of its faults, and questions about it; calm twins; and haste,
    which is no danger by itself.
    """
    harmless = tomllib.loads((DATA / "danger-harmless.toml").read_text("utf-8"))
    for language in LANGUAGES:
        table, calm = danger_grid.words_of(language), harmless[language]
        for group in table["danger"]:
            parts, kind = group["parts"], Danger(group["kind"])
            for number, part in enumerate(parts):
                told = group["faults"][number % 2 :: 2]
                yield from (
                    Said("grid", language, kind, f"{part} {fault}".strip()) for fault in told
                )
                for asked in calm["asked"] if kind in _OF_PARTS and part else ():
                    yield Said("grid", language, None, asked.format(part))
        broken = (f"{part} {fault}" for part in calm["parts"] for fault in calm["faults"])
        pressed = (f"{haste} {asked}" for haste in table["haste"] for asked in table["question"])
        for said in (*table["calm"]["plain"], *calm["said"], *broken, *pressed):
            yield Said("grid", language, None, said)


def digest() -> str:
    """Of everything that the points come from, so that a test notices when they are out of date."""
    settings = (
        *(FREEDOM, HALF, LEAST_MESSAGES, LEAST_POINTS, LEAST_CHANCE, KINDS_FREEDOM),
        *(WORDS_OF_ONE, MOST_SIGNS),
    )
    content = hashlib.sha256(repr(settings).encode())
    content.update((PACKAGE / "danger.toml").read_bytes())
    for one in taught():
        content.update(repr(one).encode())
    return content.hexdigest()


def learn(messages: Sequence[Said]) -> dict[str, Any]:
    """The file's content, in two rounds: the second uses the features that mattered alone."""
    names, marks = _known(messages, _names), _known(messages, _marks)
    _, _, weights, _ = _fitted(messages, names, marks)
    strong = [
        name for name, points in zip(names, weights, strict=True) if abs(points) >= LEAST_POINTS
    ]
    begin, told, of_signs, of_marks = _fitted(messages, strong, marks)
    return {
        "begin": _hundredths(begin),
        "told": _hundredths(told),
        "least": _hundredths(_points_of(LEAST_CHANCE)),
        "signs": dict(zip(strong, map(_hundredths, of_signs), strict=True)),
        "marks": dict(zip(marks, map(_hundredths, of_marks), strict=True)),
        "kinds": {name: list(row) for name, row in _kinds(messages).items()},
    }


def _known(messages: Iterable[Said], names: Callable[[str], Collection[str]]) -> list[str]:
    seen = Counter(name for one in messages for name in names(one.text))
    return sorted(name for name, count in seen.items() if count >= LEAST_MESSAGES)


class Fitted(NamedTuple):
    """The intercept, and the points of the rules' verdict, of each name and of each mark."""

    begin: float
    told: float
    signs: Sequence[float]
    marks: Sequence[float]


def _fitted(messages: Sequence[Said], names: Sequence[str], marks: Sequence[str]) -> Fitted:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    place = {name: number for number, name in enumerate(names)}
    place_of_mark = {name: number for number, name in enumerate(marks, len(names))}
    last = len(names) + len(marks)
    values, columns, ends = [], [], [0]
    for one in messages:
        known = [place[name] for name in _names(one.text) if name in place]
        marked = [place_of_mark[name] for name in _marks(one.text) if name in place_of_mark]
        told = [last] if _is_told(one.text) else []
        for found, weight in ((known, 1.0), (marked, HALF), (told, 1 / ROOT)):
            columns += found
            values += [weight * share_of_one(len(found))] * len(found)
        ends.append(len(columns))
    fitted = LogisticRegression(C=FREEDOM * ROOT**2, solver="liblinear", tol=1e-3).fit(
        csr_matrix((values, columns, ends), (len(messages), last + 1)),
        [one.danger is not None for one in messages],
        [max(len(one.text.split()) / WORDS_OF_ONE, 1) for one in messages],
    )
    points = fitted.coef_[0]
    return Fitted(
        fitted.intercept_[0],
        points[last] / ROOT,
        points[: len(names)],
        HALF * points[len(names) : last],
    )


def _kinds(messages: Sequence[Said]) -> dict[str, Sequence[int]]:
    """The kind of danger, from whole words and the rules' names for them."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    told = [one for one in messages if one.danger is not None]
    vectors = DictVectorizer()
    known = set(_known(told, _words_and_marks))
    rows = vectors.fit_transform(
        [dict.fromkeys(known.intersection(_words_and_marks(one.text)), 1) for one in told]
    )
    order = list(Danger)
    fitted = LogisticRegression(C=KINDS_FREEDOM, max_iter=2_000).fit(
        rows, [order.index(one.danger) for one in told if one.danger]
    )
    table = zip(*fitted.coef_, strict=True)
    found = dict(zip(vectors.get_feature_names_out(), table, strict=True))
    rows_of = {"": fitted.intercept_, **found}
    return {
        name: points
        for name, row in rows_of.items()
        if any(points := tuple(map(_hundredths, row))) or not name
    }


@cache
def _names(text: str) -> tuple[str, ...]:
    return tuple(signs_of(text))


@cache
def _marks(text: str) -> Collection[str]:
    return sorted(danger.marks_of(text))


def _words_and_marks(text: str) -> Collection[str]:
    words = (name for name in _names(text) if name[0] == "w")
    return (*words, *map(danger_learned.of_mark, _marks(text)))


@cache
def _is_told(text: str) -> bool:
    return bool(danger.told_in(text))


def _points_of(chance: float) -> float:
    return log(chance / (1 - chance))


def _hundredths(points: float) -> int:
    return round(HUNDREDTHS * points)


def shares(messages: Iterable[Said], model: Learned | None = None) -> Shares:
    """For each language, in per cent, how much danger is recognised, and how many false alarms
    there are.
    """
    found: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    for one in messages:
        seen = bool(danger.reports_of(one.text, model))
        found[one.language, one.danger is not None].append(seen)
    return {
        language: (_share(found[language, True]), _share(found[language, False]))
        for language in LANGUAGES
    }


def in_letters(model: Learned | None = None) -> Shares:
    """The same of danger in the middle of long letters, and of the letters by themselves."""
    lines = (DATA / "danger-letters.jsonl").read_text("utf-8").splitlines()
    letters = [Said("letters", danger=None, **json.loads(line)) for line in lines]
    told = [one for one in said_in("danger-heldout") if one.danger]
    held = (
        _in_the_middle(
            letter, [one for one in told if one.language == letter.language][place::STEP]
        )
        for place, letter in enumerate(letters)
    )
    return shares([*letters, *chain.from_iterable(held)], model)


def _in_the_middle(letter: Said, told: Iterable[Said]) -> Iterator[Said]:
    sentences = letter.text.split(". ")
    half = len(sentences) // 2
    for one in told:
        text = ". ".join((*sentences[:half], one.text.strip().rstrip("."), *sentences[half:]))
        yield one._replace(text=text)


def _share(seen: Sequence[bool]) -> float:
    return 100 * sum(seen) / max(len(seen), 1)


def line(name: str, of: Shares) -> str:
    told = (f"{lang} {seen:.1f} seen {alarm:.1f} alarm" for lang, (seen, alarm) in of.items())
    return f"{name}: {', '.join(told)}"


def by_author(name: str) -> dict[str, list[Said]]:
    """The set's messages by author."""
    found: dict[str, list[Said]] = defaultdict(list)
    for one in said_in(name):
        found[one.author].append(one)
    return found


def main() -> None:
    messages = taught()
    for author, own in by_author("danger-train").items():
        model = model_of(learn([one for one in messages if one.author != author]))
        sys.stdout.write(f"{line(f'author {author}, taught by others', shares(own, model))}\n")
    _write(learn(messages))
    danger_learned.learned.cache_clear()
    for author, own in by_author("danger-heldout").items():
        sys.stdout.write(f"{line(f'held out, {author}', shares(own))}\n")


def _write(document: Mapping[str, Any]) -> None:
    numbers = {name: document[name] for name in ("begin", "told", "least")}
    head = json.dumps({"of": digest(), **numbers})[:-1]
    tables = ",\n".join(
        f'"{name}": {_lines(document[name])}' for name in ("signs", "marks", "kinds")
    )
    TARGET.write_text(f"{head},\n{tables}}}\n", "utf-8")


def _lines(table: Mapping[str, object]) -> str:
    rows = (f"{json.dumps(name, ensure_ascii=False)}: {row}" for name, row in table.items())
    return "{\n" + ",\n".join(rows) + "}"


if __name__ == "__main__":
    main()
