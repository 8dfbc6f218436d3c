"""The page `/reports`: figures against the period before, each chart with its table beside it."""

from collections.abc import Sequence

import htpy as h
from aiohttp import web

from izer_bridge.reports.charts import bars, heat
from izer_bridge.reports.report import PeriodName, Report
from izer_bridge.reports.shown import (
    ReportLine,
    ReportPart,
    compared,
    headline,
    main_lines,
    parts_of,
)
from izer_bridge.reports.texts import REPORT_TEXTS, ReportTexts, day_time, number
from izer_bridge.web.language import language_of
from izer_bridge.web.page import page


def report_page(request: web.Request, report: Report) -> web.Response:
    texts = REPORT_TEXTS[language_of(request)]
    return page(
        request,
        texts.title,
        h.h1[headline(report, texts)],
        _periods(report.period.name, texts),
        h.p(".faint")[compared(report, texts)],
        h.p(".warning")[texts.since.format(day_time(report.known_since))]
        if report.known_since is not None
        else None,
        h.section(".card")[
            _table(texts.title, main_lines(report, texts), texts),
            h.p(".faint.small")[texts.hours_note],
        ],
        (_part(part, texts) for part in parts_of(report, texts)),
        _by_hour(report, texts),
    )


def _periods(current: PeriodName, texts: ReportTexts) -> h.Element:
    return h.nav("#periods.bar", aria_label=texts.choose)[
        (
            h.a(
                ".button",
                href=f"/reports?period={one}",
                aria_current="page" if one is current else None,
            )[name]
            for one, name in texts.periods.items()
        )
    ]


def _table(caption: str, lines: Sequence[ReportLine], texts: ReportTexts) -> h.Element:
    return h.div(".scroll", tabindex="0", role="region", aria_label=caption)[
        h.table[
            h.caption(".unseen")[caption],
            h.thead[
                h.tr[
                    h.td,
                    (h.th(".number", scope="col")[column] for column in texts.columns),
                ]
            ],
            h.tbody[
                (
                    h.tr[
                        h.th(scope="row")[h.span(".name")[one.label]],
                        (h.td(".number")[figure] for figure in (one.now, one.before, one.change)),
                    ]
                    for one in lines
                )
            ],
        ]
    ]


def _part(part: ReportPart, texts: ReportTexts) -> h.Element:
    labels = [one.label for one in part.lines]
    return h.section(".card.beside")[
        h.h2[part.title],
        bars(texts.chart.format(part.title), labels, part.numbers),
        _table(part.title, part.lines, texts),
    ]


def _by_hour(report: Report, texts: ReportTexts) -> h.Node:
    if not any(map(any, report.by_hour)):
        return None
    return h.section(".card")[
        h.h2[texts.by_hour],
        h.div(".scroll", tabindex="0", role="region", aria_label=texts.chart.format(texts.by_hour))[
            heat(texts.chart.format(texts.by_hour), texts.weekdays, report.by_hour)
        ],
        h.details[
            h.summary(".button")[texts.table],
            h.div(".scroll", tabindex="0", role="region", aria_label=texts.by_hour)[
                h.table(".small")[
                    h.thead[
                        h.tr[
                            h.th(scope="col")[texts.hour],
                            (h.th(".number", scope="col")[day] for day in texts.weekdays),
                        ]
                    ],
                    h.tbody[
                        (
                            h.tr[
                                h.th(scope="row")[f"{hour:02}"],
                                (
                                    h.td(".number")[number(of_day[hour], texts)]
                                    for of_day in report.by_hour
                                ),
                            ]
                            for hour in range(24)
                        )
                    ],
                ]
            ],
        ],
    ]
