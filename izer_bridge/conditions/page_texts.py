"""What the page of link and health says, in Turkish and English; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from izer_bridge.domain.gap import GapReason
from izer_bridge.domain.link_state import SENTENCES, LinkState
from izer_bridge.web.language import Language

_S = LinkState


@dataclass(frozen=True, slots=True)
class HealthTexts:
    """`states` are the link's sentences. What has braces is filled in."""

    title: str
    link: str
    states: Mapping[LinkState, str]
    how: str
    before: str
    again: str
    seconds: str
    picture: str
    owner_only: str
    fresh: str
    phone_seen: str
    wrong: str
    all_well: str
    what_to_do: str
    exactly: str
    since: str
    send_again: str
    sends: str
    sure_sends: str
    error: str
    warning: str
    missing: str
    missing_what: str
    nothing_missing: str
    chat: str
    sender: str
    why: str
    when: str
    tries: str
    kind: str
    close: str
    closed: str
    dead: str
    dead_what: str
    no_dead: str
    aside: str
    aside_what: str
    no_aside: str
    retry: str
    retried: str
    retry_all: str
    sure: str
    more: str
    unknown: str
    machine: str
    store: str
    inbox: str
    works: str
    fails: str
    waits: str
    disk: str
    free: str
    backup: str
    no_backup: str
    version: str
    runs: str
    reasons: Mapping[GapReason, str]
    units: tuple[str, str, str]


_TR = HealthTexts(
    title="Bağlantı ve sağlık",
    link="WhatsApp bağlantısı",
    states={
        _S.STARTING: "Köprü başlıyor ve WhatsApp'a bağlanıyor.",
        _S.SCAN_QR_CODE: "Kodu dükkânın telefonuyla okutun.",
        _S.SCAN_AGAIN: "WhatsApp ikinci bir okutma istiyor.",
        _S.QR_EXPIRED: "Kodların süresi, bir telefon okutmadan doldu.",
        _S.PAIRING: "Kod okutuldu; telefon ile köprü birbirine bağlanıyor.",
        _S.CONNECTED: "Bağlı; mesajlar geliyor.",
        _S.DISCONNECTED: "WhatsApp bağlantısı koptu; kendiliğinden yeniden kuruluyor.",
        _S.UNREACHABLE: "WhatsApp'a ulaşılamıyor; köprü kendiliğinden yeniden deniyor.",
        _S.LOGGED_OUT: "Telefon bu bağlı cihazı kaldırdı; birazdan çıkacak kodu okutun.",
        _S.PHONE_GONE: "Telefondaki WhatsApp kapatıldı, taşındı ya da yasaklandı; orada WhatsApp'ı "
        "açın, sonra birazdan çıkacak kodu okutun.",
        _S.PHONE_AWAY: "Bağlı, ama telefondan uzun süredir iz yok; telefonda WhatsApp'ı açın.",
        _S.WRONG_NUMBER: "Kodu okutan telefonun numarası farklı, geri çevrildi; dükkânın "
        "telefonuyla okutun.",
        _S.REPLACED: "Bu bağlantıyı başka bir program kullanıyor; onu durdurun, sonra köprüyü "
        "yeniden başlatın.",
        _S.BANNED: "WhatsApp bu numarayı geçici olarak yasakladı; yasak bitince köprü "
        "kendiliğinden bağlanır.",
        _S.OUTDATED: "WhatsApp bu sürümü kabul etmiyor; köprüyü yükseltin.",
        _S.PASSKEY: "WhatsApp geçiş anahtarı istiyor; köprü bunu henüz veremiyor. Yedekteki "
        "oturum çalışır: izer-bridge restore",
        _S.REFUSED: "WhatsApp bağlantıyı reddetti; nedeni günlükte. Sonra yeniden başlatın.",
        _S.HELD: "Disk dolu: köprü WhatsApp'tan ayrıldı, mesajlar orada bekliyor. Yer açın.",
        _S.STOPPED: "Köprü durdu.",
    },
    how="Telefonda WhatsApp → Bağlı cihazlar → Cihaz bağla. Kamera uygulaması bu kodu açamaz.",
    before="Bu, resmî olmayan bir istemcidir; WhatsApp böyle bir numarayı yasaklayabilir. Telefon "
    "geçiş anahtarı isterse bu hesap şimdilik bağlanamaz.",
    again="Bir kez daha: bu yeni kodu okutun. Telefon “bağlantınızı kontrol edin” dese de.",
    seconds="saniye geçerli; sonra yenisi gelir",
    picture="WhatsApp'la okutulacak QR kodu",
    owner_only="Kodu yalnızca dükkân sahibi görür: sahibinin oturumuyla girin.",
    fresh="Yeni kod göster",
    phone_seen="Telefonun son bağlantısı",
    wrong="Yolunda olmayanlar",
    all_well="Her şey yolunda.",
    what_to_do="Ne yapmalı:",
    exactly="Ayrıntı",
    since="Başlangıç",
    send_again="Göndermeye devam et",
    sends="Gönderim sürüyor.",
    sure_sends="WhatsApp hâlâ sınırlıyorsa hesap yeniden kısıtlanabilir. Şimdi gönderilsin mi?",
    error="Hemen",
    warning="Bilginize",
    missing="Eksik mesajlar",
    missing_what="WhatsApp'ta olan, ama köprüye ulaşmayan mesajlar. O sohbeti telefonda açın; "
    "mesaj gelince satır kendiliğinden kaybolur.",
    nothing_missing="Eksik mesaj yok.",
    chat="Sohbet",
    sender="Gönderen",
    why="Neden",
    when="Ne zaman",
    tries="Deneme",
    kind="Tür",
    close="Halledildi",
    closed="Kapatıldı.",
    dead="İşlenemeyen mesajlar",
    dead_what="Son 7 günde hiçbir ajan bu mesajları alamadı. Nedenini giderin, sonra yeniden "
    "deneyin.",
    no_dead="Son 7 günde işlenemeyen mesaj yok.",
    aside="Kaydedilemeyen olaylar",
    aside_what="WhatsApp'tan gelen ve okunamayan olaylar. Yeni sürümden sonra yeniden deneyin.",
    no_aside="Kaydedilemeyen olay yok.",
    retry="Yeniden dene",
    retried="Yeniden deneniyor.",
    retry_all="Hepsini yeniden dene",
    sure="Hepsi yeniden denensin mi?",
    more="İlk {count} tanesi. Hepsi: {command}",
    unknown="Şu anda bilinmiyor: veritabanı yanıt vermiyor.",
    machine="Sunucu",
    store="Veritabanı",
    inbox="Gelen kutusu",
    works="çalışıyor",
    fails="yanıt vermiyor",
    waits="{count} olay bekliyor",
    disk="Disk",
    free="{free} boş, toplam {total}",
    backup="Son yedek",
    no_backup="yedek yok",
    version="Sürüm",
    runs="{time} süredir çalışıyor",
    reasons={
        GapReason.UNDECRYPTABLE: "Şifresi çözülemedi",
        GapReason.UNAVAILABLE: "WhatsApp bu cihaza vermedi",
        GapReason.AT_RISK: "Köprü durduğunda kaybolmuş olabilir",
        GapReason.ALREADY_DECRYPTED: "İkinci kez geldi, ilki kayıtlı değil",
        GapReason.FEWER_THAN_ANNOUNCED: "WhatsApp bildirdiğinden azını gönderdi",
    },
    units=("dk", "saat", "gün"),
)
_EN = HealthTexts(
    title="Link and health",
    link="Link to WhatsApp",
    states=SENTENCES
    | {
        _S.SCAN_QR_CODE: "Scan the code with the shop's phone.",
        _S.SCAN_AGAIN: "WhatsApp wants a second scan.",
        _S.QR_EXPIRED: "The codes ran out before a phone was linked.",
    },
    how="On the phone WhatsApp → Linked devices → Link a device. The camera's app cannot open it.",
    before="This is an unofficial client, and WhatsApp may ban a number that uses one. If the "
    "phone asks for a passkey, this account cannot be linked at present.",
    again="Once more: scan this new code, also if the phone says to check its connection.",
    seconds="seconds left; then a new one follows",
    picture="QR code to be scanned with WhatsApp",
    owner_only="Only the owner sees the code: log in as the owner.",
    fresh="Show a new code",
    phone_seen="Last sign of the phone",
    wrong="What is wrong",
    all_well="All is well.",
    what_to_do="What to do:",
    exactly="In detail",
    since="Since",
    send_again="Send again",
    sends="Sending goes on.",
    sure_sends="If WhatsApp still limits the account, it may be limited for longer. Send now?",
    error="Now",
    warning="To know",
    missing="Missing messages",
    missing_what="Messages that WhatsApp had and that did not reach the bridge. Open that chat on "
    "the phone; the line goes when the message comes.",
    nothing_missing="Nothing is missing.",
    chat="Chat",
    sender="Sender",
    why="Why",
    when="When",
    tries="Tries",
    kind="Kind",
    close="Dealt with",
    closed="Closed.",
    dead="Messages that no agent took",
    dead_what="Of the last 7 days. Mend the cause, then try them again.",
    no_dead="There are none of the last 7 days.",
    aside="Events that could not be recorded",
    aside_what="They came from WhatsApp and could not be read. Try them again after an upgrade.",
    no_aside="There are none.",
    retry="Try again",
    retried="It is tried again.",
    retry_all="Try all again",
    sure="Try all of them again?",
    more="The first {count}. All of them: {command}",
    unknown="Unknown at the moment: the database does not answer.",
    machine="This machine",
    store="Database",
    inbox="Inbox",
    works="works",
    fails="does not answer",
    waits="waiting events: {count}",
    disk="Disk",
    free="{free} free of {total}",
    backup="Last backup",
    no_backup="there is none",
    version="Version",
    runs="running for {time}",
    reasons={
        GapReason.UNDECRYPTABLE: "It could not be decrypted",
        GapReason.UNAVAILABLE: "WhatsApp did not give it to this device",
        GapReason.AT_RISK: "It may have been lost when the bridge ended",
        GapReason.ALREADY_DECRYPTED: "It came a second time, and the first is not here",
        GapReason.FEWER_THAN_ANNOUNCED: "WhatsApp sent fewer than it had announced",
    },
    units=("min", "h", "d"),
)
HEALTH_TEXTS = {Language.TR: _TR, Language.EN: _EN}
