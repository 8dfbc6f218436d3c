"""`izer-bridge vip` and `izer-bridge group`: who is important, in the store and in the settings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from izer_bridge.config import Config
from izer_bridge.console.console import Printer
from izer_bridge.console.listing import fixed, number, text
from izer_bridge.domain.analysis import Priority
from izer_bridge.domain.errors import UsageError
from izer_bridge.domain.importance import MOST_MINUTES
from izer_bridge.people.register import Register, Shown, customer_register, group_register
from izer_bridge.people.store.important import CustomerType, Wish, customers_at, groups_at

E = TypeVar("E", bound=StrEnum)
_BY = "command line"


def wish(
    agents: Collection[str],
    *,
    name: str | None = None,
    customer_type: str | None = None,
    priority: str | None = None,
    answer_within_minutes: int | None = None,
    agent: str | None = None,
    is_raised: bool | None = None,
) -> Wish:
    """Parse what was typed; `agents` are the existing names. Raises UsageError that says so."""
    if answer_within_minutes is not None and not 1 <= answer_within_minutes <= MOST_MINUTES:
        raise UsageError(
            f"--answer-within {answer_within_minutes}: allowed: 1 to {MOST_MINUTES} minutes"
        )
    if agent is not None and agent not in agents:
        raise UsageError(f"--agent {agent!r}: allowed: {', '.join(agents)}")
    return Wish(
        name=name,
        customer_type=_one_of(CustomerType, "--type", customer_type),
        priority=_one_of(Priority, "--priority", priority),
        answer_within_minutes=answer_within_minutes,
        agent=agent,
        is_raised=is_raised,
    )


def _one_of(allowed: type[E], option: str, text: str | None) -> E | None:
    if text is None:
        return None
    try:
        return allowed(text)
    except ValueError:
        raise UsageError(f"{option} {text!r}: allowed: {', '.join(allowed)}") from None


@dataclass(frozen=True, slots=True)
class TypedRegister:
    """A register as commands use it. `what` is the command's name."""

    register: Register
    what: str

    async def put(self, text: str, wish: Wish) -> str:
        """Make somebody important, or change how; returns who it is. Raises UsageError."""
        try:
            return await self.register.put(text, wish, _BY)
        except ValueError as error:
            raise UsageError(str(error)) from None

    async def remove(self, text: str) -> str:
        """Make somebody unimportant; returns who it is. Raises UsageError if they already were."""
        try:
            return await self.register.remove(text, _BY)
        except ValueError as error:
            raise UsageError(str(error)) from None
        except LookupError as error:
            raise UsageError(f"{error}; see: izer-bridge {self.what} list") from None

    async def show(self, console: Printer, *, as_json: bool) -> None:
        """Print who is important now."""
        shown = await self.register.listed()
        if as_json:
            console.json([self._plain(one) for one in shown])
        elif shown:
            self._print(shown, console)
        else:
            console.print("There are none.")

    def _plain(self, one: Shown) -> dict[str, object]:
        how = one.treatment
        is_vip = self.what == "vip"
        return {
            ("customer" if is_vip else "jid"): one.address or None,
            "name": one.name,
            **({"type": one.customer_type} if is_vip else {}),
            "priority": str(how.priority),
            "answer_within_minutes": how.answer_within_minutes,
            "agent": how.agent,
            "escalate": how.is_raised,
            "source": one.source,
            "changed_by": one.changed_by,
            "changed_at": one.changed_at,
        }

    def _print(self, shown: Sequence[Shown], console: Printer) -> None:
        is_vip = self.what == "vip"
        columns = [text("name"), text("number or LID" if is_vip else "jid")]
        columns += [fixed("type", from_width=100)] if is_vip else []
        columns += [
            fixed("priority"),
            number("within"),
            text("agent"),
            fixed("raised"),
            fixed("from"),
        ]
        console.listing(
            columns,
            [
                (
                    *(one.name, one.address),
                    *((one.customer_type or "",) if is_vip else ()),
                    *(str(one.treatment.priority), _within(one.treatment.answer_within_minutes)),
                    *(one.treatment.agent or "", "yes" if one.treatment.is_raised else "no"),
                    one.source,
                )
                for one in shown
            ],
        )


def _within(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes} min"


def customers(config: Config) -> TypedRegister:
    """The important customers."""
    return TypedRegister(customer_register(config, lambda: customers_at(config.store_url)), "vip")


def groups(config: Config) -> TypedRegister:
    """The critical groups."""
    return TypedRegister(group_register(config, lambda: groups_at(config.store_url)), "group")
