"""A vote in a poll says what it is for, whenever its poll is known."""

import unicodedata
from hashlib import sha256

from izer_bridge.domain.message import Kind, Message
from izer_bridge.domain.poll import hash_of
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.store.messages import message


def vote(number: int, *names: str, target: int = 1) -> Message:
    voted = frozenset(sha256(name.encode()).digest() for name in names)
    target_id = f"3EB0{target:06d}"
    return message(number, "[anket oyu]", kind=Kind.REACTION, target_id=target_id, voted=voted)


def poll(number: int, question: str, **options: str) -> Message:
    """Its options as shown, by their wire form."""
    text = f"{question}: {' / '.join(options.values())}"
    hashes = {hash_of(sent): shown for sent, shown in options.items()}
    return message(number, text, kind=Kind.POLL, options=hashes)


async def test_a_vote_names_its_options(ledger: SqlLedger, store_url: str) -> None:
    """In a stored poll, in one that comes with it, in an unknown one; revoked."""
    apples = unicodedata.normalize("NFD", "Öğlen")
    await ledger.record([poll(1, "Gün?", Cumartesi="Cumartesi", **{apples: "Öğlen"})])
    await ledger.record(
        [
            vote(2, apples),
            poll(3, "Saat?", **{"9": "9", "10": "10"}),
            vote(4, "9", "10", target=3),
            vote(5, "9", target=99),
            vote(6),
        ]
    )
    rows = {row.message_id: row.current_message for row in await Store(store_url).messages()}
    assert [rows[f"3EB0{number:06d}"] for number in (2, 4, 5, 6)] == [
        "[anket oyu] Öğlen",
        "[anket oyu] 9, 10",
        "[anket oyu]",
        "[anket: oyunu geri aldı]",
    ]
