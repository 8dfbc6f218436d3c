"""Prints how good and how fast the local analyser is: `python -m tests.analysis.benchmark`."""

from dataclasses import fields
from time import perf_counter

from izer_bridge.analysis import local
from izer_bridge.analysis.evaluation import Scores
from izer_bridge.analysis.signals import forget
from tests.analysis.sets import labelled, report

SETS = ("analysis-dev", "analysis-own")
ROUNDS = 5


def main() -> None:
    for name in SETS:
        result = report(name)
        _print(name, result.total)
        for language, scores in result.by_language.items():
            _print(f"  {language}", scores)
        for category, scores in result.by_category.items():
            _print(f"  {category}", scores)
        _print_speed(name)


def _print(title: str, scores: Scores) -> None:
    values = ((field.name, getattr(scores, field.name)) for field in fields(scores))
    shown = (f"{name} {value:.3g}" for name, value in values if value is not None)
    print(f"{title:14} {'  '.join(shown)}")  # noqa: T201


def _print_speed(name: str) -> None:
    subjects = [one.subject for one in labelled(name)]
    took = []
    for subject in subjects * ROUNDS:
        forget()
        begin = perf_counter()
        local.analyse(subject)
        took.append((perf_counter() - begin) * 1000)
    took.sort()
    middle, high = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"{name}: {middle:.2f} ms median, {high:.2f} ms at the 99th percentile")  # noqa: T201


if __name__ == "__main__":
    main()
