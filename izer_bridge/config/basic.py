"""The short sections: store, link, analysis, worker, media and log."""

from typing import Literal

from pydantic import Field

from izer_bridge.config.values import AgeKey, PhoneNumber, ProxyUrl, Section, StoreUrl
from izer_bridge.domain.cost import MOST_AGAIN_HOURS


class Store(Section):
    """Where messages are kept; an empty url is SQLite in the state directory."""

    url: StoreUrl = ""
    allow_plaintext: bool = False


class WhatsApp(Section):
    proxy: ProxyUrl = ""
    number: PhoneNumber = ""
    device_name: str = Field("İzer Bridge", min_length=1, max_length=60)
    invert_qr: bool = False
    gate: bool = False
    hold_receipts: bool = True
    undo_at_risk: bool = True
    automatic_messages: list[str] = Field(default_factory=list)


class Analysis(Section):
    context_messages: int = Field(20, ge=0, le=200)
    again_within_hours: int = Field(24, ge=0, le=MOST_AGAIN_HOURS)
    again_every_seconds: float = Field(60.0, ge=1, le=3600)


class Worker(Section):
    lease_spare_seconds: float = Field(60.0, gt=0, le=3600)


class Media(Section):
    """Files that come with messages; words are made of them only where there is an OpenAI key."""

    download: bool = True
    max_mb: int = Field(32, ge=1, le=2048)
    transcribe: bool = True
    describe: bool = True
    transcription_model: str = Field("gpt-4o-mini-transcribe", min_length=1)
    description_model: str = Field("gpt-5-mini", min_length=1)

    @property
    def most_bytes(self) -> int | None:
        """None keeps no file."""
        return self.max_mb * 1024 * 1024 if self.download else None


class Backup(Section):
    """Who can read backups, by age's keys (`age-keygen -y`); empty: whoever has the file."""

    recipients: tuple[AgeKey, ...] = ()


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
