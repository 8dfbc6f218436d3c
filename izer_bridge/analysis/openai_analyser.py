"""The analysis by OpenAI or a compatible endpoint: one structured-output call per message."""

import asyncio
import re
from dataclasses import replace

from pydantic import ValidationError

from izer_bridge.analysis.local.signals import signals_of
from izer_bridge.analysis.masking import Masked, mask_subject, restore_analysis
from izer_bridge.analysis.ports import AnalyserAnswer
from izer_bridge.analysis.prompt import INSTRUCTIONS, user_content
from izer_bridge.analysis.schema import AnalysisAnswer
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.business_hours import BusinessHours
from izer_bridge.domain.cost import Usage
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.message import Subject
from izer_bridge.web.openai_client import (
    answer_in,
    client_of,
    response_format,
    told_errors,
    usage_in,
)

MAX_CONCURRENT = 16
_FENCED = re.compile(r"```\w*\n(\{.*\})\s*```", re.S)


class OpenAIAnalyser:
    """Asks `model` at `base_url`; `timeout_seconds` bounds the whole call. Retries nothing.

    At most `max_concurrent` calls are under way; others wait for their turn. With `mask`, data that
    identifies people stays here, and is put back into the answer. With the shop's `hours` it tells
    the model what time it is there. Its errors' texts contain nothing of the message, of the
    answer, or of the key. Raises ConfigError for a key that no HTTP header can carry.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        timeout_seconds: float,
        mask: bool,
        instructions: str = INSTRUCTIONS,
        max_concurrent: int = MAX_CONCURRENT,
        hours: BusinessHours | None = None,
    ) -> None:
        self._model = model
        self._mask = mask
        self._instructions = instructions
        self._hours = hours
        self._timeout_seconds = timeout_seconds
        self._client = client_of(base_url, api_key, timeout_seconds)
        self._room = asyncio.Semaphore(max_concurrent)

    async def analyse(self, subject: Subject) -> AnalyserAnswer:
        """One call. Raises TransientError (no connection, timeout, 408, 409, 429, 5xx, an answer
        that another try may fix) and PermanentError (refused, truncated, any other status).
        """
        masked = Masked()
        if self._mask:
            # In a thread: a text full of numbers takes longer than the other chats should wait.
            subject, masked = await asyncio.to_thread(mask_subject, subject)
        async with self._room, told_errors(self._model, self._timeout_seconds):
            content = await self._ask(subject)
        answer = answer_of(content)
        analysis = restore_analysis(answer.analysis, masked)
        language = analysis.language or signals_of(subject.text).language
        return replace(answer, analysis=replace(analysis, language=language))

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, subject: Subject) -> bytes:
        # Raw, because the client builds its objects without validating the response.
        response = await self._client.chat.completions.with_raw_response.create(
            model=self._model,
            messages=[
                {"role": "system", "content": self._instructions},
                {"role": "user", "content": user_content(subject, self._hours)},
            ],
            response_format=RESPONSE_FORMAT,
        )
        return response.content


def answer_of(completion: bytes) -> AnalyserAnswer:
    """The analysis in a completion, and what it cost.

    Raises as `OpenAIAnalyser.analyse` does; an error carries its cost too.
    """
    usage = usage_in(completion)
    try:
        return AnalyserAnswer(_analysis(answer_in(completion)), usage)
    except (TransientError, PermanentError) as error:
        error.usage = usage or error.usage
        raise


def _analysis(answer: str) -> Analysis:
    try:
        return AnalysisAnswer.model_validate_json(_bare(answer)).to_analysis()
    except ValidationError as error:
        # Some usage, as for an answer that is unusable for good.
        raise TransientError(
            f"OpenAI's answer does not fit the schema: {_places(error)}", usage=Usage()
        ) from None


def _bare(answer: str) -> str:
    """Without what models of compatible endpoints put around JSON: a fence, and a sentence."""
    fenced = None if answer.lstrip().startswith("{") else _FENCED.search(answer)
    return fenced[1] if fenced else answer


def _places(error: ValidationError) -> str:
    """Where and why it does not fit, with the types of the values but not the values."""
    fields = AnalysisAnswer.model_fields
    return ", ".join(
        f"{one['loc'][0] if one['loc'] and one['loc'][0] in fields else 'answer'} "
        f"{one['type']} ({type(one['input']).__name__})"
        for one in error.errors(include_url=False)[:5]
    )


RESPONSE_FORMAT = response_format("analysis", AnalysisAnswer)
