"""No danger is calm: what a message's words report stands above whatever an analyser made of it."""

from dataclasses import replace

from izer_bridge.analysis.danger import dangers_of
from izer_bridge.analysis.wording import wording_of_danger
from izer_bridge.model.analysis import Analysis, never_calm
from izer_bridge.model.message import Subject


def above_floor(analysis: Analysis, subject: Subject) -> Analysis:
    """The analysis, no calmer than the dangers that its message reports, and led by the gravest."""
    dangers = dangers_of(subject.text)
    if not dangers:
        return analysis
    wording = wording_of_danger(dangers[0])
    was = f"{analysis.category}, urgency {analysis.urgency_score}"
    return replace(
        never_calm(analysis, dangers),
        business_context=_led_by(wording.about, analysis.business_context),
        suggested_next_action=_led_by(wording.next, analysis.suggested_next_action),
        explanation=(f"danger {', '.join(dangers)}; without it {was}", *analysis.explanation),
    )


def _led_by(first: str, then: str) -> str:
    return then if first in then else f"{first} {then}".rstrip()
