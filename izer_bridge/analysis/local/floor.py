"""No danger is calm: a message's reported danger overrides any analyser's judgement."""

from collections.abc import Sequence
from dataclasses import replace

from izer_bridge.analysis.local.context import ONE_THOUGHT, is_said
from izer_bridge.analysis.local.danger import DangerReport, reports_of, told_together
from izer_bridge.analysis.local.wording import wording_of_danger
from izer_bridge.domain.analysis import Analysis, never_calm
from izer_bridge.domain.message import Subject


def above_floor(analysis: Analysis, subject: Subject) -> Analysis:
    """The analysis, no calmer than the dangers that its message reports, with the gravest first."""
    reports = reports_in(subject)
    if not reports:
        return analysis
    wording = wording_of_danger(reports[0].danger)
    told = "; ".join(f"{danger} ({words})" for danger, words in reports)
    without = f"{analysis.category}, urgency {analysis.urgency_score}"
    return replace(
        never_calm(analysis, tuple(report.danger for report in reports)),
        business_context=_led_by(wording.about, analysis.business_context),
        suggested_next_action=_led_by(wording.next, analysis.suggested_next_action),
        explanation=(f"danger {told}; without it {without}", *analysis.explanation),
    )


def reports_in(subject: Subject) -> Sequence[DangerReport]:
    """Dangers that the message reports, alone or after the previous one: "ön fren" — "tutmuyor"."""
    reports = reports_of(subject.text)
    said = [entry for entry in subject.history if is_said(entry) and not subject.is_group]
    if reports or not said or subject.sent_at - said[-1].sent_at > ONE_THOUGHT:
        return reports
    before = said[-1]
    known = {report.danger for report in reports_of(before.content)}
    # The model learnt from whole messages and says little about texts split in two.
    both = told_together(before.content, subject.text)
    return [report for report in both if report.danger not in known]


def _led_by(first: str, then: str) -> str:
    return then if first in then else f"{first} {then}".rstrip()
