"""Builds the analysers from the settings, with their budget."""

from contextlib import AsyncExitStack

import structlog
from pydantic import SecretStr

from izer_bridge.analysis.analyse import Analysing
from izer_bridge.analysis.budget import Spending
from izer_bridge.analysis.ports import Spent
from izer_bridge.analysis.watched import WatchedAnalyser
from izer_bridge.config import Config
from izer_bridge.host.clock import CLOCK

log = structlog.get_logger(__name__)


def build_analysing(
    config: Config, openai_key: SecretStr | None, spent: Spent, opened: AsyncExitStack
) -> Analysing:
    """The local analyser, and with a key OpenAI's; anything to be closed is pushed on `opened`."""
    remote, openai = None, config.openai
    if openai_key is not None:
        if openai.price is None:
            log.warning("price_unknown", model=openai.model, hint="see openai.prices")
        # Its 500 modules take 15 MB, which a bridge without a key does not spend.
        from izer_bridge.analysis.openai_analyser import OpenAIAnalyser

        asked = OpenAIAnalyser(
            openai.base_url,
            openai_key.get_secret_value(),
            openai.model,
            openai.timeout_seconds,
            openai.mask,
            max_concurrent=openai.max_concurrent,
            hours=config.business_hours.clock(config.shop.zone),
        )
        opened.push_async_callback(asked.close)
        remote = WatchedAnalyser(asked, CLOCK)
    spending = Spending(spent, openai.price, openai.budget, CLOCK.now)
    return Analysing(remote, openai.model, spending, watch=remote)
