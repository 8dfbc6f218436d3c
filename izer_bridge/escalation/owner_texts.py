"""The Turkish texts about a waiting customer for the owner; pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from izer_bridge.domain.correspondent import Correspondent
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.durations import in_one_unit
from izer_bridge.domain.escalation import Why
from izer_bridge.domain.quoted_text import excerpt

_WHO = {
    Why.VIP: "VIP müşteri",
    Why.GROUP: "Kritik grup",
    Why.URGENT: "Acil mesaj",
    Why.DANGER: "TEHLİKE bildiren müşteri",
}
_DANGERS = {
    Danger.FIRE: "yangın",
    Danger.INJURY: "yaralanma",
    Danger.BATTERY: "batarya",
    Danger.RIDE: "sürüş güvenliği",
    Danger.THEFT: "hırsızlık",
}
_FOR = ("dakikadır", "saattir", "gündür")


@dataclass(frozen=True, slots=True)
class WaitingCustomer:
    """A waiting customer. `number` is theirs in E.164, if known.

    `words` and `dangers` are the first message's, `more` counts those after it.
    """

    escalation_id: int
    why: Why
    chat_name: str
    sender_name: str
    number: str | None
    is_lid_only: bool
    is_group: bool
    words: str
    since: datetime
    more: int
    dangers: tuple[Danger, ...] = ()

    @property
    def who(self) -> Correspondent:
        name = self.sender_name if self.is_group else self.chat_name or self.sender_name
        group = self.chat_name if self.is_group else None
        return Correspondent(name, self.number or "", self.is_lid_only, group)

    @property
    def link(self) -> str | None:
        """A link that opens the chat; a group has none, nor has a person known only by LID."""
        if self.is_group or self.number is None:
            return None
        return f"https://wa.me/{self.number.removeprefix('+')}"


def subject(case: WaitingCustomer, now: datetime) -> str:
    return f"{_WHO[case.why]} {in_one_unit(now - case.since, _FOR)} yanıt bekliyor: {case.who}"


def text(case: WaitingCustomer, now: datetime, zone: tzinfo) -> str:
    """A message of a few lines."""
    since = case.since.astimezone(zone)
    day = "" if since.date() == now.astimezone(zone).date() else f"{since:%d.%m.} "
    dangers = ", ".join(_DANGERS[danger] for danger in case.dangers)
    lines = [
        f"{'🚨' if case.why is Why.DANGER else '⏰'} {subject(case, now)}",
        f"Konu: {dangers}. Lütfen hemen arayın." if dangers else "",
        case.who.in_group,
        f"İlk mesaj: {day}{since:%H:%M}",
        f"«{excerpt(case.words) or '(yazısız mesaj)'}»",
        f"Sonra {case.more} mesaj daha geldi." if case.more else "",
        f"Yanıtlamak için: {case.link}" if case.link else "Yanıtlamak için sohbeti açın.",
        f"(Uyarı no: {case.escalation_id})",
    ]
    return "\n".join(line for line in lines if line)


def as_event(case: WaitingCustomer, now: datetime) -> dict[str, Any]:
    """The data of the webhook's event `escalation.raised`."""
    return {
        "id": case.escalation_id,
        "why": str(case.why),
        "dangers": [str(danger) for danger in case.dangers],
        "chat": case.chat_name,
        "sender": case.sender_name,
        "number": case.number,
        "is_group": case.is_group,
        "message": excerpt(case.words),
        "since": case.since.isoformat(),
        "waited_seconds": round((now - case.since).total_seconds()),
        "more_messages": case.more,
        "link": case.link,
    }
