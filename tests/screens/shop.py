"""A small shop with something for every list, always the same: what the recorded screens show."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Origin
from tests.end_to_end.stored import Store
from tests.store.filled import fill
from tests.store.messages import in_group, message

NOW = datetime(2026, 11, 29, 16, 54, tzinfo=UTC)
HANS = Jid.parse("4915550100266@s.whatsapp.net")
OWNER = Jid.parse("905550000009@s.whatsapp.net")
SHOP = Jid.parse("905550000001@s.whatsapp.net")
_LONG = "Merhaba, kargom on gündür gelmedi ve kimse telefona bakmıyor, lütfen artık bir yanıt verin"


def _at(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


MESSAGES = [
    message(1, "Eski bir soru", origin=Origin.HISTORY, sent_at=_at(90_000)),
    message(2, "Frenim tutmuyor, ACİL!", sent_at=_at(120)),
    message(3, "Hemen getirin lütfen", sent_at=_at(111), from_me=True, sender=SHOP),
    message(4, _LONG, sent_at=_at(60), chat=HANS, sender_name="Hans Weber"),
    message(
        5, "", sent_at=_at(50), kind=Kind.IMAGE, media=Media("image/jpeg", 9, "jant.jpg", b"x")
    ),
    in_group(6, "Yarın rota?", sent_at=_at(40)),
    message(7, "Taslak 1: …", sent_at=_at(30), chat=OWNER, sender=SHOP, from_me=True),
]
ROWS = """
INSERT INTO outbox (purpose, kind, state, account, chat_id, chat_jid, webhook_message_id,
    proposed_text, agent, confidence, reason, not_before, created_at, updated_at, sending_at,
    delivered_at, error)
  SELECT 'reply:' || id, 'reply', state, account, chat_id, chat_jid, id,
    'Merhaba, kargonuzu hemen soruyoruz ve bugün size buradan yazıyoruz.', 'business_workflow',
    0.82, 'mode draft', chat_time, chat_time, chat_time, sent, delivered, error FROM (
      SELECT id, account, chat_id, chat_jid, chat_time, 'draft' AS state, NULL AS sent,
        NULL AS delivered, NULL AS error FROM webhook_messages WHERE message_id = '3EB0000004'
      UNION SELECT id, account, chat_id, chat_jid, chat_time, 'uncertain', chat_time, NULL,
        'no answer of WhatsApp within 60 s' FROM webhook_messages WHERE message_id = '3EB0000002');
INSERT INTO chat_pauses (chat_id, paused_until, reason)
  SELECT chat_id, NULL, 'person' FROM webhook_messages
  WHERE message_id = '3EB0000002';
INSERT INTO escalations (webhook_message_id, account, why, state, level, since, next_at)
  SELECT id, account, 'urgent', 'open', 1, chat_time, '2026-11-29 17:10:00.000000'
  FROM webhook_messages WHERE message_id = '3EB0000004';
INSERT INTO events (id, type, payload, created_at)
  VALUES ('e1', 'message.recorded', '{}', '2026-11-29 14:00:00.000000');
INSERT INTO event_deliveries (event_id, target, state, attempts, last_error, updated_at)
  VALUES ('e1', 'accounting', 'dead', 8, 'answered 503', '2026-11-29 14:00:00.000000');
INSERT INTO gaps (account, message_id, chat_jid, sender_jid, reason, detail, noticed_at)
  VALUES ('+905550000001', '3EB0F00000000000000A', '905551112233@s.whatsapp.net',
    '905551112233@s.whatsapp.net', 'undecrypted', 'no session', '2026-11-29 15:00:00.000000');
INSERT INTO important_customers (customer_name, phone_number, preferred_agent_type,
    max_response_time_minutes) VALUES ('Hans Weber', '+4915550100266', 'business_workflow', 30);
UPDATE webhook_messages SET state = 'dead', attempts = 8, last_error = 'agent answered 503',
  updated_at = '2026-11-29 15:30:00.000000' WHERE message_id = '3EB0000005';
UPDATE webhook_messages SET created_at = chat_time
"""


def open_shop(folder: Path) -> None:
    """The store of a state directory, filled."""
    folder.mkdir(mode=0o700)
    url = f"sqlite:///{folder / 'bridge.db'}"
    asyncio.run(fill(url, MESSAGES))
    store = Store(url)
    for statement in ROWS.split(";\n"):
        asyncio.run(store.execute(statement))
