"""The store and the steps of a message's way, as a bridge or a worker process uses them."""

from contextlib import AsyncExitStack

from pydantic import SecretStr

from izer_bridge.agents.rules import rules_of
from izer_bridge.agents.wiring import build_agents
from izer_bridge.analysis.wiring import build_analysing
from izer_bridge.config import Config
from izer_bridge.conversations.wiring import clock_rules
from izer_bridge.escalation.wiring import deadlines
from izer_bridge.pipeline.automatic import AutomaticTexts
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.pipeline.worker import Steps
from izer_bridge.replies.wiring import reply_policy
from izer_bridge.wiring.process import in_time

# As many as OpenAI is asked about at once, and as many again, whose questions are ready by then.
CHATS_SIDE_BY_SIDE = 32
# For the store's own time around the calls, including a stall of its disk; a message whose worker
# died waits that much longer.
_LEASE_SPARE_SECONDS = 60.0


def build_ledger(config: Config, owner: str, opened: AsyncExitStack) -> SqlLedger:
    """The store; `owner` holds the leases, each longer than its message takes to be worked."""
    # Waiting for a turn to be analysed, or to call an agent, may take as long as the work itself.
    agent = max(config.agent(name).timeout_seconds for name in config.agent_names)
    working = 2 * (config.openai.timeout_seconds + agent)
    ledger = SqlLedger(
        config.store_url,
        Screening(
            config.importance,
            config.groups.analyse_all,
            reply_policy(config),
            AutomaticTexts.of(config.whatsapp.automatic_messages),
            clock_rules(config),
        ),
        owner,
        subscriptions=config.events.subscriptions,
        lease_seconds=working + _LEASE_SPARE_SECONDS,
    )
    opened.push_async_callback(in_time, ledger.close)
    return ledger


async def build_steps(
    config: Config, openai_key: SecretStr | None, ledger: SqlLedger, opened: AsyncExitStack
) -> Steps:
    """Analysers, rules and agents; anything to be closed at the end is pushed on `opened`."""
    analysing = build_analysing(config, openai_key, ledger, opened)
    answerers = await build_agents(config, openai_key, analysing.spending, opened)
    return Steps(
        rules=rules_of(config.routing),
        agents=answerers.agents,
        here=answerers.here,
        analysing=analysing,
        when_down=config.routing.when_down,
        zone=config.shop.zone,
        deadlines=deadlines(config),
    )
