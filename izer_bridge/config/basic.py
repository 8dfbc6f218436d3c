"""The short sections: store, link, analysis, media, backup and log."""

from typing import Literal

from pydantic import Field

from izer_bridge.config.values import AgeKey, PhoneNumber, ProxyUrl, Section, StoreUrl
from izer_bridge.domain.cost import MOST_AGAIN_HOURS


class Store(Section):
    """Where messages are kept; an empty url is SQLite in the state directory."""

    url: StoreUrl = ""


class WhatsApp(Section):
    proxy: ProxyUrl = ""
    number: PhoneNumber = ""
    invert_qr: bool = False
    automatic_messages: list[str] = Field(default_factory=list)


class Analysis(Section):
    again_within_hours: int = Field(24, ge=0, le=MOST_AGAIN_HOURS)


class Media(Section):
    """Files that come with messages; they are put into words only if there is an OpenAI key.

    No file is kept with `max_mb` 0, and nothing is put into words where a model is empty.
    """

    max_mb: int = Field(32, ge=0, le=2048)
    transcription_model: str = "gpt-4o-mini-transcribe"
    description_model: str = "gpt-5-mini"

    @property
    def most_bytes(self) -> int | None:
        """None keeps no file."""
        return self.max_mb * 1024 * 1024 or None


class Backup(Section):
    """Who can read backups, by age's keys (`age-keygen -y`); empty: anybody with the file."""

    recipients: tuple[AgeKey, ...] = ()


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
