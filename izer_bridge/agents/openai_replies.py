"""Has OpenAI or a compatible endpoint word replies: one structured-output call each.

It does not check what the model says, and does not retry.
"""

from pydantic import BaseModel, Field, ValidationError

from izer_bridge.agents.model_wording import ModelWording
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.web.openai_client import (
    answer_in,
    client_of,
    response_format,
    told_errors,
    usage_in,
)

LONGEST_REPLY = 4_000


class ReplyAnswer(BaseModel):
    """One reply as the model returns it."""

    reply: str = Field(description="What the customer gets, in the customer's language")
    confidence: float = Field(ge=0, le=1)
    needs_human: bool = Field(description="Whether a person at the shop must answer or act")


_FORMAT = response_format("reply", ReplyAnswer)


class OpenAIReplies:
    """Asks `model` at `base_url`; `timeout_seconds` bounds the whole call."""

    def __init__(self, base_url: str, api_key: str, model: str, timeout_seconds: float) -> None:
        self._model = model
        self._timeout_seconds = timeout_seconds
        self._client = client_of(base_url, api_key, timeout_seconds)

    async def word(self, instructions: str, content: str) -> ModelWording:
        """A reply that follows `instructions`, from `content` alone.

        Raises TransientError or PermanentError, whose `usage` is what the failed attempt cost.
        """
        async with told_errors(self._model, self._timeout_seconds):
            # Raw, because the client builds its objects without validating the response.
            response = await self._client.chat.completions.with_raw_response.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": instructions},
                    {"role": "user", "content": content},
                ],
                response_format=_FORMAT,
            )
        return wording_of(response.content)

    async def close(self) -> None:
        await self._client.close()


def wording_of(completion: bytes) -> ModelWording:
    """The reply in a completion; an error carries its cost too."""
    usage = usage_in(completion)
    try:
        said = ReplyAnswer.model_validate_json(answer_in(completion))
    except ValidationError:
        raise TransientError("OpenAI's reply does not fit the schema", usage=usage) from None
    except (TransientError, PermanentError) as error:
        error.usage = usage
        raise
    return ModelWording(said.reply[:LONGEST_REPLY], said.confidence, said.needs_human, usage)
