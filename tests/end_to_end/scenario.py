"""A shop's day on the simulated WhatsApp, with the rows that the store must have after it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from izer_bridge.simulator import content
from izer_bridge.simulator.content import Content
from izer_bridge.simulator.history import Chunk, OldMessage
from izer_bridge.simulator.people import Group, Person
from izer_bridge.simulator.simulator import Sent, Simulator

AYSE, MEHMET, HANS = "+905551112233", "+905551112244", "+4915550100266"
ZEYNEP_LID = "100000000000055"

# Ayşe is a VIP by her number in another spelling, Zeynep by her LID, Hans by a row of the table.
VIP_SETTING = ["0555 111 22 33", f"{ZEYNEP_LID}@lid"]
VIP_ROW = "0049 1555 0100266"
MANAGEMENT, SUPPLIERS, CYCLISTS = "İzer Management", "Tedarikçiler", "Pazar turu"

JPEG, PDF, OGG = b"\xff\xd8\xff\xe0 picture", b"%PDF-1.7 invoice", b"OggS voice"
WRITTEN = {"image": "image/jpeg", "document": "application/pdf", "sticker": "image/webp"}


def after_reading() -> datetime:
    """The time at which a person answers a new message; the shop's app answers at once."""
    return datetime.now(UTC) + timedelta(seconds=5)


@dataclass(frozen=True)
class Expected:
    """One row. `chat` is a group's JID, or its partner's number or LID, like `person`."""

    id: str
    chat: str
    person: str
    kind: str
    text: str
    from_me: bool = False
    origin: str = "live"
    skip: str | None = None
    is_vip: bool = False
    is_critical: bool = False


@dataclass
class Day:
    """Plays the messages one after the other and records what is expected of each, in order."""

    whatsapp: Simulator
    expected: list[Expected] = field(default_factory=list)

    def __post_init__(self) -> None:
        contact, group = self.whatsapp.contact, self.whatsapp.group
        self.ayse = contact(AYSE, "Ayşe", lid="100000000000033")
        self.mehmet = contact(MEHMET, "Mehmet", lid="100000000000044", addressed_by="lid")
        self.zeynep = contact("+905551112255", "Zeynep", ZEYNEP_LID, addressed_by="lid_only")
        self.hans = contact(HANS, "Hans")
        people = [self.ayse, self.mehmet]
        self.management = group(MANAGEMENT, people, [self.whatsapp.phone])
        self.suppliers = group(SUPPLIERS, people)
        self.cyclists = group(CYCLISTS, people)

    @property
    def environment(self) -> dict[str, str]:
        """The settings under which the bridge treats these people and groups as intended."""
        return {
            "IZER_VIP__NUMBERS": json.dumps(VIP_SETTING),
            "IZER_GROUPS__CRITICAL": json.dumps([MANAGEMENT, self.suppliers.jid]),
        }

    @property
    def dispatched(self) -> Sequence[Expected]:
        return [one for one in self.expected if one.skip is None]

    async def play_history(self) -> None:
        """Three chats: more than a context of 20 with Ayşe, some with Mehmet, and a group."""
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
        ayse = self._old(self.ayse, [None, self.ayse], 30, start)
        mehmet = self._old(self.mehmet, [self.mehmet, None], 12, start)
        group = self._old(self.management, [self.ayse, self.mehmet, None], 9, start)
        await self.whatsapp.send_history({self.ayse: ayse[:10]}, inline=True)
        await self.whatsapp.send_history(
            {self.ayse: ayse[5:], self.mehmet: mehmet, self.management: group}, Chunk.RECENT
        )
        await self.whatsapp.send_history({self.mehmet: []}, Chunk.PUSH_NAMES)

    def _old(
        self, chat: Person | Group, senders: list[Person | None], count: int, start: datetime
    ) -> list[OldMessage]:
        messages = [
            OldMessage(
                content.text(f"eski {number} — {chat.name}"),
                start + timedelta(minutes=number),
                senders[number % len(senders)],
            )
            for number in range(count)
        ]
        for old in messages:
            reason = "history" if old.sender else "own"
            self._expect(old.id, chat, old.sender, old.content, origin="history", skip=reason)
        return messages

    async def play_live(self) -> None:
        """Sixty messages of all kinds."""
        await self._play_direct()
        await self._play_groups()
        await self._play_noise()
        await self._play_conversation()

    async def _play_direct(self) -> None:
        first = await self.say(self.ayse, content.text("Merhaba, frenim tutmuyor 🚲"))
        await self.say(self.ayse, content.extended_text("Bu modelden var mı?", first.id))
        await self.say(self.ayse, content.ephemeral_text("Kaybolan mesaj"))
        await self.say(self.mehmet, content.image(JPEG, "Jant böyle oldu"))
        await self.say(self.mehmet, content.document(PDF, "fatura.pdf", "Faturam ekte"))
        await self.say(self.mehmet, content.document(PDF, "garanti.pdf"))
        await self.say(self.mehmet, content.video(b"movie", "Ses geliyor"))
        await self.say(self.zeynep, content.voice(OGG))
        await self.say(self.zeynep, content.audio(b"ID3"))
        await self.say(self.zeynep, content.sticker(b"RIFF"))
        await self.say(self.zeynep, content.location(41.0, 29.0, "Kadıköy"))
        await self.say(self.hans, content.contact_card("Jonas", "+4915550100299"))
        await self.say(self.hans, content.poll("Welche Farbe?", ["rot", "blau"]))
        await self.say(self.hans, content.unknown())
        await self.say(self.hans, content.empty(), skip="empty")
        await self.say(self.hans, content.text("Wann ist mein Fahrrad fertig? 中文 العربية"))
        # Only where nothing is analysed: else it is judged once or twice, depending on timing.
        hour = content.text("Yarın saat 3te gelirim")
        edited = await self.say(self.ayse, hour, self.cyclists, skip="group")
        edit = content.edit(edited.id, edited.chat, "Yarın saat 4te gelirim")
        await self.say(self.ayse, edit, self.cyclists, skip="protocol")
        gone = await self.say(self.ayse, content.text("Yanlış yazdım"))
        await self.say(self.ayse, content.revoke(gone.id, gone.chat), skip="protocol")
        thumb = content.reaction(first.id, first.chat, "👍")
        await self.say(self.ayse, thumb, skip="reaction")
        await self.say_own(self.ayse, content.text("Bugün bakarız."))
        await self.say_own(self.mehmet, content.image(JPEG, "Yenisi"))

    async def _play_groups(self) -> None:
        for number in range(3):
            await self.say(self.ayse, content.text(f"Toplantı {number}"), self.management)
        await self.say(self.mehmet, content.image(JPEG, "Rapor"), self.management)
        await self.say_own(self.management, content.text("Geliyorum"))
        for number in range(2):
            await self.say(self.mehmet, content.text(f"Sevkiyat {number}"), self.suppliers)
            await self.say(self.ayse, content.text(f"Rota {number}"), self.cyclists, skip="group")

    async def _play_noise(self) -> None:
        story = content.text("Tatildeyiz")
        sent = await self.whatsapp.status(self.ayse, story)
        self._expect_as(sent, "status@broadcast", self.ayse, skip="status")
        sent = await self.whatsapp.newsletter(content.text("Bülten"))
        self._expect_as(sent, sent.chat, None, skip="newsletter")

    async def _play_conversation(self) -> None:
        """Long enough to contain a context of 20; both sides write."""
        for number in range(26):
            if number % 3 == 2:
                await self.say_own(self.mehmet, content.text(f"Cevap {number}"))
            else:
                await self.say(self.mehmet, content.text(f"Soru {number}"))

    async def say(
        self, sender: Person, words: Content, to: Group | None = None, skip: str | None = None
    ) -> Sent:
        sent = await self.whatsapp.say(sender, words, to=to)
        self._expect(sent.id, to or sender, sender, words, skip=skip)
        return sent

    async def say_own(self, to: Person | Group, words: Content) -> Sent:
        sent = await self.whatsapp.say(self.whatsapp.phone, words, to=to)
        self._expect(sent.id, to, None, words, skip="own")
        return sent

    def _expect(
        self,
        identifier: str,
        chat: Person | Group,
        sender: Person | None,
        words: Content,
        *,
        origin: str = "live",
        skip: str | None,
    ) -> None:
        # Nobody asks WhatsApp who owns a history's groups; a JID counts by itself.
        is_critical = chat is self.suppliers or (chat is self.management and origin == "live")
        self.expected.append(
            Expected(
                id=identifier,
                chat=chat.jid if isinstance(chat, Group) else _known_as(chat),
                person=_known_as(sender or self.whatsapp.phone),
                kind=words.kind,
                text=words.text,
                from_me=sender is None,
                origin=origin,
                skip=skip,
                is_vip=sender in (self.ayse, self.zeynep, self.hans),
                is_critical=is_critical,
            )
        )

    def _expect_as(self, sent: Sent, chat: str, sender: Person | None, *, skip: str) -> None:
        self.expected.append(
            Expected(
                id=sent.id,
                chat=chat,
                person=_known_as(sender) if sender else "",
                kind=sent.content.kind,
                text=sent.content.text,
                skip=skip,
                is_vip=sender is self.ayse,
            )
        )


def _known_as(person: Person) -> str:
    return person.lid if person.addressed_by == "lid_only" else person.number
