"""The demo's invented shop day: three chats of history, then a dozen messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from izer_bridge.simulator import content
from izer_bridge.simulator.content import Content
from izer_bridge.simulator.history import Chat, OldMessage
from izer_bridge.simulator.people import Group, Person
from izer_bridge.simulator.simulator import Simulator

VIP_NUMBER, CRITICAL_GROUP = "+905551110001", "İzer Management"

_JPEG = b"\xff\xd8\xff\xe0 a picture of a wheel"
_REPAIR = (
    "Merhaba, elektrikli bisikletimi bakıma bırakmıştım",
    "Merhaba Ayşe Hanım, fren balataları yarın geliyor",
    "Tamam, haber verirseniz sevinirim",
    "Tabii, hazır olunca yazarız",
)
_ORDER = (
    "Hello, do you ship gravel bikes to Izmir?",
    "Hello! Yes, within three days",
    "Great, I would like the 54 cm one",
)
_TEAM = ("Yarın sabah sayım var", "Tamam, dokuzda buradayım", "Kasa raporu da lazım")


@dataclass(frozen=True)
class Step:
    """One message: who writes what, and where if not directly."""

    sender: Person
    content: Content
    to: Group | None = None


class DemoDay:
    """The people of the demo with their earlier and present messages."""

    def __init__(self, whatsapp: Simulator) -> None:
        contact = whatsapp.contact
        self.ayse = contact(VIP_NUMBER, "Ayşe Yılmaz", "100000000000001", addressed_by="lid")
        self.tom = contact("+447700900123", "Tom Baker")
        self.jonas = contact("+4915550100200", "Jonas Weber", "100000000000003")
        self.emre = contact("+905551110004", "Emre Kaya")
        self.team = whatsapp.group(CRITICAL_GROUP, [self.ayse, self.emre], [whatsapp.phone])

    def history(self, now: datetime) -> dict[Chat, list[OldMessage]]:
        """Every second message is the shop's."""
        return {
            self.ayse: _chat(_REPAIR, self.ayse, now - timedelta(days=2)),
            self.tom: _chat(_ORDER, self.tom, now - timedelta(days=1)),
            self.team: _chat(_TEAM, self.emre, now - timedelta(hours=20)),
        }

    def steps(self) -> Iterator[Step]:
        ayse, tom, jonas, emre = self.ayse, self.tom, self.jonas, self.emre
        yield Step(emre, content.text("Merhaba, 28 jant şehir bisikletiniz var mı, fiyatı ne?"))
        yield Step(ayse, content.text("Bisikletimin freni çalışmıyor, acil yardım lazım!"))
        yield Step(tom, content.text("I want to order the 54 cm frame today, can I pay by card?"))
        yield Step(jonas, content.text("Mein E-Bike zeigt Fehler 504, was soll ich tun?"))
        yield Step(emre, content.image(_JPEG, "Jantım böyle eğrildi, düzelir mi?"))
        yield Step(ayse, content.voice(b"OggS"))
        yield Step(emre, content.text("Kasa programı çöktü, ödeme alamıyoruz!"), self.team)
        yield Step(tom, content.text("Still no answer. This is the worst service ever."))
        yield Step(jonas, content.document(b"%PDF-1.7", "rechnung.pdf", "Hier ist die Rechnung"))
        yield Step(emre, content.location(40.99, 29.03, "Kadıköy"))
        yield Step(ayse, content.text("Yarın saat 15:00 için randevu alabilir miyim?"))
        yield Step(jonas, content.text("Vielen Dank, alles bestens! 👍"))


def _chat(texts: tuple[str, ...], partner: Person, start: datetime) -> list[OldMessage]:
    return [
        OldMessage(
            content.text(words), start + timedelta(minutes=place), None if place % 2 else partner
        )
        for place, words in enumerate(texts)
    ]
