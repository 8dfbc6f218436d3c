"""The one list of what is wrong, decided from facts and the time; pure.

`status`, `doctor`, `GET /health`, `/metrics`, the log and the alarms read it.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from izer_bridge.conditions.facts import ConditionFacts
from izer_bridge.conditions.host_conditions import of_host, of_inbox, of_store
from izer_bridge.conditions.link_conditions import of_link
from izer_bridge.conditions.work_conditions import of_agents, of_day, of_remote, of_waiting
from izer_bridge.domain.condition import Condition, ConditionName, ConditionsSeen, error


def conditions(facts: ConditionFacts, zone: ZoneInfo, now: datetime) -> ConditionsSeen:
    """All present conditions; times for people are shown in the shop's `zone`."""
    waiting = facts.waiting
    return (
        of_host(facts.host, waiting, now)
        + of_link(facts.link)
        + of_inbox(facts.inbox)
        + of_store(facts.store)
        + of_waiting(waiting, zone)
        + of_day(facts.day)
        + of_agents(facts.agents, None if waiting is None else waiting.after_error)
        + of_remote(facts.remote)
    )


def stopped(why: str) -> Condition:
    """No bridge runs on this state directory."""
    remedy = (
        "systemctl start izer-bridge, in a checkout make run; if it ends again: "
        "journalctl -u izer-bridge -o cat"
    )
    return error(ConditionName.BRIDGE_STOPPED, f"the bridge does not run: {why}", remedy)


def silent(process: int, why: str) -> Condition:
    """A bridge runs and does not answer."""
    remedy = "wait while it starts or stops; if it hangs: systemctl restart izer-bridge"
    sentence = f"the bridge (process {process}) does not answer: {why}"
    return error(ConditionName.BRIDGE_SILENT, sentence, remedy)
