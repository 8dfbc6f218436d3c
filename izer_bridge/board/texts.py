"""What the board says, in Turkish and English; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from izer_bridge.conversations.conversation import ConversationStatus as Status
from izer_bridge.domain.danger import Danger
from izer_bridge.web.language import Language


@dataclass(frozen=True, slots=True)
class BoardTexts:
    """`{}` stands for a number, a duration or a name. `raised` is by an analysis' rule.

    `left` and `late` are said of the time until an answer is due, `units` of its minutes, hours and
    days.
    """

    title: str
    open: str
    filters: str
    statuses: Mapping[Status, str]
    list_name: str
    latest: str
    nobody: str
    more: str
    choose: str
    left: str
    late: str
    units: tuple[str, str, str]
    soon: str
    late_count: str
    unanswered: str
    urgency: str
    because: str
    raised: Mapping[str, str]
    dangers: Mapping[Danger, str]
    vip: str
    group: str
    critical_group: str
    draft: str
    on_its_way: str
    paused: str
    us: str
    sound: str
    needs_script: str
    keys: str
    key_list: Mapping[str, str]
    single_keys: str
    close: str


_TR = BoardTexts(
    title="Pano",
    open="Yanıt bekleyen",
    filters="Duruma göre",
    statuses={
        Status.NEEDS_FIRST_ANSWER: "İlk yanıtı bekliyor",
        Status.NEEDS_ANSWER: "Yanıt bekliyor",
        Status.WAITING_FOR_CUSTOMER: "Müşteride",
        Status.SNOOZED: "Ertelendi",
        Status.DONE: "Bitti",
    },
    list_name="Konuşmalar",
    latest="Az önce",
    nobody="Burada kimse yok.",
    more="Daha fazla göster",
    choose="Okumak ve yanıtlamak için bir konuşma seçin.",
    left="{} kaldı",
    late="{} gecikti",
    units=("dk", "sa", "gün"),
    soon="Yakında",
    late_count="{} gecikmiş",
    unanswered="{} yanıtsız mesaj",
    urgency="Aciliyet {}/10",
    because="çünkü",
    raised={"important customer": "VIP müşteri", "critical group": "kritik grup"},
    dangers={
        Danger.FIRE: "yangın",
        Danger.INJURY: "yaralanma",
        Danger.BATTERY: "batarya",
        Danger.RIDE: "sürüş güvenliği",
        Danger.THEFT: "hırsızlık",
    },
    vip="VIP",
    group="Grup",
    critical_group="Kritik grup",
    draft="Taslak hazır",
    on_its_way="Yanıt yolda",
    paused="Bot durduruldu",
    us="Dükkân",
    sound="Kritik mesajda sesli uyarı",
    needs_script="Pano JavaScript olmadan kendini yenileyemez ve karar alamaz.",
    keys="Klavye",
    key_list={
        "J / K": "sonraki / önceki konuşma",
        "Enter": "konuşmayı aç",
        "E": "yanıtı düzenle",
        "A": "taslağı gönder",
        "R": "taslağı reddet",
        "S": "ertele",
        "D": "bitti",
        "/": "ara",
        "Esc": "listeye dön",
        "?": "bu yardım",
    },
    single_keys="Tek tuşlu kısayollar açık",
    close="Kapat",
)
_EN = BoardTexts(
    title="Board",
    open="Waiting for us",
    filters="By status",
    statuses={
        Status.NEEDS_FIRST_ANSWER: "Needs first answer",
        Status.NEEDS_ANSWER: "Needs answer",
        Status.WAITING_FOR_CUSTOMER: "Waiting for customer",
        Status.SNOOZED: "Snoozed",
        Status.DONE: "Done",
    },
    list_name="Conversations",
    latest="Just now",
    nobody="Nobody is here.",
    more="Show more",
    choose="Choose a conversation to read and answer it.",
    left="{} left",
    late="{} late",
    units=("min", "h", "d"),
    soon="Soon",
    late_count="{} late",
    unanswered="Unanswered messages: {}",
    urgency="Urgency {}/10",
    because="because of",
    raised={"important customer": "a VIP", "critical group": "a critical group"},
    dangers={
        Danger.FIRE: "fire",
        Danger.INJURY: "injury",
        Danger.BATTERY: "battery",
        Danger.RIDE: "riding safety",
        Danger.THEFT: "theft",
    },
    vip="VIP",
    group="Group",
    critical_group="Critical group",
    draft="Draft ready",
    on_its_way="Answer on its way",
    paused="Bot paused",
    us="Shop",
    sound="Sound for critical messages",
    needs_script="Without JavaScript the board neither updates itself nor takes decisions.",
    keys="Keyboard",
    key_list={
        "J / K": "next / previous conversation",
        "Enter": "open the conversation",
        "E": "edit the answer",
        "A": "send the draft",
        "R": "refuse the draft",
        "S": "snooze",
        "D": "done",
        "/": "search",
        "Esc": "back to the list",
        "?": "this help",
    },
    single_keys="Single-key shortcuts are on",
    close="Close",
)
BOARD_TEXTS = {Language.TR: _TR, Language.EN: _EN}
