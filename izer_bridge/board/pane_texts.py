"""What the board says beside one conversation, in Turkish and English; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from izer_bridge.conversations.conversation import ConversationDecision
from izer_bridge.web.language import Language
from izer_bridge.writing.decide import WhyUnwritten


@dataclass(frozen=True, slots=True)
class PaneTexts:
    """Of one conversation. `decided` takes what, who and when.

    `why_not` says why nothing was sent; without it, the sentence that programs get is shown.
    """

    back: str
    history: str
    said: str
    nothing_said: str
    shop: str
    edited: str
    drafted: str
    answer: str
    send: str
    send_sure: str
    refuse: str
    refuse_sure: str
    refused: str
    sent: str
    quick: str
    no_quick: str
    file: str
    caption: str
    done: str
    reopen: str
    snooze: str
    snooze_hours: str
    tomorrow: str
    monday: str
    snooze_until: str
    wake: str
    pause: str
    resume: str
    wrong: str
    right_urgency: str
    right_category: str
    save: str
    saved: str
    decided: str
    decisions: Mapping[ConversationDecision, str]
    moved_on: str
    why_not: Mapping[str, str]


_TR = PaneTexts(
    back="Listeye dön",
    history="Tüm geçmiş",
    said="Son mesajlar",
    nothing_said="Henüz mesaj yok.",
    shop="Dükkân",
    edited="düzenlendi",
    drafted="Taslak ({}): göndermeden önce düzeltebilirsiniz",
    answer="Yanıtınız",
    send="Gönder",
    send_sure="Bu yanıt gönderilsin mi? Alıcı: {}",
    refuse="Taslağı reddet",
    refuse_sure="Taslak reddedilsin mi? Geri alınamaz.",
    refused="Taslak reddedildi.",
    sent="Yanıt yola çıktı.",
    quick="Hazır yanıtlar",
    no_quick="Bilgi dosyalarında hazır yanıt yok.",
    file="Fotoğraf veya PDF gönder",
    caption="Altına yazı",
    done="Bitti",
    reopen="Yeniden aç",
    snooze="Ertele",
    snooze_hours="{} saat sonra",
    tomorrow="Yarın sabah",
    monday="Pazartesi sabahı",
    snooze_until="Şu zamana kadar",
    wake="Ertelemeyi kaldır",
    pause="Botu durdur",
    resume="Botu sürdür",
    wrong="Yanlış mı?",
    right_urgency="Doğru aciliyet",
    right_category="Doğru kategori",
    save="Kaydet",
    saved="Kaydedildi.",
    decided="{} · {} · {}",
    decisions={
        ConversationDecision.DONE: "Bitti",
        ConversationDecision.REOPENED: "Yeniden açıldı",
        ConversationDecision.SNOOZED: "Ertelendi",
        ConversationDecision.WOKEN: "Erteleme kaldırıldı",
    },
    moved_on="Siz yazarken taslak değişti ya da kapandı. Yazdığınız duruyor.",
    why_not={
        WhyUnwritten.OTHER_NUMBER: "Gönderilmedi: bu sohbet, şimdi bağlı olan numaranın değil.",
        WhyUnwritten.OWN_CHAT: "Gönderilmedi: bu, dükkânın kendi sohbeti.",
        WhyUnwritten.BOT: "Gönderilmedi: karşıdaki bir bot.",
        WhyUnwritten.NO_PERSON: "Gönderilmedi: bu tür bir sohbette kimseye yanıt verilemez.",
        WhyUnwritten.NEW_CHAT: "Gönderilmedi: bu sohbette müşteri henüz hiç yazmadı.",
        WhyUnwritten.GROUP: "Gönderilmedi: gruba yalnızca kişiler yazar.",
        WhyUnwritten.CHAT_LIMITED: "WhatsApp bu sohbete göndermedi; telefondan yanıtlayın.",
        WhyUnwritten.ACCOUNT_LIMITED: "WhatsApp bu numaraya sınır koydu; telefondan yanıtlayın.",
        WhyUnwritten.PAUSED: "Gönderilmedi: bu sohbeti bir kişi yanıtlıyor.",
    },
)
_EN = PaneTexts(
    back="Back to the list",
    history="Whole history",
    said="Latest messages",
    nothing_said="No messages yet.",
    shop="Shop",
    edited="edited",
    drafted="Draft ({}): you may correct it before you send it",
    answer="Your answer",
    send="Send",
    send_sure="Send this answer? To: {}",
    refuse="Refuse the draft",
    refuse_sure="Refuse the draft? This cannot be undone.",
    refused="The draft was refused.",
    sent="The answer is on its way.",
    quick="Quick replies",
    no_quick="The knowledge files hold no quick replies.",
    file="Send a picture or PDF",
    caption="Caption",
    done="Done",
    reopen="Reopen",
    snooze="Snooze",
    snooze_hours="In {} h",
    tomorrow="Tomorrow morning",
    monday="Monday morning",
    snooze_until="Until",
    wake="End the snooze",
    pause="Pause the bot",
    resume="Resume the bot",
    wrong="Wrong?",
    right_urgency="Right urgency",
    right_category="Right category",
    save="Save",
    saved="Saved.",
    decided="{} · {} · {}",
    decisions={
        ConversationDecision.DONE: "Done",
        ConversationDecision.REOPENED: "Reopened",
        ConversationDecision.SNOOZED: "Snoozed",
        ConversationDecision.WOKEN: "Snooze ended",
    },
    moved_on="While you wrote, the draft changed or was closed. What you wrote is still here.",
    why_not={},
)
PANE_TEXTS = {Language.TR: _TR, Language.EN: _EN}
