"""What goes to an agent and what may come back, as models; `docs/agent-process.schema.json`.

`python -m izer_bridge.agents.process_schema` prints that file. Answers are read by
`agents.agent_answer`, which says what is wrong with one instead of raising.
"""

import json
import sys
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, Strict
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from izer_bridge.agents.agent_answer import MOST_ACTIONS
from izer_bridge.domain.analysis import Category, Priority, ResponseTime, Sentiment
from izer_bridge.domain.sendable_text import LONGEST_TEXT


class _Open(BaseModel):
    """Keys may be added within a version: whoever reads ignores what he does not know."""

    model_config = ConfigDict(extra="allow")


class EarlierAnalysis(_Open):
    """What was judged of an earlier message."""

    category: Category
    urgency_score: int = Field(ge=1, le=10)


class HistoryItem(_Open):
    """One earlier message of the chat."""

    sender: str
    content: str
    timestamp: AwareDatetime
    type: str
    fromMe: bool = Field(description="Whether the shop wrote it.")  # noqa: N815
    isAutomatic: bool = Field(  # noqa: N815
        False, description="A greeting or away message of the shop's app: no person has answered."
    )

    isByBridge: bool = Field(  # noqa: N815
        False, description="The bridge has sent it, by itself or with a person's approval."
    )
    isOpen: bool | None = Field(  # noqa: N815
        None,
        description="Whether a customer's message still waits for an answer; left out where "
        "a person has answered since, or where the bridge does not know.",
    )
    analysis: EarlierAnalysis | None = Field(None, description="Only where it waits.")
    agent: str | None = Field(None, description="Which agent it went to; only where it waits.")


class QuotedMessage(_Open):
    """The message that this one answers; what it means often stands there alone."""

    sender: str = Field(description="A name or number; empty where neither is known.")
    content: str
    fromMe: bool = Field(description="Whether the shop wrote it.")  # noqa: N815
    isStored: bool = Field(  # noqa: N815
        description="The words are the bridge's own record; else what the sender's phone quotes."
    )


class ClickedAdvert(_Open):
    """What the customer has clicked before writing."""

    title: str
    body: str
    link: str


class ProcessMessage(_Open):
    """The message, with up to 20 before it, oldest first."""

    message_id: str
    chat_time: AwareDatetime
    chat_name: str
    phone_number: str = Field(description="E.164; empty where only a LID is known.")
    sender: str = Field("", description="In a group who wrote it, as in `history`; else empty.")
    current_message: str
    history: list[HistoryItem]
    quoted: QuotedMessage | None = Field(None, description="Left out where nothing is quoted.")
    advert: ClickedAdvert | None = Field(None, description="Left out without one.")
    isForwarded: bool = Field(False, description="Left out where it is false.")  # noqa: N815


class ProcessAnalysis(_Open):
    urgency_score: int = Field(ge=1, le=10)
    category: Category
    sentiment: Sentiment
    keywords: list[str]
    priority_level: Priority
    action_required: bool
    recommended_response_time: ResponseTime
    business_context: str
    suggested_next_action: str


class RoutingInfo(_Open):
    routed_by: str
    timestamp: AwareDatetime
    reason: str = Field(description="Which rule chose this agent.")


class ProcessRequest(_Open):
    """The body of `POST {url}/process`."""

    version: Literal[1]
    idempotency_key: str = Field(description="The same for every try of one message.")
    deadline: AwareDatetime = Field(description="Nobody waits for an answer after this.")
    message: ProcessMessage
    analysis: ProcessAnalysis
    routing_info: RoutingInfo


class ProcessAnswer(_Open):
    """The answer: any JSON object. These keys are understood; a null one is one left out."""

    reply: Annotated[str, Strict()] | None = Field(
        None,
        max_length=LONGEST_TEXT,
        description="Plain text for the customer; no HTML, no control characters.",
    )
    confidence: float | None = Field(None, ge=0, le=1, strict=True)
    needs_human: Annotated[bool, Strict()] | None = Field(
        None, description="Whether a person must look at it, reply or not."
    )
    actions: list[dict[str, Any] | str] | None = Field(
        None, max_length=MOST_ACTIONS, description="What should be done; stored, never executed."
    )


def schema() -> dict[str, Any]:
    """JSON Schema of `ProcessRequest` and `ProcessAnswer`, in `$defs`."""
    _, definitions = models_json_schema(
        [(ProcessRequest, "validation"), (ProcessAnswer, "validation")],
        title="izer-bridge: POST /process of an agent, version 1",
    )
    return {"$schema": GenerateJsonSchema.schema_dialect, **definitions}


def rendered() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(rendered())
