"""OpenAI or a compatible endpoint: its client, whose fault an error is, and answers' contents."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from izer_bridge.domain.cost import Usage
from izer_bridge.domain.errors import (
    ConfigError,
    PermanentError,
    SetupError,
    TransientError,
    UnpaidError,
)
from izer_bridge.host.lean_import import later
from izer_bridge.web.retry_after import retry_after_seconds

# Types of everything that OpenAI offers: the chat types are enough.
with later("openai.types", "openai.types.responses"):
    import openai
from openai.types.chat.completion_create_params import ResponseFormat

# More than any model accepts; a larger value is not a token count.
_MOST_TOKENS = 100_000_000


def client_of(base_url: str, api_key: str, timeout_seconds: float) -> openai.AsyncOpenAI:
    """A client that retries nothing. Raises ConfigError for a key that no HTTP header carries."""
    if not (api_key.isascii() and api_key.isprintable()):
        raise ConfigError("the OpenAI key holds characters that no key has")
    # A redirect would carry a customer's words to a host that nobody configured.
    return openai.AsyncOpenAI(
        base_url=base_url,
        api_key=api_key,
        timeout=timeout_seconds,
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
    )


@asynccontextmanager
async def told_errors(model: str, timeout_seconds: float) -> AsyncIterator[None]:
    """Bound one call of `model`; its errors mention nothing sent, nothing received, and not the
    key.

    Raises TransientError (no connection, timeout, 408, 409, 429, 5xx) and PermanentError (any other
    status).
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            yield
    except (TimeoutError, openai.APITimeoutError):
        raise TransientError(f"OpenAI did not answer within {timeout_seconds:g} s") from None
    except openai.APIStatusError as error:
        raise _from_status(error, model) from None
    except openai.APIConnectionError as error:
        cause = type(error.__cause__ or error).__name__
        raise TransientError(f"OpenAI cannot be reached: {cause}") from None


def _from_status(error: openai.APIStatusError, model: str) -> TransientError | PermanentError:
    status = error.status_code
    wait = retry_after_seconds(error.response.headers.get("Retry-After"), datetime.now(UTC))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        if error.code == "insufficient_quota":
            said = "OpenAI: the account's quota is used up (429)"
            return UnpaidError(said, retry_after_seconds=wait)
        return TransientError("OpenAI: too many requests (429)", retry_after_seconds=wait)
    if status >= 500 or status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT):
        return TransientError(f"OpenAI answered {status}", retry_after_seconds=wait)
    if status == HTTPStatus.UNAUTHORIZED:
        return SetupError("OpenAI refused the API key (401)")
    if status == HTTPStatus.NOT_FOUND:
        return SetupError(f"OpenAI has no model {model!r} (404)")
    if 300 <= status < 400:
        return SetupError(f"OpenAI answered a redirect ({status}); set openai.base_url")
    if error.code == "content_filter":
        return _unusable(f"OpenAI's content filter withheld the answer ({status})")
    return PermanentError(f"OpenAI refused the request ({status})")


async def models_at(base_url: str, api_key: str, timeout_seconds: float) -> frozenset[str]:
    """The models that the endpoint lists; none if it lists none.

    Raises TransientError and PermanentError as an analysis does, ConfigError for a bad key.
    """
    client = client_of(base_url, api_key, timeout_seconds)
    try:
        async with told_errors("", timeout_seconds):
            return _listed((await client.models.with_raw_response.list()).content)
    except SetupError as error:
        if isinstance(error.__context__, openai.NotFoundError):
            return frozenset()
        raise
    finally:
        await client.close()


def _listed(content: bytes) -> frozenset[str]:
    try:
        return frozenset(one.id for one in _Models.model_validate_json(content).data)
    except ValidationError:
        raise PermanentError("what answers lists no models: is openai.base_url right?") from None


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Model]


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    """The used part of an answer; compatible endpoints leave out what OpenAI sends besides."""

    choices: list[_Choice] = Field(min_length=1)


class _Cached(BaseModel):
    cached_tokens: int = Field(0, ge=0, le=_MOST_TOKENS)


class _Usage(BaseModel):
    prompt_tokens: int = Field(ge=0, le=_MOST_TOKENS)
    completion_tokens: int = Field(ge=0, le=_MOST_TOKENS)
    prompt_tokens_details: _Cached | None = None


class _Charged(BaseModel):
    usage: _Usage


def answer_in(completion: bytes) -> str:
    """The model's text in a completion.

    Raises PermanentError if it refuses, TransientError if it is not a completion.
    """
    try:
        choice = _Completion.model_validate_json(completion).choices[0]
    except ValidationError:
        raise TransientError("OpenAI answered something that is no completion") from None
    if choice.message.refusal:
        raise _unusable("OpenAI's model refused to answer")
    if choice.finish_reason == "content_filter":
        raise _unusable("OpenAI's content filter withheld the answer")
    if choice.finish_reason == "length":
        raise _unusable("OpenAI's answer was truncated at its length limit")
    return choice.message.content or ""


def _unusable(why: str) -> PermanentError:
    """It has answered: some usage, even if the endpoint does not say how much."""
    return PermanentError(why, usage=Usage())


def usage_in(completion: bytes) -> Usage | None:
    """What it cost; None if the endpoint does not say, or says something impossible."""
    try:
        said = _Charged.model_validate_json(completion).usage
    except ValidationError:
        return None
    cached = said.prompt_tokens_details.cached_tokens if said.prompt_tokens_details else 0
    return Usage(said.prompt_tokens, min(cached, said.prompt_tokens), said.completion_tokens)


def _strict(schema: Any) -> Any:
    """A JSON schema in the strict form that OpenAI requires: closed, every field required."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items() if key != "default"}
    if "properties" in strict:
        strict |= {"additionalProperties": False, "required": list(strict["properties"])}
    return strict


def response_format(name: str, answer: type[BaseModel]) -> ResponseFormat:
    """Asks for an answer that fits this model and nothing else."""
    schema = _strict(answer.model_json_schema())
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "strict": True, "schema": schema},
    }
