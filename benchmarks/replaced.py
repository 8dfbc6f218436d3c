"""The shape of the replaced system: threaded Werkzeug, and a new connection for each statement.

`python -m benchmarks.replaced STORE_URL MODEL_URL AGENT_URL` prints its address and serves
`POST /webhook`: nine statements, the model and the agent called over HTTP in between. Its own code
is not here; this is what it did, with tables of its own and without its faults.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pymysql
from werkzeug.serving import make_server
from werkzeug.wrappers import Request as Received
from werkzeug.wrappers import Response

_TABLES = (
    "CREATE TABLE old_messages (id INT AUTO_INCREMENT PRIMARY KEY, message_id VARCHAR(191) UNIQUE,"
    " chat_time VARCHAR(40), chat_name TEXT, phone_number VARCHAR(32), current_message TEXT,"
    " is_vip INT, raw_data JSON, processed INT DEFAULT 0, created_at TIMESTAMP DEFAULT now())",
    "CREATE TABLE old_history (id INT AUTO_INCREMENT PRIMARY KEY, message INT, sender TEXT,"
    " content TEXT, timestamp VARCHAR(40), KEY (message))",
    "CREATE TABLE old_analytics (id INT AUTO_INCREMENT PRIMARY KEY, message INT UNIQUE,"
    " urgency INT, category VARCHAR(32), details JSON)",
    "CREATE TABLE old_routing (id INT AUTO_INCREMENT PRIMARY KEY, message INT, agent VARCHAR(64),"
    " response JSON)",
    "CREATE TABLE old_customers (id INT AUTO_INCREMENT PRIMARY KEY,"
    " phone_number VARCHAR(32) UNIQUE)",
    "CREATE TABLE old_groups (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(191) UNIQUE)",
)
Query = Callable[..., Sequence[tuple[Any, ...]]]


def querying(url: str) -> Query:
    """Runs one statement on a connection of its own."""
    parts = urlsplit(url)

    def query(statement: str, *values: Any, each: Iterable[Any] = ()) -> Sequence[tuple[Any, ...]]:
        connection = pymysql.connect(
            host=str(parts.hostname),
            port=int(parts.port or 3306),
            user=str(parts.username),
            database=parts.path.lstrip("/"),
            charset="utf8mb4",
            # Reading the system's certificates anew each time, 25 ms, would be no fair rival.
            ssl_disabled=True,
        )
        with connection, connection.cursor() as cursor:
            if rows := list(each):
                cursor.executemany(statement, rows)
            else:
                cursor.execute(statement, values)
            connection.commit()
            return list(cursor.fetchall())

    return query


def webhook(query: Query, model: str, agent: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def work(body: dict[str, Any]) -> dict[str, Any]:
        key, phone = body["message_id"], body["phone_number"]
        vip = query("SELECT id FROM old_customers WHERE phone_number = %s", phone)
        query("SELECT id FROM old_groups WHERE name = %s", body["chat_name"])
        query(
            "INSERT INTO old_messages (message_id, chat_time, chat_name, phone_number,"
            " current_message, is_vip, raw_data) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            *(key, body["chat_time"], body["chat_name"], phone, body["current_message"]),
            *(len(vip), json.dumps(body)),
        )
        [[row]] = query("SELECT id FROM old_messages WHERE message_id = %s", key)
        query(
            "INSERT INTO old_history (message, sender, content, timestamp) VALUES (%s, %s, %s, %s)",
            *(row, "", "", ""),
            each=[
                (row, one["sender"], one["content"], one["timestamp"]) for one in body["history"]
            ],
        )
        asked = {
            "model": "gpt-5-mini",
            "messages": [{"role": "user", "content": body["current_message"]}],
            "response_format": {"type": "json_object"},
        }
        analysis = json.loads(_post(model, asked)["choices"][0]["message"]["content"])
        query(
            "INSERT INTO old_analytics (message, urgency, category, details)"
            " VALUES (%s, %s, %s, %s)",
            *(row, analysis["urgency_score"], analysis["category"], json.dumps(analysis)),
        )
        response = _post(agent, {"message": body, "analysis": analysis, "routing_info": {}})
        query(
            "INSERT INTO old_routing (message, agent, response) VALUES (%s, %s, %s)",
            *(row, "business_workflow", json.dumps(response)),
        )
        query("UPDATE old_messages SET processed = 1 WHERE id = %s", row)
        query("SELECT count(*) FROM old_messages WHERE id = %s", row)
        return {"success": True, "message_id": key, "database_id": row, "analysis": analysis}

    return work


def _post(url: str, body: Any) -> Any:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=30) as response:  # noqa: S310
        return json.load(response)


def main(store: str, model: str, agent: str) -> None:
    query = querying(store)
    for statement in _TABLES:
        query(f"{statement} CHARACTER SET utf8mb4")
    work = webhook(query, model, agent)

    @Received.application
    def application(request: Received) -> Response:
        return Response(json.dumps(work(request.get_json())), mimetype="application/json")

    server = make_server("127.0.0.1", 0, application, threaded=True)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
