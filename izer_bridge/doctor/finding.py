"""The findings of an examination: each with its verdict, and with a remedy if that is not good."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from izer_bridge.conditions.status_report import label
from izer_bridge.domain.condition import EXIT_ERROR, EXIT_WARNING, Condition, Severity
from izer_bridge.domain.errors import BridgeError


class FindingLevel(StrEnum):
    """`warning`: works, and should be looked at. `skipped`: there is nothing to examine."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` says what was found, `fix` what to do, in one sentence each."""

    about: str
    verdict: FindingLevel
    text: str
    fix: str = ""


def ok(about: str, text: str) -> Finding:
    return Finding(about, FindingLevel.OK, text)


def warning(about: str, text: str, fix: str) -> Finding:
    return Finding(about, FindingLevel.WARNING, text, fix)


def failed(about: str, text: str, fix: str) -> Finding:
    return Finding(about, FindingLevel.FAILED, text, fix)


def skipped(about: str, text: str) -> Finding:
    return Finding(about, FindingLevel.SKIPPED, text)


def finding_of(condition: Condition) -> Finding:
    """A condition of the bridge as a finding."""
    is_error = condition.severity is Severity.ERROR
    verdict = FindingLevel.FAILED if is_error else FindingLevel.WARNING
    return Finding(label(condition), verdict, condition.sentence, condition.remedy)


def exit_code(found: Iterable[Finding]) -> int:
    """By the worst of them."""
    verdicts = {one.verdict for one in found}
    if FindingLevel.FAILED in verdicts:
        return EXIT_ERROR
    return EXIT_WARNING if FindingLevel.WARNING in verdicts else 0


async def examined(
    about: str, fix: str, look: Callable[[], Awaitable[Iterable[Finding]]]
) -> Sequence[Finding]:
    """The findings of `look`; if it breaks off, that is the finding."""
    try:
        return list(await look())
    except BridgeError as error:
        return [failed(about, str(error), fix)]
