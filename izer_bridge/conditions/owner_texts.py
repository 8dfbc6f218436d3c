"""The Turkish texts about the bridge itself for the owner; pure."""

from datetime import datetime, timedelta, tzinfo

from izer_bridge.domain.condition import ConditionName

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SCAN = (
    "Sunucuda `sudo izer-bridge link` komutunu çalıştırın ve çıkan kodu dükkânın telefonuyla "
    "okutun (WhatsApp → Bağlı cihazlar → Cihaz bağla)."
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
        "Müşterilere telefondan yanıt verin. Süre dolunca kendiliğinden sürer; "
        "`izer-bridge outbox resume` hemen başlatır.",
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
}
TOLD = frozenset(_TEXTS)


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
    return f"✅ Düzeldi: {title}.\n{span} arasında ({_lasted(until - since)})."


def _moment(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%d.%m. %H:%M}"


def _lasted(span: timedelta) -> str:
    if span >= 2 * _DAY:
        return f"{span // _DAY} gün"
    if span >= 2 * _HOUR:
        return f"{span // _HOUR} saat"
    return f"{max(span // _MINUTE, 1)} dakika"
