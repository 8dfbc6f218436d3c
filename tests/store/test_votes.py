"""A vote in a poll says for what it is, whenever its poll is known."""

from hashlib import sha256

from izer_bridge.model.message import Kind, Message
from izer_bridge.store.ledger import SqlLedger
from tests.daemon.stored import Store
from tests.store.messages import message


def vote(number: int, *names: str, target: int = 1) -> Message:
    voted = frozenset(sha256(name.encode()).digest() for name in names)
    target_id = f"3EB0{target:06d}"
    return message(number, "[anket oyu]", kind=Kind.REACTION, target_id=target_id, voted=voted)


async def test_a_vote_names_its_options(ledger: SqlLedger, store_url: str) -> None:
    """Of a poll in the store, of one that comes with it, of one that nobody knows; taken back."""
    await ledger.record([message(1, "Gün?: Cumartesi / Pazar", kind=Kind.POLL)])
    await ledger.record(
        [
            vote(2, "Pazar"),
            message(3, "Saat?: 9 / 10", kind=Kind.POLL),
            vote(4, "9", "10", target=3),
            vote(5, "9", target=99),
            vote(6),
        ]
    )
    rows = {row.message_id: row.current_message for row in await Store(store_url).messages()}
    assert [rows[f"3EB0{number:06d}"] for number in (2, 4, 5, 6)] == [
        "[anket oyu] Pazar",
        "[anket oyu] 9, 10",
        "[anket oyu]",
        "[anket: oyunu geri aldı]",
    ]
