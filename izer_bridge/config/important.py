"""`[vip]` and `[groups]`: who is important, and how they are treated."""

from pydantic import Field

from izer_bridge.config.values import Person, Section
from izer_bridge.domain.analysis import Priority
from izer_bridge.domain.importance import MOST_MINUTES, Treatment


class Important(Section):
    """How somebody important is treated."""

    priority: Priority = Priority.CRITICAL
    answer_within_minutes: int | None = Field(None, ge=1, le=MOST_MINUTES)
    agent: str | None = None
    escalate: bool = True

    def treatment(self) -> Treatment:
        return Treatment(self.priority, self.answer_within_minutes, self.agent, self.escalate)


class Customer(Important):
    number: Person
    name: str = ""


class Group(Important):
    """`group` is a name or a JID."""

    group: str = Field(min_length=1)


class Vip(Section):
    numbers: tuple[Person, ...] = ()
    customers: tuple[Customer, ...] = ()


class Groups(Section):
    critical: tuple[str, ...] = (
        "VIP Customers",
        "Technical Support",
        "Sales Team",
        "Management",
        "Important Partners",
        "İzer Management",
    )
    rules: tuple[Group, ...] = ()
    analyse_all: bool = False
