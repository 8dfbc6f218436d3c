"""`izer-bridge stats`: what the last 24 hours came to."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from izer_bridge import config
from izer_bridge.console.options import AsJson, ConfigFile, json_text, settings_from, told_errors

if TYPE_CHECKING:
    from izer_bridge.console.listing import Column
    from izer_bridge.reports.customers import Customers


def stats(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Count the last 24 hours, also while the bridge is stopped."""
    from izer_bridge.console.console import printer

    with told_errors():
        settings = settings_from(config_file)
        counts, open_gaps, customers = asyncio.run(_counts(settings))
    if json_output:
        document = counts | {"open_gaps": open_gaps, "customers": asdict(customers)}
        typer.echo(json_text(document, indent=2))
    else:
        console = printer(settings.shop.zone)
        console.listing(*_counted(counts, open_gaps, customers))


async def _counts(settings: config.Config) -> "tuple[dict[str, Any], int, Customers]":
    from izer_bridge.reports.store.stats import StoredStats

    now = datetime.now(UTC)
    async with StoredStats(settings.store_url) as stored:
        day = await stored.last_day(now, settings.openai.budget)
        customers = await stored.customers(now, settings.own_people)
        return asdict(day), await stored.open_gaps(), customers


def _counted(
    counts: Mapping[str, Any], open_gaps: int, customers: "Customers"
) -> "tuple[Sequence[Column], Sequence[Sequence[str]]]":
    """A shop's questions first; then the outcomes of the messages."""
    from izer_bridge.console.listing import fixed, text
    from izer_bridge.reports.customers import shown

    parts = ("skipped", "settled", "pending", "dead", "uncertain")
    total = " + ".join(f"{counts[name]} {name}" for name in parts)
    waiting = f"{customers.answered} answered, {customers.waiting} waiting"
    rows = [
        ("customers who wrote", f"{customers.wrote}: {waiting}"),
        ("median time to an answer", shown(customers.median_answer_seconds)),
        ("urgency", _by_urgency(counts["by_urgency"])),
        ("messages received", f"{counts['received']} = {total}"),
        ("missing (gaps)", str(open_gaps)),
    ]
    for name in ("skipped_by_reason", "by_category", "by_agent", "by_analyser"):
        found = sorted(counts[name].items(), key=lambda one: (-one[1], one[0]))
        rows.append((name.replace("_", " "), ", ".join(f"{key} {n}" for key, n in found)))
    rows.append(("media", ", ".join(f"{key} {n}" for key, n in counts["media"].items() if n)))
    tokens = f"{counts['input_tokens']} tokens in, {counts['output_tokens']} out"
    rows.append(("cost", f"{counts['cost']} USD ({tokens}); today {counts['cost_today']} USD"))
    return [fixed("last 24 hours"), text("")], rows


def _by_urgency(counts: Mapping[str, int]) -> str:
    """The most urgent first."""
    found = sorted(counts.items(), key=lambda one: -int(one[0]))
    return ", ".join(f"{count} × {urgency}/10" for urgency, count in found)
