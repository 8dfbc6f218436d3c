"""`izer-bridge evaluate`: measures an analyser on a labelled set. It stores nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import ValidationError

from izer_bridge.analysis.local import analyser as local_analyser
from izer_bridge.analysis.ports import Analyser, AnalyserAnswer
from izer_bridge.console.console import Printer, printer
from izer_bridge.console.listing import fixed
from izer_bridge.console.listing import number as numbers
from izer_bridge.console.options import json_text
from izer_bridge.domain.analysis import Analysis, Category
from izer_bridge.domain.cost import Price, Usage
from izer_bridge.domain.errors import PermanentError, UsageError
from izer_bridge.domain.message import Subject
from izer_bridge.trials.batch import ask_about_each, cost_of, show_cost, sum_of
from izer_bridge.trials.scoring import EvaluationReport, Labelled, Scores, evaluate
from izer_bridge.trials.store.replay import StoredMessages


class Local:
    """The local analyser as an `Analyser`."""

    async def analyse(self, subject: Subject) -> AnalyserAnswer:
        return AnalyserAnswer(local_analyser.analyse(subject))


class Stored:
    """The store's analyses for the messages' ids, as an `Analyser`."""

    def __init__(self, messages: StoredMessages) -> None:
        self._messages = messages

    async def analyse(self, subject: Subject) -> AnalyserAnswer:
        """The analysis before VIP and group rules changed it.

        Raises PermanentError if there is none.
        """
        found = await self._messages.named([subject.message_id])
        if not found:
            raise PermanentError("the store holds no analysis of it")
        return await self._messages.judged(found[subject.message_id])


def read_set(file: Path) -> list[Labelled]:
    """The labelled messages, one JSON object per line.

    Raises ConfigError that names the line and what is wrong there.
    """
    try:
        # Not splitlines: a message may contain characters that it takes for line ends.
        lines = file.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
    messages: dict[str, Labelled] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        message = _read_line(file, number, line)
        if message.id in messages:
            raise UsageError(f"{file}:{number}: the id {message.id!r} stands there twice")
        messages[message.id] = message
    if not messages:
        raise UsageError(f"{file}: holds no labelled message")
    return list(messages.values())


def _read_line(file: Path, number: int, line: str) -> Labelled:
    try:
        return Labelled.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise UsageError(f"{file}:{number}: {place}: {first['msg']}") from None


async def predict(
    messages: Sequence[Labelled], analyser: Analyser
) -> tuple[dict[str, Analysis], dict[str, str], Usage]:
    """The analyses by id, the reasons for messages without one, and the total cost.

    Only an analyser's PermanentError leaves a message without one; any other error ends everything.
    """
    analyses: dict[str, Analysis] = {}
    failures: dict[str, str] = {}

    async def ask(message: Labelled) -> Usage | None:
        try:
            answer = await analyser.analyse(message.subject)
        except PermanentError as error:
            failures[message.id] = str(error)
            return error.usage
        analyses[message.id] = answer.analysis
        return answer.usage

    charged = await ask_about_each("Analysing", messages, ask)
    return analyses, failures, sum_of(charged)


def overall_of(report: EvaluationReport) -> float:
    """In per cent, as the gate and `--json` show it."""
    return round(100 * (report.total.overall or 0), 1)


def as_json(
    report: EvaluationReport,
    analyses: Mapping[str, Analysis],
    failures: Mapping[str, str],
    cost: Mapping[str, int | str | None],
) -> str:
    """Every figure, and `predictions` as other scorers read them."""
    document = {
        "overall": overall_of(report),
        "scores": asdict(report.total),
        "by_language": {name: asdict(one) for name, one in report.by_language.items()},
        "classes": {str(name): asdict(one) for name, one in report.classes.items()},
        "confusion": [
            {"label": str(label), "answer": answer and str(answer), "count": count}
            for (label, answer), count in sorted(report.confusion.items(), key=str)
        ],
        "failures": dict(failures),
        "cost": dict(cost),
        "predictions": [
            {"id": name, "analysis": analysis.as_json() | {"language": analysis.language}}
            for name, analysis in analyses.items()
        ],
    }
    return json_text(document, indent=2)


def show(report: EvaluationReport, failures: Mapping[str, str], console: Printer) -> None:
    """The same for people."""
    _print_scores(report, console)
    _print_classes(report, console)
    _print_confusion(report, console)
    if failures:
        reason, count = next(iter(failures.values())), len(failures)
        console.print(f"{count} messages have no analysis and count as wrong; the first: {reason}")


def _print_scores(report: EvaluationReport, console: Printer) -> None:
    title = f"Overall {overall_of(report)} % on {report.total.messages} messages"
    names = ["messages", "overall", "category", "sentiment", "in range", "answer in"]
    rows = [("all", report.total), *sorted(report.by_language.items())]
    console.listing(
        [fixed(""), *map(numbers, names)], [(name, *_shares(one)) for name, one in rows], title
    )
    names = ["mean distance", "urgent recall", "false alarms"]
    console.listing(
        [fixed(""), *map(numbers, names)],
        [(name, *_urgency(one)) for name, one in rows],
        "Urgency",
    )


def _shares(scores: Scores) -> list[str]:
    shares = (scores.overall, scores.category, scores.sentiment, scores.urgency, scores.response)
    return [str(scores.messages), *map(_percent, shares)]


def _urgency(scores: Scores) -> list[str]:
    distance = "–" if scores.distance is None else f"{scores.distance:.2f}"
    return [distance, _percent(scores.urgent_recall), _percent(scores.false_alarms)]


def _print_classes(report: EvaluationReport, console: Printer) -> None:
    names = ("precision", "recall", "F1", "messages")
    rows = [
        (str(category), *map(_percent, (one.precision, one.recall, one.f1)), str(one.support))
        for category, one in report.classes.items()
    ]
    console.listing([fixed(""), *map(numbers, names)], rows, "Categories")


def _print_confusion(report: EvaluationReport, console: Printer) -> None:
    answers: list[Category | None] = [*Category, None]
    rows = [
        (
            str(label),
            *(str(report.confusion.get((label, answer), 0) or "·") for answer in answers),
        )
        for label in Category
    ]
    columns = [fixed(""), *(numbers(str(answer or "none")) for answer in answers)]
    console.listing(columns, rows, "Label (rows) and answer (columns)")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


async def run_stored(
    messages: Sequence[Labelled], url: str, price: Price | None, *, json_output: bool
) -> float:
    """The same for the analyses in the store at `url`. Raises TransientError, ConfigError."""
    async with StoredMessages(url) as stored:
        return await run(messages, Stored(stored), price, json_output=json_output)


async def run(
    messages: Sequence[Labelled], analyser: Analyser, price: Price | None, *, json_output: bool
) -> float:
    """Analyse, print, and return the overall score in per cent.

    Raises TransientError and ConfigError as `predict` does.
    """
    analyses, failures, usage = await predict(messages, analyser)
    report = evaluate(messages, analyses)
    if json_output:
        print(as_json(report, analyses, failures, cost_of(usage, price)))  # noqa: T201
    else:
        console = printer()
        show(report, failures, console)
        show_cost(usage, price, console)
    return overall_of(report)
