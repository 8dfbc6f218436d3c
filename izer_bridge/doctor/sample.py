"""The replaced system's sample message, sent through the whole chain beside the live one.

Its store is temporary, and the agents are the built-in ones: nothing is counted, nobody is called
out, no customer appears. Analysis and rules are the settings' own.
"""

import asyncio
import json
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from izer_bridge.config import Config
from izer_bridge.doctor.finding import Finding, failed, ok, warning
from izer_bridge.domain.work import MessageProgress
from izer_bridge.host.clock import CLOCK
from izer_bridge.host.loop import Hint
from izer_bridge.pipeline.signals import WorkSignals
from izer_bridge.pipeline.webhook_intake import HttpIntake
from izer_bridge.pipeline.worker import Worker
from izer_bridge.web.json_body import decode
from izer_bridge.webhook.api import is_complete
from izer_bridge.webhook.body import read_webhook
from izer_bridge.wiring.work import CHATS_SIDE_BY_SIDE, build_ledger, build_steps

TEXT = "Bisikletimin freni çalışmıyor, acil yardım lazım!"
_SPARE_SECONDS = 10.0


async def sample(config: Config, key: SecretStr | None) -> list[Finding]:
    """Whether a message comes out analysed and answered."""
    with tempfile.TemporaryDirectory(prefix="izer-bridge-") as folder:
        beside = config.model_copy(
            update={
                "state_dir": Path(folder),
                "store": type(config.store)(),
                "agents": {},
            }
        )
        outcome = await _worked(beside, key)
    if not is_complete(outcome) or outcome.analysis is None or outcome.attempt is None:
        text = f"the sample message came only to {outcome.state}: {outcome.error or 'no time left'}"
        return [failed("sample", text, "see what else is found here; else report it as a bug")]
    analysis, agent = outcome.analysis, outcome.attempt.agent
    text = f"{analysis.category}, urgency {analysis.urgency_score}, handed to {agent}"
    if analysis.urgency_score < 8:
        return [warning("sample", f"it asks for help at once and came out as {text}", _LOOK)]
    return [ok("sample", f"a message goes through the whole chain: {text}")]


_LOOK = "measure the analyser: izer-bridge evaluate FILE"


async def _worked(config: Config, key: SecretStr | None) -> MessageProgress:
    async with AsyncExitStack() as opened:
        ledger = build_ledger(config, "sample", opened)
        await ledger.open()
        steps, hint = await build_steps(config, key, ledger, opened), Hint()
        intake = HttpIntake(ledger, hint)
        signals = WorkSignals(hint, rested=intake.moved)
        worker = Worker(ledger, steps, CLOCK, CHATS_SIDE_BY_SIDE, signals)
        running = asyncio.create_task(worker.run(), name="sample-worker")
        try:
            seconds = config.openai.timeout_seconds + _SPARE_SECONDS
            return await intake.submit(read_webhook(decode(_body())), seconds)
        finally:
            worker.stop()
            await running


def _body() -> bytes:
    document = {
        "message_id": "izer-bridge-doctor",
        "chat_time": datetime.now(UTC).isoformat(),
        "chat_name": "izer-bridge doctor",
        "phone_number": "+905550000000",
        "current_message": TEXT,
        "history": [],
    }
    return json.dumps(document).encode()
