"""How many statements a message takes that comes alone: on a server each goes there and back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from izer_bridge.domain.work import Work, Worked
from izer_bridge.host.loop import Hint
from izer_bridge.pipeline.claiming import Claiming
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.store.database import Database
from tests.store.filled import read_words
from tests.store.messages import ATTEMPT, RECORD, message


@contextmanager
def asked(store: Database) -> Iterator[list[str]]:
    """What the store is asked to write, and to read for it; the ends of transactions aside."""
    found: list[str] = []
    engine, _ = store.engines

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


async def alone(ledger: SqlLedger, number: int) -> None:
    """From its recording, which gives it out at once, until it is settled."""
    works: list[Work] = []

    async def claim(_: int) -> None:
        works.extend(await ledger.claim(10, run=50, context=20))

    claiming = Claiming(claim, Hint(), None)
    claiming.beside()
    await ledger.record([message(number)])
    await claiming.ended()
    await ledger.finish([Worked(work, RECORD, ATTEMPT) for work in works])


async def test_a_message_alone_takes_few_statements(ledger: SqlLedger) -> None:
    await alone(ledger, 1)
    with asked(await ledger.store()) as statements:
        await alone(ledger, 2)
    # In two transactions: each is one more on a server.
    assert len(statements) <= 17, "\n".join(statements)


async def test_the_words_of_new_messages_take_one_statement_of_a_server(
    ledger: SqlLedger,
) -> None:
    await ledger.record([message(1), message(2)])
    store = await ledger.store()
    with asked(store) as statements:
        await read_words(ledger)
    # SQLite's index is a table of its own, which is told what goes and what comes.
    most = 4 if store.engines[0].dialect.name == "sqlite" else 1
    assert len(statements) <= most, "\n".join(statements)
