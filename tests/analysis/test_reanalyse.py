"""Messages beyond the daily budget are asked about again when there is money; on a real store."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from izer_bridge.analysis.analyse import Analysing, analyse
from izer_bridge.analysis.budget import Spending
from izer_bridge.analysis.ports import AnalyserAnswer
from izer_bridge.analysis.reanalyse import SecondOpinions
from izer_bridge.domain.cost import Budget, Price, Usage
from izer_bridge.domain.message import Subject
from izer_bridge.host.clock import Clock
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.pipeline.test_ledger import claimed, settled
from tests.store import ledgers
from tests.store.ledgers import SCREENING
from tests.store.messages import ANALYSIS, message

PRICE = Price(Decimal(1), Decimal(1), Decimal(1))
CAP = Budget(1_000)
ID = "3EB{:07d}"


class Model:
    """Each answer uses up a whole day's budget; `asked` are the messages' ids."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def analyse(self, subject: Subject) -> AnalyserAnswer:
        self.asked.append(subject.message_id)
        return AnalyserAnswer(ANALYSIS, Usage(CAP.cap, 0, 0))


async def test_what_came_after_the_cap_is_asked_about_on_the_next_day(tmp_path: Path) -> None:
    url, clock, model = f"sqlite:///{tmp_path / 'store.db'}", ledgers.Clock(), Model()
    ledger = SqlLedger(url, SCREENING, "me", clock=clock)
    await ledger.open()
    spending = Spending(ledger, PRICE, CAP, clock)
    for number in range(4):
        await ledger.record([message(number)])
        work = await claimed(ledger)
        record = await analyse(work.subject, work.importance, model, "m", spending)
        await settled(ledger, work, record)
    assert model.asked == [ID.format(0)]
    by = Analysing(model, "m", spending)
    time = Clock(clock, milliseconds=lambda: 0.0, chance=lambda: 0.0)
    opinions = SecondOpinions(ledger.second_opinions(), by, time, 24)
    # At noon, at midnight, at noon, and at a midnight when the rest is too old.
    for asked in (1, 2, 2, 2):
        await opinions.ask_about_all()
        assert model.asked == [ID.format(number) for number in range(asked)]
        clock.forward(timedelta(hours=12).total_seconds())
    rows = await Store(url).rows("SELECT second_opinion FROM analytics_results ORDER BY id")
    assert [row.second_opinion is not None for row in rows] == [False, True, False, False]
    await ledger.close()
