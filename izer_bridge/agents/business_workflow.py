"""Orders, deliveries, appointments, complaints and faults: what the shop does next."""

from izer_bridge.agents.topic import Topic

TOPICS = (
    Topic(
        "danger",
        ("fren", "kaza", "dustum", "yaral", "brake", "accident", "crash", "injur")
        + ("brems", "unfall", "verletz", "gesturzt"),
        tr="Mesajınızı aldık ve ekibimize öncelikli olarak ilettik. Güvenliğiniz için bisiklet "
        "kontrol edilene kadar lütfen kullanmayın. Yaralanma varsa 112'yi arayın.",
        en="We have received your message and passed it to our team with priority. For your "
        "safety please do not ride the bicycle until it has been checked. If anybody is hurt, "
        "call 112.",
        de="Wir haben Ihre Nachricht erhalten und vorrangig an unser Team gegeben. Bitte fahren "
        "Sie zu Ihrer Sicherheit nicht, bis das Rad geprüft ist. Bei Verletzungen wählen Sie "
        "bitte 112.",
        next_step="Müşteriyi hemen arayın; bisikletin kullanılmadığından emin olun.",
        confidence=0.8,
        min_urgency=7,
    ),
    Topic(
        "complaint",
        ("sikayet", "rezalet", "berbat", "complain", "unacceptable", "beschwer", "unverschamt"),
        tr="Yaşadığınız sorun için üzgünüz. Mesajınızı ekibimize ilettik. Sipariş veya servis "
        "numaranızı ve varsa bir fotoğrafı yazarsanız inceleme kolaylaşır.",
        en="We are sorry about the trouble. We have passed your message to our team. Your order "
        "or service number and a photo, if you have one, would help us to look into it.",
        de="Es tut uns leid, dass es Ärger gibt. Wir haben Ihre Nachricht an unser Team gegeben. "
        "Ihre Bestell- oder Servicenummer und, wenn möglich, ein Foto helfen uns bei der Prüfung.",
        next_step="Şikâyeti inceleyin ve müşteriye bizzat dönün.",
        confidence=0.7,
        categories=frozenset({"complaint"}),
    ),
    Topic(
        "return",
        ("iade", "degisim", "refund", "return", "exchange", "ruckgabe", "umtausch", "erstatt"),
        tr="İade veya değişim talebinizi aldık. Sipariş numaranızı ve sebebini yazar mısınız? "
        "Nasıl ilerleneceğine ekibimizin bakması gerekiyor.",
        en="We have received your request for a return or exchange. Could you send us the order "
        "number and the reason? How to proceed is for our team to say.",
        de="Wir haben Ihre Anfrage zu Rückgabe oder Umtausch erhalten. Nennen Sie uns bitte die "
        "Bestellnummer und den Grund? Wie es weitergeht, muss unser Team klären.",
        next_step="İade koşullarını kontrol edin ve müşteriye dönün.",
    ),
    Topic(
        "payment",
        ("fatura", "odeme", "havale", "iban", "taksit", "invoice", "payment", "paid")
        + ("rechnung", "zahlung", "bezahl", "uberweis"),
        tr="Ödeme veya fatura ile ilgili mesajınızı aldık. Sipariş numaranızı yazar mısınız? "
        "Güvenliğiniz için lütfen buraya kart bilgisi yazmayın.",
        en="We have received your message about a payment or invoice. Could you send us the "
        "order number? For your safety please do not write card details here.",
        de="Wir haben Ihre Nachricht zu Zahlung oder Rechnung erhalten. Nennen Sie uns bitte die "
        "Bestellnummer? Schreiben Sie zu Ihrer Sicherheit keine Kartendaten in den Chat.",
        next_step="Ödeme kaydını kontrol edin ve müşteriye dönün.",
    ),
    Topic(
        "order",
        ("siparis", "kargo", "teslim", "gonderi", "order", "deliver", "shipment", "tracking")
        + ("bestell", "liefer", "versand", "paket"),
        tr="Siparişinizle ilgili mesajınızı aldık. Sipariş numaranızı yazar mısınız? Durumuna "
        "ekibimizin bakması gerekiyor.",
        en="We have received your message about your order. Could you send us the order number? "
        "Its status is for our team to check.",
        de="Wir haben Ihre Nachricht zu Ihrer Bestellung erhalten. Nennen Sie uns bitte die "
        "Bestellnummer? Den Stand muss unser Team prüfen.",
        next_step="Siparişin durumunu kontrol edin ve müşteriye yazın.",
        confidence=0.7,
    ),
    Topic(
        "appointment",
        ("randevu", "servis", "bakim", "tamir", "appointment", "service", "repair", "maintenance")
        + ("termin", "wartung", "inspektion", "reparatur", "reparier"),
        tr="Servis talebinizi aldık. Bisikletin markasını, modelini, sorunu ve size uyan günleri "
        "yazar mısınız? Randevu, ekibimizin onayıyla kesinleşir.",
        en="We have received your service request. Could you tell us the bicycle's make and "
        "model, the problem, and the days that suit you? A time holds once our team confirms it.",
        de="Wir haben Ihre Serviceanfrage erhalten. Nennen Sie uns bitte Marke und Modell, das "
        "Problem und passende Tage? Ein Termin gilt erst, wenn unser Team ihn bestätigt.",
        next_step="Servis takvimini kontrol edip müşteriye zaman önerin.",
        confidence=0.7,
    ),
    Topic(
        "fault",
        (),
        tr="Sorununuzu aldık. Bisikletin markasını ve modelini, sorunun ne zaman başladığını ve "
        "varsa kısa bir video veya fotoğraf gönderir misiniz?",
        en="We have received your report. Could you send us the bicycle's make and model, when "
        "the problem began, and a short video or photo if you can?",
        de="Wir haben Ihre Meldung erhalten. Senden Sie uns bitte Marke und Modell, seit wann das "
        "Problem besteht und, wenn möglich, ein kurzes Video oder Foto?",
        next_step="Arızayı değerlendirin ve müşteriye dönün.",
        confidence=0.5,
        categories=frozenset({"technical"}),
    ),
    Topic(
        "other",
        (),
        tr="Mesajınızı aldık ve ekibimize ilettik. Konuyla ilgili eklemek istediğiniz bir bilgi "
        "varsa buraya yazabilirsiniz.",
        en="We have received your message and passed it to our team. If there is anything to add, "
        "please write it here.",
        de="Wir haben Ihre Nachricht erhalten und an unser Team gegeben. Wenn Sie etwas ergänzen "
        "möchten, schreiben Sie es gern hier.",
        next_step="Mesajı okuyun ve müşteriye dönün.",
        confidence=0.4,
    ),
)
