"""`izer-bridge report`: how the shop answers, printed, or mailed to whom escalations are."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from izer_bridge import config
from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    json_text,
    say,
    settings_from,
    told_errors,
)
from izer_bridge.domain.errors import ConfigError, PermanentError
from izer_bridge.domain.outgoing import MayBeHandedOverError
from izer_bridge.reports.report import PeriodName
from izer_bridge.web.language import Language

if TYPE_CHECKING:
    from izer_bridge.reports.report import Report


def report(
    period: Annotated[
        PeriodName, typer.Argument(help="Compared with the one before.")
    ] = PeriodName.WEEK,
    mail: Annotated[
        bool, typer.Option("--mail", help="To the e-mail addresses of [escalation], too.")
    ] = False,
    language: Annotated[Language, typer.Option(help="Of the printed and the mailed.")] = (
        Language.TR
    ),
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Messages, customers, answer times, complaints and cost of a period, also while stopped."""
    from izer_bridge.reports.shown import as_text

    with told_errors():
        settings = settings_from(config_file)
        if mail and not settings.escalation.email.to:
            raise ConfigError("--mail: escalation.email.to names nobody")
        found = asyncio.run(_read(settings, period))
        text = as_text(found, language)
        if mail:
            asyncio.run(_mail(settings, found, text, language))
    typer.echo(json_text(plain(found), indent=2) if json_output else text, nl=json_output)
    if mail:
        say(f"Mailed to {', '.join(settings.escalation.email.to)}.", err=True)


def plain(report: "Report") -> dict[str, Any]:
    """For machines: times in ISO 8601, durations in seconds, cost in millionths of a US dollar."""
    return asdict(report)


async def _read(settings: config.Config, period: PeriodName) -> "Report":
    from izer_bridge.conversations.wiring import clock_rules
    from izer_bridge.reports.store.report import StoredReports

    async with StoredReports(settings.store_url) as stored:
        return await stored.report(
            period, datetime.now(UTC), settings.shop.zone, clock_rules(settings)
        )


async def _mail(settings: config.Config, report: "Report", text: str, language: Language) -> None:
    from izer_bridge.escalation.wiring import mailbox
    from izer_bridge.reports.letter import letter

    try:
        await mailbox(settings).deliver(letter(report, text, language))
    except MayBeHandedOverError as error:
        raise PermanentError(f"{error}; look whether it has come") from None
