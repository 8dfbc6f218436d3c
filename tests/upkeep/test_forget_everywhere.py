"""A person in every possible role, forgotten: no table and no file of the state mentions them."""

import asyncio
import json
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from izer_bridge.domain.context_info import ContextInfo, Mention, Quotation
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.whatsapp import session_copy
from tests.console.typed import typed
from tests.end_to_end.stored import Store
from tests.store.filled import fill
from tests.store.messages import ACCOUNT, in_group, message
from tests.upkeep.test_forget import everything

NAME = "Zeynep Gizlikaya"
NUMBER = Jid.parse("905321234567@s.whatsapp.net")
LID = Jid.parse("233333333333344@lid")
HANS = Jid.parse("4915550100266@s.whatsapp.net")
OWNER = Jid.parse("905550000009@s.whatsapp.net")
SHOP = Jid.parse("905550000001@s.whatsapp.net")
# Text that must be nowhere: the name, the number in any spelling, the LID, and their words.
OTHER = "Gizlikayaoğlu"
WORDS = ("Gizlikaya", "5321234567", "532 123 45 67", LID.user, "pembe", "zeynep-fatura")
NOTICE = "+905321234567 «Zeynep Gizlikaya»: pembe kadro var mı?\nYanıt: pembe yok"


def _hers(number: int, text: str, **more: object) -> object:
    values = {"chat": NUMBER, "sender": NUMBER, "sender_alt": LID, "sender_name": NAME}
    return message(number, text, **(values | more))


def _of_hans(number: int, text: str, **more: object) -> object:
    return message(number, text, **({"chat": HANS, "sender_name": "Hans"} | more))


QUOTED = ContextInfo(quoted=Quotation("pembe olsun", NUMBER.user))
MESSAGES = [
    _hers(1, "pembe kadro var mı?"),
    _hers(2, "pembe yok", from_me=True, sender=SHOP, sender_alt=None),
    _hers(3, "", kind=Kind.IMAGE, media=Media("image/jpeg", 9, "zeynep-fatura.jpg", b"source")),
    in_group(4, "pembe burada", sender=LID, sender_alt=NUMBER, sender_name=NAME),
    in_group(
        5,
        "olur",
        sender=HANS,
        sender_alt=None,
        sender_name="Hans",
        context=QUOTED,
        target_id="3EB0000004",
    ),
    in_group(
        6,
        "👍",
        sender=HANS,
        sender_alt=None,
        sender_name="Hans",
        kind=Kind.REACTION,
        target_id="3EB0000004",
    ),
    in_group(
        7,
        f"@{LID.user} gelsin",
        sender=HANS,
        sender_alt=None,
        sender_name="Hans",
        context=ContextInfo(mentions=(Mention(LID, None),)),
    ),
    _of_hans(8, f"{NAME} beni tavsiye etti, numarası 0532 123 45 67"),
    # Somebody else, with a longer name.
    _of_hans(9, "Merhaba, Zeynep Gizlikayaoğlu geldi mi?"),
    # The owner's chat: the notice, and the answer to it.
    message(10, NOTICE, chat=OWNER, sender=SHOP, from_me=True),
    message(
        11,
        "pembe yok, yeşil var",
        chat=OWNER,
        sender=OWNER,
        sender_name="Patron",
        target_id="3EB0000010",
        context=ContextInfo(quoted=Quotation(NOTICE, ACCOUNT, True)),
    ),
]
ROWS = """
UPDATE media SET path = 'media/ab/abc.jpg', state = 'kept', words = 'pembe bir resim';
INSERT INTO posted_history (webhook_message_id, sender, content, timestamp, message_type, from_me)
  SELECT id, 'Zeynep Gizlikaya', 'pembe alıntı', chat_time, 'text', 0 FROM webhook_messages
  WHERE message_id = '3EB0000005';
-- A notice to the owner whose message is gone, and one whose message is there.
INSERT INTO outbox (purpose, kind, state, account, chat_jid, proposed_text, not_before, whatsapp_id)
  VALUES ('a', 'notice', 'sent', '+905550000001', '905550000009@s.whatsapp.net',
    '+905321234567 «Zeynep Gizlikaya»: pembe kadro var mı?', '2026-03-01', '3EB0000010');
INSERT INTO outbox (purpose, kind, state, account, chat_jid, proposed_text, not_before,
    webhook_message_id)
  SELECT 'b', 'notice', 'sent', account, '905550000009@s.whatsapp.net', 'pembe', '2026-03-01', id
  FROM webhook_messages WHERE message_id = '3EB0000001';
INSERT INTO outbox (purpose, kind, state, account, chat_id, chat_jid, proposed_text, not_before)
  SELECT 'c', 'reply', 'draft', account, chat_id, chat_jid, 'Zeynep Gizlikaya, pembe yok',
    '2026-03-01' FROM webhook_messages WHERE message_id = '3EB0000001';
INSERT INTO chat_pauses (chat_id, reason)
  SELECT chat_id, 'person' FROM webhook_messages WHERE message_id = '3EB0000001';
INSERT INTO labels (webhook_message_id, expected)
  SELECT id, '["pembe"]' FROM webhook_messages WHERE message_id = '3EB0000001';
INSERT INTO escalations (webhook_message_id, account, why, state, since)
  SELECT id, account, 'urgent', 'open', chat_time FROM webhook_messages
  WHERE message_id = '3EB0000001';
INSERT INTO events (id, type, payload, created_at)
  VALUES ('e1', 'message.recorded', '["233333333333344@lid", "pembe"]', '2026-03-01');
INSERT INTO event_deliveries (event_id, target, state, updated_at)
  VALUES ('e1', 't', 'pending', '2026-03-01');
INSERT INTO gaps (account, message_id, chat_jid, sender_jid, reason, noticed_at)
  VALUES ('+905550000001', 'G1', '905321234567@s.whatsapp.net', '905321234567@s.whatsapp.net',
    'undecrypted', '2026-03-01');
INSERT INTO api_answers (name, asked, status, body)
  VALUES ('n', 'a', 200, '{"text": "pembe yok"}');
UPDATE agent_calls SET error_message = 'no answer about +90 532 123 45 67';
INSERT INTO important_customers (customer_name, phone_number, special_instructions)
  VALUES ('Hans', '+4915550100266', 'arkadaşı Zeynep Gizlikaya')
"""


def _session(file: Path) -> None:
    with closing(sqlite3.connect(file)) as session, session:
        session.execute("PRAGMA journal_mode=WAL")
        session.execute("CREATE TABLE whatsmeow_device (jid, registration_id)")
        session.execute("INSERT INTO whatsmeow_device VALUES (?, 7)", (str(SHOP),))
        tables = {
            "contacts (our_jid, their_jid, push_name)": ("me", str(NUMBER), NAME),
            "identity_keys (our_jid, their_id, identity)": ("me", f"{NUMBER.user}:0", b"key"),
            "sessions (our_jid, their_id, session)": ("me", f"{LID.user}_1:7", b"session"),
            "sender_keys (our_jid, chat_id, sender_id)": ("me", "1@g.us", f"{LID.user}_1:0"),
            "lid_map (lid, pn)": (LID.user, NUMBER.user),
            "chat_settings (our_jid, chat_jid)": ("me", str(LID)),
            "retry_buffer (our_jid, chat_jid, plaintext)": ("me", str(NUMBER), b"pembe"),
            "event_buffer (our_jid, plaintext)": ("me", f"{NAME}: pembe".encode()),
        }
        for table, row in tables.items():
            session.execute(f"CREATE TABLE whatsmeow_{table}")
            marks = ", ".join("?" * len(row))
            session.execute(
                f"INSERT INTO whatsmeow_{table.partition(' ')[0]} VALUES ({marks})",  # noqa: S608
                row,
            )
        session.execute("INSERT INTO whatsmeow_contacts VALUES ('me', ?, 'Hans')", (str(HANS),))


def _inbox(file: Path) -> None:
    inbox = SqliteInbox(file)
    theirs = f"{NUMBER} {NAME} pembe".encode()
    inbox.append([(17, theirs), (17, theirs), (17, f"{HANS} Hallo".encode())])
    inbox.set_aside(inbox.pending(1)[0], "OverflowError", "the store does not take it")
    inbox.close()


@pytest.fixture
def state(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    state = tmp_path / "state"
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(state))
    (state / "media" / "ab").mkdir(parents=True)
    (state / "media" / "ab" / "abc.jpg").write_bytes(b"pembe")
    (state / "backups").mkdir()
    backup = state / "backups" / "izer-bridge-1.tar"
    backup.write_bytes(NAME.encode())
    made = datetime(2026, 2, 27, 0, 30, tzinfo=UTC).timestamp()
    os.utime(backup, (made, made))
    if store_url.startswith("sqlite"):
        moved = state / "bridge.db"
        Path(store_url.removeprefix("sqlite:///")).rename(moved)
        store_url = f"sqlite:///{moved}"
        monkeypatch.setenv("IZER_STORE__URL", store_url)
    asyncio.run(fill(store_url, MESSAGES))  # type: ignore[arg-type]
    store = Store(store_url)
    for statement in ROWS.split(";\n"):
        asyncio.run(store.execute(statement))
    assert typed("vip", "add", "0532 123 45 67", "--name", NAME).code == 0
    _session(state / "session.db")
    assert session_copy.keep(state / "session.db", state / "sessions", 5) is not None
    _inbox(state / "inbox.db")
    return state


def _url() -> str:
    return os.environ["IZER_STORE__URL"]


def _files(state: Path) -> dict[str, bytes]:
    """All that the report does not name as a copy."""
    return {
        str(one.relative_to(state)): one.read_bytes()
        for one in sorted(state.rglob("*"))
        if one.is_file() and one.parent.name != "backups"
    }


def test_no_table_and_no_file_tells_of_them(state: Path) -> None:
    before = everything(_url())
    assert [word for word in WORDS if word not in before] == []
    would = json.loads(typed("forget", NAME, "--dry-run", "--json").out)
    assert everything(_url()) == before
    said = typed("forget", NAME, "--yes", "--json")
    assert (said.code, said.err) == (0, "")
    did = json.loads(said.out)
    left = everything(_url()).replace(OTHER, "")
    assert [word for word in WORDS if word in left] == []
    for name, content in _files(state).items():
        content = content.replace(OTHER.encode(), b"")
        assert [word for word in WORDS if word.encode() in content] == [], name
    counted = ("rows", "cleared", "files", "session", "inbox")
    assert {key: would[key] for key in counted} == {key: did[key] for key in counted}
    assert (did["session"], did["inbox"], did["files"]) == (16, 2, 1)
    stays = " ".join(did["stays"])
    assert "backups/izer-bridge-1.tar of 27.02.2026 03:30" in stays


def test_others_keep_theirs_and_the_proof_holds(state: Path) -> None:
    assert typed("forget", "0532 123 45 67", "--yes").code == 0
    texts = [one.current_message for one in asyncio.run(Store(_url()).messages())]
    assert texts == [
        "olur",
        "👍",
        "@[…] gelsin",
        "[…] beni tavsiye etti, numarası […]",
        "Merhaba, Zeynep Gizlikayaoğlu geldi mi?",
    ]
    assert (verified := typed("verify")).code == 0, verified.out
    content = _files(state)
    assert b"Hans" in content["session.db"]
    assert b"Hallo" in content["inbox.db"]


def test_it_is_done_when_it_is_done(state: Path) -> None:
    typed("forget", NAME, "--yes")
    again = typed("forget", "0532 123 45 67", "--yes")
    assert (again.code, len(again.err.splitlines())) == (2, 1)
