"""Bodies of `POST /process` for tests."""

from collections.abc import Sequence
from typing import Any

from izer_bridge.agents.builtin.four import builtin_agents
from izer_bridge.agents.builtin.knowledge_files import Library

CUSTOMER, SHOP = False, True


def body(
    text: str,
    category: str = "general",
    urgency: int = 3,
    history: Sequence[tuple[bool, str]] = (),
    **analysis: Any,
) -> dict[str, Any]:
    """`history`: who (CUSTOMER or SHOP) said what, oldest first."""
    said = [{"content": content, "fromMe": is_shop} for is_shop, content in history]
    return {
        "message": {"message_id": "m", "current_message": text, "history": said},
        "analysis": {"category": category, "urgency_score": urgency} | analysis,
        "routing_info": {"routed_by": "izer-bridge", "timestamp": "…", "reason": "default"},
    }


async def answer(agent: str, request: dict[str, Any]) -> dict[str, Any]:
    """From templates and without knowledge."""
    return await builtin_agents(Library(None))[agent].process(request, "1")
