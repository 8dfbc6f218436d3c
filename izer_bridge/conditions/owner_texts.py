"""The Turkish texts about the bridge itself for the owner; pure."""

from datetime import datetime, tzinfo

from izer_bridge.domain.condition import ConditionName
from izer_bridge.domain.durations import in_one_unit

_UNITS = ("dakika", "saat", "gün")
_SCAN = (
    "Bağlantı sayfasındaki kodu ya da sunucuda `sudo izer-bridge link` komutunun gösterdiği kodu "
    "dükkânın telefonuyla okutun (WhatsApp → Bağlı cihazlar → Cihaz bağla)."
)
_ROOM = "Sunucunun diskinde yer açın (eski yedekler, `media` klasörü)."
# Its subject, what is wrong, and what to do.
_TEXTS: dict[ConditionName, tuple[str, str, str]] = {
    ConditionName.LOGGED_OUT: (
        "WhatsApp bağlantısı kaldırıldı",
        "Telefon bu bağlı cihazı kaldırmış: yeni mesajlar alınmıyor.",
        _SCAN,
    ),
    ConditionName.BANNED: (
        "WhatsApp bu numarayı geçici olarak yasakladı",
        "Yasak bitene kadar mesaj alınmıyor ve gönderilmiyor.",
        "Bekleyin: yasak bitince köprü kendiliğinden bağlanır. Acil işler için müşterileri arayın.",
    ),
    ConditionName.REPLACED: (
        "WhatsApp bağlantısını başka bir program kullanıyor",
        "Mesajlar bu sunucuya gelmiyor.",
        "O programı durdurun, sonra sunucuda: systemctl restart izer-bridge",
    ),
    ConditionName.OUTDATED: (
        "WhatsApp bu sürümü kabul etmiyor",
        "Mesajlar alınmıyor.",
        "Köprüyü yeni sürüme yükseltin: sudo make upgrade",
    ),
    ConditionName.PASSKEY_WANTED: (
        "WhatsApp geçiş anahtarı istiyor",
        "Köprü bu hesaba bağlanamıyor: mesajlar alınmıyor.",
        "Yedekteki oturumu geri yükleyin: izer-bridge restore",
    ),
    ConditionName.REFUSED: (
        "WhatsApp bağlantıyı reddetti",
        "Mesajlar alınmıyor.",
        "Nedeni günlükte yazar: journalctl -u izer-bridge; sonra köprüyü yeniden başlatın.",
    ),
    ConditionName.WHATSAPP_SILENT: (
        "WhatsApp'tan 10 dakikadır ses yok",
        "Sunucu WhatsApp'a ulaşamıyor: mesajlar gecikiyor.",
        "Sunucunun internet bağlantısına bakın; sürerse köprüyü yeniden başlatın.",
    ),
    ConditionName.SENDING_STOPPED: (
        "WhatsApp mesaj göndermeyi durdurdu",
        "Gelen mesajlar alınıyor, ama bu numaradan yanıt gönderilmiyor.",
        "Müşterilere telefondan yanıt verin. Süre dolunca kendiliğinden sürer; Bağlantı "
        "sayfasındaki “Göndermeye devam et” ya da `izer-bridge outbox resume` hemen başlatır.",
    ),
    ConditionName.DISK_FULL: (
        "Sunucunun diski dolu",
        "Hiçbir şey kaydedilemiyor; mesajlar WhatsApp'ta bekliyor.",
        _ROOM,
    ),
    ConditionName.DISK_LOW: (
        "Sunucunun diski dolmak üzere",
        "Disk dolarsa mesajlar kaydedilemez.",
        _ROOM,
    ),
    ConditionName.INBOX_REFUSES: (
        "Gelen mesajlar diske yazılamıyor",
        "Yeni mesajlar WhatsApp'ta bekliyor.",
        f"{_ROOM} Yer varsa diskin sağlam olduğuna bakın: izer-bridge doctor",
    ),
    ConditionName.STORE_AWAY: (
        "Veritabanına ulaşılamıyor",
        "Gelen mesajlar sunucuda bekliyor; değerlendirilmiyor ve yanıtlanmıyor.",
        "Veritabanını yeniden başlatın; köprü sonra kendiliğinden sürdürür.",
    ),
    ConditionName.STORE_DAMAGED: (
        "Veritabanı dosyası bozuk",
        "Gelen mesajlar sunucuda bekliyor; değerlendirilmiyor ve yanıtlanmıyor.",
        "Son yedeği geri yükleyin: izer-bridge restore --database-only",
    ),
    ConditionName.OPENAI_REFUSED: (
        "OpenAI anahtarı kabul edilmiyor",
        "Mesajlar yalnızca yerel olarak değerlendiriliyor.",
        "OPENAI_API_KEY değerini düzeltin ya da hesabın bakiyesine bakın, sonra yeniden başlatın.",
    ),
    ConditionName.DANGER_OPEN: (
        "Tehlike bildiren müşteri bekliyor",
        "Bir müşteri tehlike bildirdi ve ona henüz kimse yanıt vermedi.",
        "Hemen arayın, sonra Panodan kapatın.",
    ),
    ConditionName.BRIDGE_STOPPED: (
        "Köprü çalışmıyor",
        "Mesajlar alınmıyor.",
        "Sunucuda: systemctl start izer-bridge",
    ),
    ConditionName.BRIDGE_SILENT: (
        "Köprü yanıt vermiyor",
        "Program çalışıyor, ama sorulara yanıt vermiyor.",
        "Birkaç dakika bekleyin; sürerse sunucuda: systemctl restart izer-bridge",
    ),
    ConditionName.PORT_TAKEN: (
        "Köprünün portunu başka bir program kullanıyor",
        "Mesajlar işleniyor, ama komutlar ve sayfalar köprüye ulaşamıyor.",
        "O programı durdurun (izer-bridge doctor adını söyler) ya da api.port ayarını değiştirin.",
    ),
    ConditionName.CLOCK_WRONG: (
        "Sunucunun saati yanlış",
        "Bekleme süreleri ve saatler doğru hesaplanamıyor.",
        "Sunucuda: sudo timedatectl set-ntp true",
    ),
    ConditionName.NOT_LINKED: (
        "Henüz hiçbir telefon bağlı değil",
        "Mesajlar alınmıyor.",
        _SCAN,
    ),
    ConditionName.WRONG_PHONE: (
        "Kodu başka bir telefon okuttu",
        "O telefon geri çevrildi; dükkânın telefonu hâlâ bağlı değil.",
        "Kodu dükkânın telefonuyla okutun ya da whatsapp.number ayarını düzeltin.",
    ),
    ConditionName.DISCONNECTED: (
        "WhatsApp bağlantısı koptu",
        "Gelen mesajlar WhatsApp'ta bekliyor; köprü kendiliğinden yeniden bağlanıyor.",
        "Sürerse sunucunun internet bağlantısına ve whatsapp.proxy ayarına bakın.",
    ),
    ConditionName.PHONE_AWAY: (
        "Telefondan uzun süredir iz yok",
        "Telefon 14 gün kullanılmazsa WhatsApp bağlantıyı kaldırır.",
        "Dükkânın telefonunda WhatsApp'ı açın.",
    ),
    ConditionName.CHATS_LIMITED: (
        "WhatsApp bazı sohbetlere mesaj göndertmiyor",
        "O sohbetlere köprüden yanıt gitmiyor.",
        "Orada telefondan yanıt verin; kendiliğinden düzelir ya da: izer-bridge chat resume",
    ),
    ConditionName.SENDS_UNCERTAIN: (
        "Gidip gitmediği belli olmayan yanıtlar var",
        "Müşteri yanıtı almış da olabilir, almamış da.",
        "Telefonda o sohbetlere bakın, sonra sunucuda: izer-bridge outbox list ve outbox drop",
    ),
    ConditionName.SENDS_FAILED: (
        "Gönderilemeyen yanıtlar var",
        "Son 24 saatte bazı yanıtlar gönderilemedi.",
        "Telefondan yanıt verin; nedenleri: izer-bridge outbox list --all",
    ),
    ConditionName.GAPS_OPEN: (
        "Eksik mesajlar var",
        "WhatsApp'ta olan bazı mesajlar köprüye ulaşmadı.",
        "O sohbetleri telefonda açın; aşağıda listelenirler.",
    ),
    ConditionName.EVENTS_SET_ASIDE: (
        "Kaydedilemeyen olaylar var",
        "WhatsApp'tan gelen bazı olaylar okunamadı ve kenara ayrıldı.",
        "Aşağıdan yeniden deneyin; yine olmazsa türünü bildirin ve yeni sürümden sonra deneyin.",
    ),
    ConditionName.DEAD_LETTERS: (
        "Hiçbir ajanın alamadığı mesajlar var",
        "Son 24 saatte bazı mesajlar işlenemedi.",
        "Nedenini giderin, sonra aşağıdan yeniden deneyin.",
    ),
    ConditionName.AGENT_DOWN: (
        "Bir ajan yanıt vermiyor",
        "Mesajlar yeniden denenmek üzere bekliyor.",
        "Ajanı çalıştırın ya da agents ayarındaki url değerini düzeltin: izer-bridge doctor",
    ),
    ConditionName.OPENAI_FAILING: (
        "OpenAI yanıt vermiyor",
        "Mesajlar şimdilik yerel olarak değerlendiriliyor; her mesajda yeniden deneniyor.",
        "Sürerse sunucunun internet bağlantısına ve openai.base_url ayarına bakın.",
    ),
    ConditionName.BUDGET_SPENT: (
        "OpenAI için günlük bütçe bitti",
        "Gece yarısına kadar mesajlar yerel olarak değerlendiriliyor.",
        "Bir şey yapmanız gerekmez; isterseniz openai.daily_cap_usd ayarını yükseltin.",
    ),
    ConditionName.ESCALATIONS_OPEN: (
        "Uzun süredir bekleyen müşteriler var",
        "Bir kişinin yanıtını gereğinden uzun bekliyorlar.",
        "Panodan ya da telefondan yanıt verin.",
    ),
    ConditionName.DRAFTS_WAITING: (
        "Onay bekleyen taslaklar var",
        "Bu yanıtlar bir kişi onaylamadan gönderilmez.",
        "Panodan onaylayın, düzeltin ya da reddedin.",
    ),
}
_N = ConditionName
# What somebody is called for, by e-mail or webhook.
TOLD = frozenset(
    {
        *(_N.LOGGED_OUT, _N.BANNED, _N.REPLACED, _N.OUTDATED, _N.PASSKEY_WANTED, _N.REFUSED),
        *(_N.WHATSAPP_SILENT, _N.SENDING_STOPPED, _N.DISK_FULL, _N.DISK_LOW, _N.INBOX_REFUSES),
        *(_N.STORE_AWAY, _N.STORE_DAMAGED, _N.OPENAI_REFUSED),
    }
)


def told(name: ConditionName) -> tuple[str, str, str]:
    """What is wrong in a few words, what that means, and what to do."""
    return _TEXTS[name]


def begun_subject(name: ConditionName) -> str:
    return f"İzer Bridge: {_TEXTS[name][0]}"


def ended_subject(name: ConditionName) -> str:
    return f"İzer Bridge: düzeldi – {_TEXTS[name][0]}"


def begun_text(name: ConditionName, since: datetime, zone: tzinfo) -> str:
    title, so, do = _TEXTS[name]
    return f"⚠️ {title} ({_moment(since, zone)}).\n{so}\n\nNe yapmalı: {do}"


def ended_text(name: ConditionName, since: datetime, until: datetime, zone: tzinfo) -> str:
    title, *_ = _TEXTS[name]
    span = f"{_moment(since, zone)} – {_moment(until, zone)}"
    return f"✅ Düzeldi: {title}.\n{span} arasında ({in_one_unit(until - since, _UNITS)})."


def _moment(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%d.%m. %H:%M}"
