"""E-bike error codes and the shop's own systems: the questions that a diagnosis begins with."""

from izer_bridge.agents.topic import Topic

TOPICS = (
    Topic(
        "e_bike",
        ("batarya", "aku", "sarj", "motor", "ekran", "firmware", "bosch", "shimano", "bafang")
        + ("battery", "charg", "display", "ebike", "akku", "lade", "anzeige", "yamaha"),
        tr="Mesajınızı aldık. Ekrandaki hata kodunu, motor ve batarya markasını, sorunun sürüşte "
        "mi şarjda mı çıktığını yazar mısınız? Bataryayı lütfen açmayın.",
        en="We have received your message. Could you tell us the error code on the display, the "
        "make of motor and battery, and whether it happens while riding or charging? Please do "
        "not open the battery.",
        de="Wir haben Ihre Nachricht erhalten. Nennen Sie uns bitte den Fehlercode auf der "
        "Anzeige, die Marke von Motor und Akku und ob es beim Fahren oder Laden auftritt? Bitte "
        "öffnen Sie den Akku nicht.",
        next_step="Hata kodunu üreticinin tablosunda arayın; batarya ısınmışsa servise alın.",
        confidence=0.6,
    ),
    Topic(
        "shop_system",
        ("api", "backend", "bug", "code", "database", "debug", "deploy", "error", "exception")
        + ("fehler", "frontend", "hata", "kod", "log", "server", "site", "sunucu", "uygulama")
        + ("veritaban", "web", "yazilim"),
        tr="Mesajınızı aldık. Hangi sayfada veya programda olduğunu, ekrandaki hata metnini, ne "
        "zaman başladığını ve tekrarlanıp tekrarlanmadığını yazar mısınız? Şifre yazmayın.",
        en="We have received your message. Could you tell us the page or program, the error's "
        "text, when it began, and whether it can be repeated? Please send no passwords.",
        de="Wir haben Ihre Nachricht erhalten. Nennen Sie uns bitte die Seite oder das Programm, "
        "den Fehlertext, seit wann es auftritt und ob es sich wiederholen lässt? Bitte senden Sie "
        "keine Passwörter.",
        next_step="Aynı saatteki günlük kayıtlarına bakın ve hatayı yeniden oluşturmayı deneyin.",
        confidence=0.6,
    ),
    Topic(
        "other",
        (),
        tr="Mesajınızı aldık. Sorunu adım adım, gördüğünüz hata metni veya bir ekran görüntüsü "
        "ile anlatır mısınız?",
        en="We have received your message. Could you describe the problem step by step, with the "
        "error's text or a screenshot?",
        de="Wir haben Ihre Nachricht erhalten. Beschreiben Sie uns bitte das Problem Schritt für "
        "Schritt, mit Fehlertext oder Bildschirmfoto?",
        next_step="Sorunu anlamak için müşteriden ayrıntı isteyin.",
        confidence=0.4,
    ),
)
