"""The form of a model's answer: near-miss values are interpreted, overlong ones trimmed.

Meaningless values are refused.
"""

from functools import partial
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from izer_bridge.analysis import near_words
from izer_bridge.domain.analysis import Analysis, Category, Priority, ResponseTime, Sentiment
from izer_bridge.domain.folding import visible

MOST_KEYWORDS = 8
LONGEST_KEYWORD = 40
LONGEST_SENTENCE = 400


def _sentence(text: str) -> str:
    return visible(text)[:LONGEST_SENTENCE]


def _keywords(words: list[str]) -> list[str]:
    """Trimmed, not refused: a ninth keyword is no reason to throw an analysis away."""
    trimmed = (visible(word)[:LONGEST_KEYWORD] for word in words)
    return list(dict.fromkeys(word for word in trimmed if word))[:MOST_KEYWORDS]


Sentence = Annotated[str, AfterValidator(_sentence)]
Keywords = Annotated[
    list[str],
    Field(description=f"At most {MOST_KEYWORDS} telling words of the message, as written"),
    BeforeValidator(near_words.keywords_of),
    AfterValidator(_keywords),
]


class AnalysisAnswer(BaseModel):
    """One analysis as a model gives it: `urgency_score` 1–10, `confidence` 0–1.

    Fields that the replaced system's models were not asked for may be missing; an empty language
    means unknown.

    Raises pydantic's ValidationError for a missing field, a label that means none of ours, or a
    number that is out of bounds.
    """

    urgency_score: Annotated[int, Field(ge=1, le=10), BeforeValidator(near_words.score_of)]
    category: Annotated[Category, BeforeValidator(partial(near_words.label_of, Category))]
    sentiment: Annotated[Sentiment, BeforeValidator(partial(near_words.label_of, Sentiment))]
    priority_level: Annotated[Priority, BeforeValidator(partial(near_words.label_of, Priority))]
    action_required: Annotated[bool, BeforeValidator(near_words.answer_of)]
    recommended_response_time: Annotated[
        ResponseTime, BeforeValidator(partial(near_words.label_of, ResponseTime))
    ]
    keywords: Keywords
    business_context: Sentence = Field(description="What it is about: one Turkish sentence")
    suggested_next_action: Sentence = Field(description="The shop's next step, in Turkish")
    language: Annotated[
        str,
        Field(pattern="^[a-z]{2,3}$", description="ISO 639 code, such as tr"),
        BeforeValidator(near_words.language_of),
    ] = ""
    confidence: Annotated[float, Field(ge=0, le=1), BeforeValidator(near_words.share_of)] = 0.5

    def to_analysis(self) -> Analysis:
        return Analysis(
            urgency_score=self.urgency_score,
            category=self.category,
            sentiment=self.sentiment,
            priority_level=self.priority_level,
            action_required=self.action_required,
            recommended_response_time=self.recommended_response_time,
            keywords=tuple(self.keywords),
            business_context=self.business_context,
            suggested_next_action=self.suggested_next_action,
            language=self.language,
            confidence=self.confidence,
        )
