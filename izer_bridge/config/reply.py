"""`[reply]`: whether agents' answers are sent, and when not."""

from datetime import time
from typing import Annotated

from pydantic import AfterValidator, Field

from izer_bridge.config.values import OptionalPerson, Section
from izer_bridge.domain.analysis import Category
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import person_key
from izer_bridge.domain.reply_mode import Mode


def _time(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError:
        raise ValueError('expected a time of the day such as "22:00"') from None
    return text


def _chat(text: str) -> str:
    """A customer's number or LID in any spelling, or a group's JID."""
    if "@" in text and Jid.parse(text).is_group:
        return str(Jid.parse(text))
    return person_key(text)


_TimeOfDay = Annotated[str, AfterValidator(_time)]
_Chat = Annotated[str, AfterValidator(_chat)]


class Reply(Section):
    """The chat's mode takes precedence over the agent's, the category's and `mode`."""

    mode: Mode = Mode.OFF
    owner: OptionalPerson = ""
    categories: dict[Category, Mode] = Field(default_factory=dict)
    agents: dict[str, Mode] = Field(default_factory=dict)
    chats: dict[_Chat, Mode] = Field(default_factory=dict)
    burst_seconds: float = Field(8.0, ge=0, le=300)
    human_pause_minutes: int = Field(60, ge=0, le=10_080)
    per_chat_per_hour: int = Field(6, ge=1, le=60)
    per_hour: int = Field(60, ge=1, le=1_000)
    quiet_from: _TimeOfDay = "22:00"
    quiet_until: _TimeOfDay = "08:00"
    groups: bool = False
    to_new_chats: bool = False
    typing_seconds: float = Field(3.0, ge=0, le=20)
