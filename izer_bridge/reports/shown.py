"""A report as lines of labels and figures, and those as text of 80 columns; pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from izer_bridge.domain.plain_text import line
from izer_bridge.reports.report import Figures, Report, Spread, change
from izer_bridge.reports.texts import (
    REPORT_TEXTS,
    ReportTexts,
    by_topic,
    day_time,
    duration,
    money,
    number,
    percent,
)
from izer_bridge.web.language import Language

_WIDTH = 80
_LABEL, _FIGURE = 36, 14
_MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class ReportLine:
    """`change` is empty if there is nothing to compare with."""

    label: str
    now: str
    before: str
    change: str


@dataclass(frozen=True, slots=True)
class ReportPart:
    """What a total is made of; `numbers` are the lines' own, for a chart."""

    title: str
    lines: Sequence[ReportLine]
    numbers: Sequence[int]


def main_lines(report: Report, texts: ReportTexts) -> Sequence[ReportLine]:
    def figure(label: str, of: Callable[[Figures], int]) -> ReportLine:
        return _line(
            label, of(report.now), of(report.before), lambda one: number(one, texts), texts
        )

    def time(label: str, of: Callable[[Figures], Spread | None], which: str) -> ReportLine:
        now, before = (_seconds(of(one), which) for one in (report.now, report.before))
        return _line(label, now, before, lambda one: duration(one, texts), texts)

    return [
        figure(texts.messages, lambda one: one.messages),
        figure(texts.customers, lambda one: one.customers),
        figure(texts.by_shop, lambda one: one.by_shop),
        figure(texts.by_bridge, lambda one: one.by_bridge),
        time(texts.first_median, lambda one: one.first_answer, "median_seconds"),
        time(texts.first_p90, lambda one: one.first_answer, "p90_seconds"),
        time(texts.median, lambda one: one.answer, "median_seconds"),
        time(texts.p90, lambda one: one.answer, "p90_seconds"),
        figure(texts.answers, _answers),
        figure(texts.late, lambda one: one.late),
        _line(
            texts.cost,
            report.now.cost_micro_usd,
            report.before.cost_micro_usd,
            lambda one: money(one, texts),
            texts,
        ),
    ]


def parts_of(report: Report, texts: ReportTexts) -> Sequence[ReportPart]:
    """Those with anything in them."""
    named: list[tuple[str, Callable[[Figures], Mapping[str, int]], Mapping[str, str]]] = [
        (texts.by_category, lambda one: one.by_category, texts.categories),
        (texts.by_sentiment, lambda one: one.by_sentiment, texts.sentiments),
        (texts.by_agent, lambda one: one.by_agent, {}),
        (texts.complaints, lambda one: by_topic(one.complaints, texts), {}),
    ]
    found = [_part(title, of(report.now), of(report.before), names, texts)
             for title, of, names in named]  # fmt: skip
    return [one for one in found if one.lines]


def _part(
    title: str,
    now: Mapping[str, int],
    before: Mapping[str, int],
    names: Mapping[str, str],
    texts: ReportTexts,
) -> ReportPart:
    keys = sorted(now.keys() | before.keys(), key=lambda key: (-now.get(key, 0), key))
    keys = keys[:_MOST_PARTS]
    lines = [
        _line(names.get(key, line(key)), now.get(key, 0), before.get(key, 0),
              lambda one: number(one, texts), texts)
        for key in keys
    ]  # fmt: skip
    return ReportPart(title, lines, [now.get(key, 0) for key in keys])


def _line(
    label: str,
    now: int | None,
    before: int | None,
    shown: Callable[[int], str],
    texts: ReportTexts,
) -> ReportLine:
    def figure(value: int | None) -> str:
        return "–" if value is None else shown(value)

    return ReportLine(label, figure(now), figure(before), _changed(now, before, texts))


def _changed(now: int | None, before: int | None, texts: ReportTexts) -> str:
    share = None if now is None or before is None else change(now, before)
    return "" if share is None else percent(share, texts)


def _seconds(spread: Spread | None, which: str) -> int | None:
    return None if spread is None else int(getattr(spread, which))


def _answers(figures: Figures) -> int:
    return figures.answer.count if figures.answer else 0


def as_text(report: Report, language: Language) -> str:
    """Lines of at most 80 columns, for a terminal and for a letter."""
    return "\n".join(_text_lines(report, REPORT_TEXTS[language])) + "\n"


def headline(report: Report, texts: ReportTexts) -> str:
    period = report.period
    span = texts.span.format(day_time(period.now.begin), day_time(period.now.end))
    return f"{texts.title}: {texts.periods[period.name]}, {span}"


def compared(report: Report, texts: ReportTexts) -> str:
    before = report.period.before
    return texts.compared.format(texts.span.format(day_time(before.begin), day_time(before.end)))


def _text_lines(report: Report, texts: ReportTexts) -> Iterator[str]:
    yield headline(report, texts)
    yield compared(report, texts)
    if report.known_since is not None:
        yield texts.since.format(day_time(report.known_since))
    yield ""
    yield _row("", *texts.columns)
    for one in main_lines(report, texts):
        yield _row(one.label, one.now, one.before, one.change)
    for part in parts_of(report, texts):
        yield ""
        yield part.title
        for one in part.lines:
            yield _row(f"  {one.label}", one.now, one.before, one.change)
    if any(map(any, report.by_hour)):
        yield ""
        yield texts.by_hour
        yield "    " + "".join(f"{hour:>3}" for hour in range(24))
        for day, of_day in zip(texts.weekdays, report.by_hour, strict=True):
            yield f"{day:<4}" + "".join(f"{_short(count):>3}" for count in of_day)
    yield ""
    yield texts.hours_note


def _row(label: str, now: str, before: str, changed: str) -> str:
    cut = label if len(label) <= _LABEL else f"{label[: _LABEL - 1]}…"
    figures = "".join(f"{one:>{_FIGURE}}" for one in (now, before, changed))
    return f"{cut:<{_LABEL}}{figures}".rstrip()


def _short(count: int) -> str:
    """In at most three columns, one of them blank where it can be."""
    if not count:
        return "·"
    return str(count) if count < 100 else f"{min(count // 100, 9)}h" if count < 1000 else "1k+"
