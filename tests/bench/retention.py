"""How long removing old messages takes, and how long one batch holds the store."""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from izer_bridge.domain.retention import cutoffs
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.store.ledgers import SCREENING, retention_of
from tests.store.messages import in_group

_A_TRANSACTION = 500


@dataclass(frozen=True)
class Removal:
    """Milliseconds for 1,000 messages without the pauses, and for the slowest batch."""

    ms_per_1000: float
    worst_batch_ms: float
    messages: int


async def measure_removal(count: int) -> Removal:
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{Path(scratch) / 'store.db'}"
        now = datetime.now(UTC)
        then = now - timedelta(days=100)
        writer = SqlLedger(url, SCREENING, "bench", clock=lambda: then)
        await writer.open()
        for start in range(0, count, _A_TRANSACTION):
            numbers = range(start, min(start + _A_TRANSACTION, count))
            await writer.record([in_group(number, sent_at=then) for number in numbers])
        batches = await _remove(writer, now)
        await writer.close()
    return Removal(
        ms_per_1000=round(sum(batches) / count * 1000, 1),
        worst_batch_ms=round(max(batches), 1),
        messages=count,
    )


async def _remove(ledger: SqlLedger, now: datetime) -> list[float]:
    retention, limits = retention_of(ledger), cutoffs({"messages": 90}, now)
    [table] = await retention.begin(limits, now)
    batches, after, number = [], None, 1
    while number:
        start = time.perf_counter()
        number, after = await retention.remove_some(table, limits, now, after)
        batches.append((time.perf_counter() - start) * 1000)
        await asyncio.sleep(0)
    return batches
