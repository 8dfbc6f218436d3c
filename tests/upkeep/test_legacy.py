"""`izer-bridge import-legacy` from a real MySQL with the old tables, good rows and bad."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate
from tests.console.typed import Said, typed
from tests.end_to_end.stored import Store
from tests.servers.mariadb import MariaDB
from tests.store.filled import fill
from tests.store.messages import message

OLD = """
ALTER DATABASE CHARACTER SET utf8mb4;
CREATE TABLE webhook_messages (id INT AUTO_INCREMENT PRIMARY KEY, message_id VARCHAR(255) UNIQUE,
  chat_time DATETIME, chat_name VARCHAR(255), phone_number VARCHAR(50), current_message TEXT,
  is_vip_customer BOOLEAN DEFAULT FALSE, raw_data LONGTEXT,
  created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP NULL);
CREATE TABLE message_history (id INT AUTO_INCREMENT PRIMARY KEY, webhook_message_id INT,
  sender VARCHAR(255), content TEXT, timestamp DATETIME, message_type VARCHAR(50),
  from_me BOOLEAN, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE analytics_results (id INT AUTO_INCREMENT PRIMARY KEY, webhook_message_id INT UNIQUE,
  urgency_score INT, category VARCHAR(50), sentiment VARCHAR(50), priority_level VARCHAR(50),
  action_required BOOLEAN, recommended_response_time VARCHAR(50), keywords JSON,
  confidence_score DECIMAL(5,2), analysis_details JSON, processed_at TIMESTAMP NULL);
CREATE TABLE agent_routing (id INT AUTO_INCREMENT PRIMARY KEY, webhook_message_id INT,
  agent_type VARCHAR(50), agent_url VARCHAR(255), routing_success BOOLEAN, response_data JSON,
  response_time_ms INT, error_message TEXT, routed_at TIMESTAMP NULL);
CREATE TABLE important_customers (id INT AUTO_INCREMENT PRIMARY KEY, customer_name VARCHAR(255),
  phone_number VARCHAR(50) UNIQUE, priority_level VARCHAR(20), customer_type VARCHAR(20),
  contact_info JSON, is_active BOOLEAN DEFAULT TRUE, created_at TIMESTAMP NULL);
CREATE TABLE critical_groups (id INT AUTO_INCREMENT PRIMARY KEY, group_name VARCHAR(255),
  group_identifier VARCHAR(255) UNIQUE, priority_level VARCHAR(20), is_active BOOLEAN DEFAULT TRUE);
CREATE TABLE system_stats (id INT AUTO_INCREMENT PRIMARY KEY, stat_type VARCHAR(100),
  stat_value VARCHAR(255), numeric_value DECIMAL(15,4), time_period VARCHAR(20),
  reference_date DATE, additional_data JSON, created_at TIMESTAMP NULL);
INSERT INTO webhook_messages VALUES
  (1, 'false_905551112233@c.us_3EB0A', '2024-05-01 12:00:00', 'Ayşe', '0555 111 22 33',
   'Frenim tutmuyor 🚲', TRUE, '{"message_id": "x"}', '2024-05-01 09:00:05', NULL),
  (2, 'b', '2024-05-02 12:00:00', 'Takım', '120363000000000042@g.us', 'Toplantı', 0, NULL,
   '2024-05-02 09:00:05', NULL),
  (3, 'c', '2024-05-03 12:00:00', NULL, 'Ayşe', NULL, NULL, 'no json {', NULL, NULL),
  (4, NULL, NULL, '', '+905551112233', 'without a time of its own', 0, NULL,
   '2024-05-04 09:00:00', NULL),
  (5, 'e', NULL, 'x', '+905551112233', 'never', 0, NULL, NULL, NULL);
INSERT INTO message_history (webhook_message_id, sender, content, timestamp, message_type, from_me)
  VALUES (1, 'Ayşe', 'Merhaba', '2024-05-01 11:59:00', 'chat', 0), (5, 'x', 'y', NULL, NULL, NULL),
  (99, 'of', 'nobody', NULL, 'chat', 0);
INSERT INTO analytics_results VALUES
  (1, 1, 9, 'technical', 'urgent', 'critical', 1, 'immediate', '["fren"]', 0.93,
   '{"business_context": "Fren"}', '2024-05-01 09:00:07'),
  (2, 2, 42, 'banana', 'calm', NULL, NULL, 'soon', '{"not": "a list"}', NULL, NULL, NULL);
INSERT INTO agent_routing VALUES
  (1, 1, 'business_workflow', 'http://localhost:8093', 0, NULL, 30, 'refused', NULL),
  (2, 1, 'business_workflow', 'http://localhost:8093', 1, '{"ok": true}', 12, NULL, NULL);
INSERT INTO important_customers VALUES
  (1, 'Ayşe', '+905551112233', 'high', 'vip', NULL, 1, NULL),
  (2, NULL, NULL, NULL, NULL, NULL, 1, NULL);
INSERT INTO critical_groups VALUES (1, 'Management', NULL, 'critical', 1);
INSERT INTO system_stats VALUES
  (1, 'messages', NULL, 12, 'daily', '2024-05-01', NULL, '2024-05-02 00:00:00');
"""


@pytest.fixture
def old(mariadb: MariaDB) -> str:
    """The URL of a database of the replaced system."""
    url = mariadb.database()
    name = urlsplit(url).path.strip("/")
    for statement in filter(str.strip, OLD.split(";\n")):
        mariadb.query_in(name, statement)
    return url


@pytest.fixture
def target(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))

    async def make() -> None:
        async with Database(store_url) as database:
            await migrate(database)

    asyncio.run(make())
    return Store(store_url)


def imported(url: str) -> tuple[Said, dict[str, Any]]:
    said = typed("import-legacy", url, "--zone", "Europe/Istanbul", "--json")
    return said, json.loads(said.out)


def rows(store: Store, query: str) -> Sequence[Any]:
    return asyncio.run(store.rows(query))


def test_everything_is_taken_over_and_counted(old: str, target: Store) -> None:
    said, counted = imported(old)
    assert said.code == 1, "rows that cannot be taken over are told"
    assert {name: one["new"] for name, one in counted.items()} == {
        "webhook_messages": 4,
        "message_history": 1,
        "analytics_results": 2,
        "agent_routing": 2,
        "critical_groups": 1,
        "important_customers": 1,
        "system_stats": 1,
    }
    assert counted["webhook_messages"]["refused"] == {"5": "has no time at all"}
    assert counted["message_history"]["orphans"] == 1
    first = asyncio.run(target.messages())[0]
    assert (first.current_message, first.phone_number) == ("Frenim tutmuyor 🚲", "+905551112233")
    assert (first.state, first.skip_reason, first.is_vip_customer) == ("skipped", "history", 1)
    assert (first.urgency_score, first.category, first.analyser) == (9, "technical", "legacy")
    [row] = rows(target, "SELECT chat_time, created_at FROM webhook_messages WHERE id = 1")
    assert str(row.chat_time).startswith("2024-05-01 09:00:00"), "Istanbul is three hours ahead"
    assert str(row.created_at).startswith("2024-05-01 09:00:05"), (
        "a TIMESTAMP has no zone of its own"
    )


def test_what_is_odd_fits_afterwards(old: str, target: Store) -> None:
    imported(old)
    _, group, nobody, timeless = asyncio.run(target.messages())
    assert group.chat_jid == "120363000000000042@g.us"
    assert (group.urgency_score, group.category, group.priority_level) == (10, "general", "normal")
    assert (nobody.chat_jid, nobody.current_message) == ("Ayşe@legacy", "")
    assert timeless.message_id == "legacy-4"
    found = rows(target, "SELECT attempt_number, routing_success FROM agent_routing ORDER BY id")
    assert [tuple(one) for one in found] == [(1, 0), (2, 1)]


def test_once_more_changes_nothing(old: str, target: Store) -> None:
    imported(old)
    before = rows(target, "SELECT id, message_id, updated_at FROM webhook_messages ORDER BY id")
    _, counted = imported(old)
    assert {one["new"] for one in counted.values()} == {0}
    assert counted["webhook_messages"]["known"] == 4
    after = rows(target, "SELECT id, message_id, updated_at FROM webhook_messages ORDER BY id")
    assert before == after


def test_the_ledger_holds_and_the_messages_are_read_like_all(old: str, target: Store) -> None:
    imported(old)
    assert typed("verify").code == 0
    assert "4 messages wait for the bridge to read their words" in typed("search", "fren").err
    asyncio.run(fill(target.url, [message(1)]))
    assert "Frenim" in typed("search", "FRENIM", "--all").out
    assert typed("export").code == 0


def test_only_a_database_of_the_old_system_is_read(
    old: str, target: Store, mariadb: MariaDB
) -> None:
    for url in (mariadb.database(), "sqlite:////tmp/x", "nonsense", f"{old}_none"):
        said = typed("import-legacy", url)
        assert (said.code, len(said.err.splitlines())) == (2, 1), said
        assert "store.url" not in said.err
    if target.url.startswith("mysql"):
        assert "already" in typed("import-legacy", target.url).err


def test_the_password_needs_not_be_typed(
    mariadb: MariaDB, old: str, target: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = urlsplit(old).path
    mariadb.query_in(name.strip("/"), "DROP USER IF EXISTS 'shop'@'%'")
    mariadb.query_in(name.strip("/"), "CREATE USER 'shop'@'%' IDENTIFIED BY 'p@ss/w:rd'")
    mariadb.query_in(name.strip("/"), "GRANT SELECT ON *.* TO 'shop'@'%'")
    url = f"mysql://shop@{urlsplit(old).netloc.rpartition('@')[2]}{name}"
    assert typed("import-legacy", url).code == 2
    monkeypatch.setenv("LEGACY_PASSWORD", "p@ss/w:rd")
    assert imported(url)[1]["webhook_messages"]["new"] == 4


def test_a_zone_that_does_not_exist_is_named(old: str, target: Store) -> None:
    said = typed("import-legacy", old, "--zone", "Mars/Olympus")
    assert (said.code, len(said.err.splitlines())) == (2, 1)


def test_the_time_is_read_in_the_servers_zone(old: str, target: Store) -> None:
    typed("import-legacy", old)
    shown = [json.loads(line) for line in typed("export").out.splitlines()]
    assert datetime.fromisoformat(shown[0]["sent_at"]) == datetime(2024, 5, 1, 12, tzinfo=UTC)
