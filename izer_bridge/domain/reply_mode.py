"""Whether agents' answers are sent, shown to a person first, or only stored."""

from enum import StrEnum


class Mode(StrEnum):
    """`off`: answers are only stored. `draft`: a person approves them. `send`: they are sent."""

    OFF = "off"
    DRAFT = "draft"
    SEND = "send"
