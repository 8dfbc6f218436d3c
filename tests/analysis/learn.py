"""`make learn`: writes learned.json from the labelled messages in tests/data.

Logistic regressions over the features of each message: one with several answers for category and
for mood, one a value for urgency and response time, because a label accepts several. Before it
writes it learns from all authors but one and judges that one's messages, author by author; the
held-out sets take no part.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import track

from izer_bridge.analysis.local import analyser as local_analyser
from izer_bridge.analysis.local.context import context_of, whole_thought
from izer_bridge.analysis.local.features import features_of
from izer_bridge.analysis.local.learned import ANSWERS, HUNDREDTHS, URGENCIES, Model
from izer_bridge.analysis.local.lexicon import lexicon
from izer_bridge.analysis.local.signals import signals_of
from izer_bridge.domain.analysis import Analysis, Category, ResponseTime, Sentiment
from izer_bridge.trials.scoring import Expected, Labelled, Scores, evaluate
from tests.analysis.sets import as_line, author_of, by_author, labelled

SET = "analysis-train"
# Found by cross-validation over the authors; half or twice as much does equally well.
FREEDOM = 0.3
LEAST_MESSAGES = 3
# Of a message with several accepted answers so much speaks for the first of them.
FIRST = 0.7
# Mood is told in words of any matter, and each author uses others: who trusts few of them much does
# worse on the next author's.
MOODS_FREEDOM = 0.1


class Loud(NamedTuple):
    """How loud an author speaks of a message's category, of its mood, and of when to answer it."""

    what: float = 1.0
    mood: float = 1.0
    when: float = 1.0


# Reviews of films, phones and food teach how people feel, and nothing of what a shop must do.
ELSEWHERE = ("review", "between", "fact", "homely", "services", "market", "street")
# They write short and mostly calmly to the shop: how people feel is learnt from them, and not when
# the longer messages of others must be answered. By cross-validation over the authors before them.
LATEST = (
    *("brief", "chatter", "cross", "dictated", "edges", "formal", "kanka", "parent", "pressed"),
    *("rambling", "regional", "rider", "trade", "visitor", "webshop", "worldly"),
)
LOUD = {
    **dict.fromkeys(ELSEWHERE, Loud(what=0.0, mood=2.0, when=0.0)),
    **dict.fromkeys(LATEST, Loud(what=0.0, when=0.0)),
    "counter": Loud(what=0.4, when=0.4),
}
OPINIONS = frozenset(
    f"sign:{name}"
    for name in (*lexicon().opinions, "finds_both", "good_but", "bad_but", "so_so_but")
)
PACKAGE = files("izer_bridge.analysis.local")
TARGET = Path(str(PACKAGE / "learned.json"))

Features = dict[str, float]
Column = tuple[float, Sequence[float]]


def features(one: Labelled) -> Features:
    whole = whole_thought(one.subject)
    signals = signals_of(whole.text)
    return features_of(signals, context_of(whole, signals))


def learn(messages: Sequence[Labelled], known: Sequence[Features]) -> Model:
    """Points in hundredths for each answer, by feature; those of "" apply to every message."""
    # Needed only for training: `make learn` installs it.
    from sklearn.feature_extraction import DictVectorizer

    seen = Counter(name for one in known for name in one)
    vectors = DictVectorizer()
    every = vectors.fit_transform(
        [{k: v for k, v in one.items() if seen[k] >= LEAST_MESSAGES} for one in known]
    )
    names = vectors.get_feature_names_out()
    expected = [one.expected for one in messages]
    loud = [LOUD.get(author_of(one), Loud()) for one in messages]
    rows = _without(every, names, _opines)
    when = [(rows, right, [one.when for one in loud]) for right in _whens(expected)]
    columns = [
        *_one_of(
            _without(rows, names, _endangers),
            [one.category for one in expected],
            Category,
            FREEDOM,
            [one.what for one in loud],
        ),
        *_one_of(
            every,
            [one.sentiment for one in expected],
            Sentiment,
            MOODS_FREEDOM,
            [one.mood for one in loud],
        ),
        *(_whether(*one) for one in when),
    ]
    table = zip(*([first, *rest] for first, rest in columns), strict=True)
    points = (tuple(round(HUNDREDTHS * one) for one in row) for row in table)
    return {name: row for name, row in zip(["", *names], points, strict=True) if any(row)}


def _without(rows: Any, names: Sequence[str], *kinds: Callable[[str], bool]) -> Any:
    from scipy.sparse import diags

    return rows @ diags([float(not any(is_one(name) for is_one in kinds)) for name in names])


def _opines(name: str) -> bool:
    """What is thought of a thing tells the mood, and misleads about what must be done."""
    return name.startswith("opinion:") or name in OPINIONS


def _endangers(name: str) -> bool:
    """Danger is urgent, and whether it is told to blame or for help, it does not say."""
    return name.startswith("danger:")


def _whens(expected: Sequence[Expected]) -> Iterator[list[bool | None]]:
    """Whether each accepts an urgency, a response time, and that somebody must act."""
    for urgency in URGENCIES:
        yield [one.urgency[0] <= urgency <= one.urgency[1] for one in expected]
    for time in ResponseTime:
        yield [time in one.recommended_response_time for one in expected]
    yield [one.action_required for one in expected]


def _whether(rows: Any, right: Sequence[bool | None], says: Sequence[float]) -> Column:
    """A yes or no; of None, and of who says nothing, nothing is learnt."""
    said = [number for number, one in enumerate(right) if one is not None and says[number]]
    fitted = _regression(FREEDOM).fit(
        rows[said],
        [right[number] for number in said],
        sample_weight=[says[number] for number in said],
    )
    return fitted.intercept_[0], fitted.coef_[0]


def _one_of(
    rows: Any,
    accepted: Sequence[Sequence[Any]],
    answers: Iterable[Any],
    freedom: float,
    says: Sequence[float],
) -> Iterator[Column]:
    """One of several; a message counts once, shared among the accepted answers."""
    order = list(answers)
    examples = [
        (number, order.index(answer), share * says[number])
        for number, several in enumerate(accepted)
        if says[number]
        for answer, share in zip(several, _shares(len(several)), strict=True)
    ]
    numbers, wanted, shares = zip(*examples, strict=True)
    fitted = _regression(freedom).fit(rows[list(numbers)], wanted, sample_weight=shares)
    if list(fitted.classes_) != list(range(len(order))):
        raise ValueError("there is an answer that no message has")
    return zip(fitted.intercept_, fitted.coef_, strict=True)


def _regression(freedom: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=freedom, max_iter=1_000)


def _shares(count: int) -> list[float]:
    return [1.0] if count == 1 else [FIRST] + [(1 - FIRST) / (count - 1)] * (count - 1)


def digest() -> str:
    """Of all that the points come from, so that a test sees when they are out of date."""
    content = hashlib.sha256(f"{FREEDOM} {LEAST_MESSAGES} {FIRST} {MOODS_FREEDOM} {LOUD}".encode())
    for one in labelled(SET):
        content.update(json.dumps(features(one), sort_keys=True).encode())
        content.update(one.expected.model_dump_json().encode())
    return content.hexdigest()


def cross_validated(console: Console) -> Scores:
    """Each author's messages, judged by what all others teach."""
    authors = by_author(labelled(SET))
    known = {one.id: features(one) for one in labelled(SET)}
    analyses: dict[str, Analysis] = {}
    for author in track(authors, "Each author in turn", console=console, transient=True):
        others = [one for name, own in authors.items() if name != author for one in own]
        model = learn(others, [known[one.id] for one in others])
        analyses |= {one.id: local_analyser.analyse(one.subject, model) for one in authors[author]}
    return evaluate(labelled(SET), analyses).total


def main() -> None:
    console = Console(stderr=True)
    sys.stdout.write(f"cross-validated: {as_line(cross_validated(console))}\n")
    messages = labelled(SET)
    points = learn(messages, [features(one) for one in messages])
    lines = ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}: {list(row)}" for name, row in points.items()
    )
    answers = json.dumps(list(map(str, ANSWERS)))
    TARGET.write_text(
        f'{{"of": "{digest()}",\n"answers": {answers},\n"points": {{\n{lines}}}}}\n', "utf-8"
    )


if __name__ == "__main__":
    main()
