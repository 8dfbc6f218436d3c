"""Answers the same call once: a repeated call gets the same answer and pays no model again."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from izer_bridge.agents.ports import Agent

MOST_ANSWERS = 1_000


@dataclass(frozen=True, slots=True)
class AnswerCache:
    """Remembers the last MOST_ANSWERS calls of `agent`, including those still under way.

    A key belongs to one message: a store that began anew gives the same numbers to others. Failures
    are forgotten. Nothing outlives the process, and nothing needs to: a caller that asks again
    after that pays once more.
    """

    agent: Agent
    _answers: OrderedDict[tuple[str, str, str], asyncio.Task[dict[str, Any]]] = field(
        default_factory=OrderedDict
    )

    @property
    def url(self) -> str | None:
        return self.agent.url

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """As the agent does; without a key each call is a new one."""
        if not idempotency_key:
            return await self.agent.process(body, idempotency_key)
        key = (idempotency_key, *_message(body))
        task = self._answers.get(key)
        if task is None:
            task = asyncio.create_task(self.agent.process(body, idempotency_key))
            self._remember(key, task)
        # The first caller may hang up; one that asks again still wants the answer.
        return await asyncio.shield(task)

    def _remember(self, key: tuple[str, str, str], task: asyncio.Task[dict[str, Any]]) -> None:
        self._answers[key] = task
        if len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)

        def forget(done: asyncio.Task[dict[str, Any]]) -> None:
            if done.cancelled() or done.exception() is not None:
                self._answers.pop(key, None)

        task.add_done_callback(forget)


def _message(body: dict[str, Any]) -> tuple[str, str]:
    message = body.get("message")
    if not isinstance(message, dict):
        return "", ""
    return repr(message.get("message_id")), repr(message.get("current_message"))
