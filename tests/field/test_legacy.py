"""The predecessor's rows keep their people, times and judgements, however they were written."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.stored import Store
from tests.servers.mariadb import MariaDB
from tests.upkeep.test_legacy import imported, rows, target

__all__ = ["target"]

# As the predecessor's schema allows: keywords are text, dates may be zero.
OLD = """
ALTER DATABASE CHARACTER SET utf8mb4;
CREATE TABLE webhook_messages (id INT AUTO_INCREMENT PRIMARY KEY, message_id VARCHAR(255) UNIQUE,
  chat_time DATETIME, chat_name VARCHAR(255), phone_number VARCHAR(50), current_message TEXT,
  is_vip_customer BOOLEAN DEFAULT FALSE, raw_data LONGTEXT,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP NULL);
CREATE TABLE analytics_results (id INT AUTO_INCREMENT PRIMARY KEY, webhook_message_id INT UNIQUE,
  urgency_score INT, category VARCHAR(50), sentiment VARCHAR(50), priority_level VARCHAR(50),
  action_required BOOLEAN, recommended_response_time VARCHAR(50), keywords TEXT,
  confidence_score DECIMAL(5,2), analysis_details JSON, processed_at TIMESTAMP NULL);
CREATE TABLE important_customers (id INT AUTO_INCREMENT PRIMARY KEY, customer_name VARCHAR(255),
  phone_number VARCHAR(50) UNIQUE, priority_level VARCHAR(20), customer_type VARCHAR(20),
  contact_info JSON, is_active BOOLEAN DEFAULT TRUE, created_at DATETIME NULL);
CREATE TABLE critical_groups (id INT AUTO_INCREMENT PRIMARY KEY, group_name VARCHAR(255),
  group_identifier VARCHAR(255) UNIQUE, priority_level VARCHAR(20), is_active BOOLEAN DEFAULT TRUE);
INSERT INTO webhook_messages (id, message_id, chat_time, phone_number, current_message) VALUES
  (1, 'm1', '2026-05-01 12:00:00', '491701234567', 'E-Bike Fehler'),
  (2, 'm2', '2026-05-02 12:00:00', '905551112233', 'Fren'),
  (3, 'm3', '0000-00-00 00:00:00', '905551112233@c.us', 'saatsiz'),
  (4, 'm4', '2026-05-04 12:00:00', '120363041234567890@g.us', 'grupta'),
  (5, 'm5', '2026-05-05 12:00:00', '35799123456', 'Kargo olur mu?'),
  (6, 'm6', '2026-05-06 12:00:00', '+184467440737095@lid', 'Siparişim?'),
  (7, 'm7', '2026-05-07 12:00:00', '+120363041234567890@g.us', 'yine grupta'),
  (8, 'm8', '2026-05-08 12:00:00', '+undefined', 'kimden?');
INSERT INTO analytics_results (webhook_message_id, urgency_score, category, sentiment,
  priority_level, action_required, recommended_response_time, keywords, confidence_score) VALUES
  (1, 7, 'technical', 'negative', 'normal', 1, '4hours', 'e-bike,fehler', 0.9),
  (2, 15, 'support', 'urgent', 'critical', 1, 'immediate', '["fren"]', 90),
  (4, 0, 'Teknik', 'POSITIVE', 'Medium', 1, '1 hour', NULL, NULL),
  (5, -3, 'Satış', 'neutral', 'High', 1, '24 hours', '', 250);
INSERT INTO important_customers (customer_name, phone_number, priority_level, customer_type,
  created_at) VALUES ('Jonas', '491701234567', 'critical', 'vip', '0000-00-00 00:00:00'),
  ('Ayse', '905559876543', 'High', 'vip', NULL),
  ('Deniz', '905559876544@c.us', 'normal', 'partner', NULL);
INSERT INTO critical_groups (group_name, group_identifier, priority_level)
  VALUES ('Management', '120363041234567890@g.us', 'high');
"""


@pytest.fixture
def old(mariadb: MariaDB) -> str:
    url = mariadb.database()
    name = urlsplit(url).path.strip("/")
    with mariadb.connect() as connection, connection.cursor() as cursor:
        connection.select_db(name)
        # What the predecessor's server accepted.
        cursor.execute("SET SESSION sql_mode = ''")
        for statement in filter(str.strip, OLD.split(";\n")):
            cursor.execute(statement)
    return url


def test_people_times_and_judgements_are_what_they_were(
    old: str, target: Store, tmp_path: Path
) -> None:
    """Case 71."""
    said, counted = imported(old)
    assert said.code == 0, said.err
    assert {name: one["new"] for name, one in counted.items() if one["new"]} == {
        "webhook_messages": 8,
        "analytics_results": 4,
        "important_customers": 3,
        "critical_groups": 1,
    }
    found = {one.message_id: one for one in asyncio.run(target.messages())}
    numbers = [found[f"m{at}"].sender_number for at in range(1, 9)]
    germany, turkey, cyprus = "+491701234567", "+905551112233", "+35799123456"
    assert numbers == [germany, turkey, turkey, None, cyprus, None, None, None]
    assert found["m6"].sender_lid == "184467440737095"
    assert found["m4"].chat_jid == found["m7"].chat_jid == "120363041234567890@g.us"
    assert [bool(found[f"m{at}"].is_vip_customer) for at in (1, 2)] == [False, False]
    judged = [found[f"m{at}"] for at in (1, 2, 4, 5)]
    assert [one.urgency_score for one in judged] == [7, 10, 1, 1]
    assert [one.priority_level for one in judged] == ["normal", "critical", "normal", "high"]
    assert [one.category for one in judged] == ["technical", "support", "technical", "sales"]
    query = "SELECT keywords, confidence_score FROM analytics_results ORDER BY webhook_message_id"
    kept = rows(target, query)
    assert [str(one.keywords).replace('"', "'").replace(" ", "") for one in kept] == [
        "['e-bike','fehler']",
        "['fren']",
        "[]",
        "[]",
    ]
    shares = [None if one[1] is None else float(one[1]) for one in kept]
    assert shares == [0.9, 0.9, None, 1.0]
    people = "SELECT phone_number, priority_level FROM important_customers ORDER BY id"
    assert [one[1] for one in rows(target, people)] == ["critical", "high", "normal"]
    assert [one[0] for one in rows(target, "SELECT priority_level FROM critical_groups")] == [
        "high"
    ]
