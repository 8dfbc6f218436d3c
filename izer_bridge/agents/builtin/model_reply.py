"""Lets a model reword a draft, and keeps the template wherever that is unsafe or impossible."""

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from izer_bridge.agents.builtin.claims_check import violations
from izer_bridge.agents.builtin.reply_prompt import INSTRUCTIONS, user_content
from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.topic import Draft
from izer_bridge.agents.model_wording import ModelBudget, ModelWording
from izer_bridge.domain.cost import Usage
from izer_bridge.domain.errors import PermanentError, TransientError

if TYPE_CHECKING:
    # Only with a key: its package takes 15 MB.
    from izer_bridge.agents.openai_replies import OpenAIReplies

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReplyWriter:
    """Words drafts with a model; `is_masked`: without people's numbers and addresses."""

    model: "OpenAIReplies"
    budget: ModelBudget
    is_masked: bool = True

    async def worded(self, agent: str, case: Case, draft: Draft) -> Draft:
        """The draft in the model's words, else unchanged; it raises nothing.

        The model can ask for a person, but cannot do without one that the draft asks for.
        """
        if draft.is_fixed or not draft.reply:
            return draft
        # In a thread: a text full of numbers takes longer than other messages should wait.
        content, masked = await asyncio.to_thread(
            user_content, case, draft, is_masked=self.is_masked
        )
        wording = await self._asked(agent, content)
        if wording is None:
            return draft
        reply = masked.restore(wording.reply).strip()
        found = await asyncio.to_thread(violations, reply, case.said, draft.sources)
        if found:
            log.warning("wording_refused", agent=agent, topic=draft.topic, because=", ".join(found))
            return replace(draft, needs_human=True)
        return replace(
            draft,
            reply=reply,
            confidence=min(draft.confidence, wording.confidence),
            needs_human=draft.needs_human or wording.needs_human,
        )

    async def _asked(self, agent: str, content: str) -> ModelWording | None:
        """None if the model may not be asked or does not answer, which is logged."""
        try:
            if refusal := await self.budget.refusal():
                log.info("reply_not_worded", agent=agent, reason=refusal)
                return None
            wording = await self.model.word(INSTRUCTIONS, content)
        except (TransientError, PermanentError) as error:
            self._pay(agent, error.usage)
            log.warning("reply_not_worded", agent=agent, reason=str(error))
            return None
        self._pay(agent, wording.usage)
        return wording

    def _pay(self, agent: str, usage: Usage | None) -> None:
        if usage is None:
            return
        log.info(
            "reply_charged",
            agent=agent,
            input_tokens=usage.input_tokens,
            cached_input_tokens=usage.cached_input_tokens,
            output_tokens=usage.output_tokens,
            cost_micro_usd=self.budget.pay(usage),
        )
