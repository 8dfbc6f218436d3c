"""A report as an e-mail, over the channel that escalations use."""

from izer_bridge.escalation.alarm_ports import Alarm
from izer_bridge.reports.report import Report
from izer_bridge.reports.shown import headline
from izer_bridge.reports.texts import REPORT_TEXTS
from izer_bridge.web.language import Language

EVENT = "report.made"


def letter(report: Report, text: str, language: Language) -> Alarm:
    """The same report is the same letter, however often it is tried."""
    period = report.period
    return Alarm(
        key=f"report:{period.name}:{period.now.end:%Y%m%dT%H%M}",
        at=period.now.end,
        subject=headline(report, REPORT_TEXTS[language]),
        text=text,
        data={"period": str(period.name)},
        event=EVENT,
    )
