"""Builds the analyser that an operator chooses for a command."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from izer_bridge import config
from izer_bridge.domain.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from izer_bridge.analysis.ports import Analyser


class AnalyserName(StrEnum):
    LOCAL = "local"
    OPENAI = "openai"


def openai_analyser(
    config_file: Path | None, model: str | None = None, prompt: Path | None = None
) -> "Analyser":
    """As configured, with another model or other instructions if given.

    Its errors are those of `OnTrial`. Raises ConfigError without a key, and for unreadable
    instructions.
    """
    from izer_bridge.analysis.openai_analyser import OpenAIAnalyser
    from izer_bridge.analysis.prompt import INSTRUCTIONS
    from izer_bridge.trials.batch import OnTrial

    everything, key = config.load(config_file), config.openai_key()
    settings = everything.openai
    if key is None:
        raise ConfigError("no OpenAI key is set; see config.toml")
    return OnTrial(
        OpenAIAnalyser(
            settings.base_url,
            key.get_secret_value(),
            model or settings.model,
            settings.timeout_seconds,
            settings.mask,
            INSTRUCTIONS if prompt is None else _text_of(prompt),
            hours=everything.business_hours.clock(everything.shop.zone),
        )
    )


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
