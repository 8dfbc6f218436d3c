"""The contents of a store, read with the tests' own queries."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from izer_bridge.store.database import Database

_MESSAGES = """
SELECT m.id, m.message_id, m.kind, m.origin, m.state, m.skip_reason, m.current_message,
       m.edited_text, m.revoked_at, m.from_me, m.is_vip_customer, m.is_critical_group,
       m.context_count, m.phone_number, m.chat_name, m.attempts, m.last_error, m.next_attempt_at,
       c.jid AS chat_jid, p.number AS chat_number, p.lid AS chat_lid,
       s.number AS sender_number, s.lid AS sender_lid,
       a.urgency_score, a.category, a.priority_level, a.analyser, a.fallback_reason
FROM webhook_messages m
JOIN chats c ON c.id = m.chat_id
LEFT JOIN contacts p ON p.id = c.contact_id
LEFT JOIN contacts s ON s.id = m.sender_id
LEFT JOIN analytics_results a ON a.webhook_message_id = m.id
ORDER BY m.id
"""
_CONTEXT = """
SELECT content FROM message_history WHERE webhook_message_id = :row ORDER BY id
"""
_ATTEMPTS = """
SELECT webhook_message_id, agent_type, agent_url, routing_success, response_time_ms, reason,
       error_message
FROM agent_routing ORDER BY id
"""

_MEDIA = """
SELECT m.*, w.message_id FROM media m JOIN webhook_messages w ON w.id = m.webhook_message_id
ORDER BY m.id
"""


@dataclass(frozen=True)
class Store:
    """A store by its URL; every call opens and closes it."""

    url: str

    async def messages(self) -> list[Any]:
        return await self._read(_MESSAGES)

    async def context(self, row_id: int) -> list[str]:
        return [row.content for row in await self._read(_CONTEXT, row=row_id)]

    async def attempts(self) -> list[Any]:
        return await self._read(_ATTEMPTS)

    async def media(self) -> list[Any]:
        return await self._read(_MEDIA)

    async def rows(self, query: str) -> list[Any]:
        """The rows of a test's own query."""
        return await self._read(query)

    async def execute(self, statement: str, **values: Any) -> None:
        async with Database(self.url) as database:
            await database.write(lambda connection: connection.execute(text(statement), values))

    async def _read(self, query: str, **values: Any) -> list[Any]:
        async with Database(self.url) as database:
            result = await database.read(lambda connection: connection.execute(text(query), values))
            return list(result.all())


def known_as(number: str | None, lid: str | None) -> str:
    return number or lid or ""
