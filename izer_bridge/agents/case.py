"""What a built-in agent reads of a `/process` body."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from izer_bridge.agents.words import LANGUAGES, language_of, words_of
from izer_bridge.model.errors import PermanentError


@dataclass(frozen=True, slots=True)
class Case:
    """One message: its folded words, its language (tr, en or de), and its analysis."""

    words: tuple[str, ...]
    language: str
    category: str
    urgency: int

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Read the legacy body. Raises PermanentError naming what is missing in it."""
        message, analysis = _object(body, "message"), _object(body, "analysis")
        text = message.get("current_message")
        if not isinstance(text, str):
            raise PermanentError("message.current_message: expected a string")
        urgency = analysis.get("urgency_score", 1)
        language = analysis.get("language")
        return cls(
            words=words_of(text),
            language=language if language in LANGUAGES else language_of(text),
            category=str(analysis.get("category", "general")),
            urgency=urgency if isinstance(urgency, int) else 1,
        )

    def mentions(self, stems: tuple[str, ...]) -> bool:
        """Whether a word begins with one of these folded stems."""
        return any(word.startswith(stems) for word in self.words)


def _object(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key)
    if not isinstance(value, Mapping):
        raise PermanentError(f"{key}: expected an object")
    return value
