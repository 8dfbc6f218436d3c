"""Prints how good and how fast the local analyser is: `python -m tests.analysis.benchmark`."""

from dataclasses import replace
from time import thread_time

from izer_bridge.analysis.local import analyser as local_analyser
from izer_bridge.analysis.local.signals import forget
from izer_bridge.domain.message import Subject
from tests.analysis.learn_danger import by_author as danger_by_author
from tests.analysis.learn_danger import in_letters, said_in
from tests.analysis.learn_danger import line as danger_line
from tests.analysis.learn_danger import shares as danger_shares
from tests.analysis.sets import as_line, labelled, report, reports_by_author

SETS = ("analysis-dev", "analysis-heldout")
ROUNDS = 5


def main() -> None:
    for name in SETS:
        result = report(name)
        parts = {
            name: result.total,
            **{f"  {author}": one.total for author, one in reports_by_author(name).items()},
            **{f"  {language}": scores for language, scores in result.by_language.items()},
            **{f"  {category}": scores for category, scores in result.by_category.items()},
        }
        for title, scores in parts.items():
            print(f"{title:18} {as_line(scores)}")  # noqa: T201
        _print_speed(name)
    _print_long_texts()
    _print_danger()


def _print_danger() -> None:
    """In the words of authors not used for training."""
    for author, own in danger_by_author("danger-heldout").items():
        print(danger_line(f"danger, {author}", danger_shares(own)))  # noqa: T201
    print(danger_line("danger, all of them", danger_shares(said_in("danger-heldout"))))  # noqa: T201
    print(danger_line("danger, in letters", in_letters()))  # noqa: T201


def _print_speed(name: str) -> None:
    subjects = [one.subject for one in labelled(name)]
    took = []
    for subject in subjects * ROUNDS:
        forget()
        took.append(_milliseconds(subject))
    took.sort()
    middle, high = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"{name}: {middle:.2f} ms median, {high:.2f} ms at the 99th percentile")  # noqa: T201


def _print_long_texts() -> None:
    """All messages in one, so that nearly every word matters."""
    text = ". ".join(one.message for name in SETS for one in labelled(name))
    for length in (250, 500, 1000, 2000, len(text), 100_000):
        long = replace(labelled(SETS[0])[0].subject, text=(text * 3)[:length], history=())
        took = sorted(_milliseconds(long) for _ in range(4 * ROUNDS))
        print(f"{length} characters: {took[len(took) // 2]:.2f} ms median")  # noqa: T201


def _milliseconds(subject: Subject) -> float:
    """This thread's own processor time, because other programs may use the processor too."""
    forget()
    begin = thread_time()
    local_analyser.analyse(subject)
    return (thread_time() - begin) * 1000


if __name__ == "__main__":
    main()
