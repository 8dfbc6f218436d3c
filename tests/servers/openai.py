"""An OpenAI-compatible server: analyses as structured output, descriptions, transcripts."""

import json
from collections.abc import Callable
from typing import Any

from tests.servers.loopback import Loopback, Raw, Recorded, as_json

ANALYSIS: dict[str, Any] = {
    "urgency_score": 7,
    "category": "technical",
    "sentiment": "urgent",
    "priority_level": "high",
    "action_required": True,
    "recommended_response_time": "1hour",
    "keywords": ["fren"],
    "business_context": "Fren arızası",
    "suggested_next_action": "Müşteriyi ara",
    "language": "tr",
    "confidence": 0.93,
}


_COMPLETIONS, _TRANSCRIPTIONS = "/v1/chat/completions", "/v1/audio/transcriptions"
_MODELS = "/v1/models"


class OpenAIServer(Loopback):
    """Answers with `analysis`: a fixed one, or one made from the user's content.

    It lists `models`. Every picture is described as `description`, and every recording transcribed
    as `transcript`.
    """

    models = ("gpt-5-mini",)
    description = "Yamulmuş bir ön jant."
    transcript = "Merhaba, tekerim patladı."

    def __init__(
        self, analysis: dict[str, Any] | Callable[[str], dict[str, Any]] | None = None
    ) -> None:
        self.analysis = ANALYSIS if analysis is None else analysis
        super().__init__([_COMPLETIONS, _TRANSCRIPTIONS, _MODELS], self._default)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def analyses(self) -> list[Recorded]:
        """The requests that asked for an analysis."""
        return [one for one in self.requests if one.json and "response_format" in one.json]

    @property
    def transcriptions(self) -> list[Recorded]:
        return [one for one in self.requests if one.path == _TRANSCRIPTIONS]

    @property
    def descriptions(self) -> list[Recorded]:
        others = (*self.analyses, *self.transcriptions)
        return [one for one in self.requests if one not in others]

    def _default(self, request: Recorded) -> Raw:
        if request.path == _MODELS:
            return as_json({"object": "list", "data": [{"id": name} for name in self.models]})
        if request.path == _TRANSCRIPTIONS:
            return as_json({"text": self.transcript})
        if "response_format" not in request.json:
            return answering(self.description)
        if callable(self.analysis):
            return answering(self.analysis(user_content(request)))
        return answering(self.analysis)


def user_content(request: Recorded) -> str:
    """The content of the request's user message."""
    contents = [m["content"] for m in request.json["messages"] if m["role"] == "user"]
    return "\n".join(contents)


def answering(content: dict[str, Any] | str | None, **message: Any) -> Raw:
    """A completion whose content is this JSON object or text; `message` adds to its message."""
    text = json.dumps(content, ensure_ascii=False) if isinstance(content, dict) else content
    return _completion({"role": "assistant", "content": text, "refusal": None} | message, "stop")


def refusing(text: str = "I can't help with that.") -> Raw:
    return answering(None, refusal=text)


def truncated(content: str = '{"urgency_score": 7, "cat') -> Raw:
    return _completion({"role": "assistant", "content": content, "refusal": None}, "length")


def filtered() -> Raw:
    return _completion({"role": "assistant", "content": "", "refusal": None}, "content_filter")


def failing(status: int, code: str = "some_code", **headers: str) -> Raw:
    """An error as OpenAI sends it; `Retry_After="3"` becomes the header `Retry-After`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    error = {"message": "Incorrect API key: sk-te*t", "type": "error", "code": code}
    return as_json({"error": error}, status, named)


def _completion(message: dict[str, Any], finish_reason: str) -> Raw:
    return as_json(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_740_000_000,
            "model": "test-model",
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
            "usage": {"prompt_tokens": 700, "completion_tokens": 90, "total_tokens": 790},
        }
    )
