"""General questions; what the shop has not written down is said to be unknown."""

from izer_bridge.agents.topic import Topic

TOPICS = (
    Topic(
        "hours",
        ("saat", "acik", "kapali", "adres", "nerede", "konum", "open", "close", "hours", "address")
        + ("where", "geoffnet", "offnungszeit", "adresse"),
        tr="Çalışma saatleri veya adresle ilgili sorunuzu aldık. Bende onaylı bir bilgi olmadığı "
        "için ekibimizin yanıtlaması gerekiyor.",
        en="We have received your question about our hours or address. I have no confirmed "
        "information on it, so our team needs to answer.",
        de="Wir haben Ihre Frage zu Öffnungszeiten oder Adresse erhalten. Mir liegt dazu keine "
        "bestätigte Auskunft vor; das muss unser Team beantworten.",
        next_step="Saat veya adres bilgisini müşteriye yazın.",
    ),
    Topic(
        "price",
        ("fiyat", "ucret", "lira", "indirim", "taksit", "price", "cost", "discount", "much")
        + ("preis", "kostet", "kosten", "rabatt"),
        tr="Fiyat sorunuzu aldık. Size yanlış bilgi vermemek için fiyatı ekibimizin "
        "doğrulaması gerekiyor. İlgilendiğiniz model ve ölçüyü belirtir misiniz?",
        en="We have received your question about a price. So as not to give you a wrong one, our "
        "team needs to confirm it. Which model and size are you interested in?",
        de="Wir haben Ihre Preisfrage erhalten. Damit Sie keine falsche Auskunft bekommen, "
        "muss unser Team ihn bestätigen. Um welches Modell und welche Größe geht es?",
        next_step="Güncel fiyatı müşteriye yazın.",
    ),
    Topic(
        "stock",
        ("stok", "stog", "mevcut", "stock", "available", "vorratig", "lager", "verfugbar"),
        tr="Stok sorunuzu aldık. Güncel durumu ekibimizin kontrol etmesi gerekiyor. Hangi model, "
        "beden ve rengi aradığınızı belirtir misiniz?",
        en="We have received your question about stock. Our team needs to check it. "
        "Which model, size and colour are you looking for?",
        de="Wir haben Ihre Frage zur Verfügbarkeit erhalten. Das muss unser Team prüfen. "
        "Welches Modell, welche Größe und Farbe suchen Sie?",
        next_step="Stoğu kontrol edin ve müşteriye yazın.",
    ),
    Topic(
        "thanks",
        ("tesekkur", "sagol", "eyvallah", "thank", "thx", "danke", "vielen"),
        tr="Rica ederiz, her zaman yazabilirsiniz.",
        en="You are welcome; write to us any time.",
        de="Gern geschehen; schreiben Sie uns jederzeit.",
        next_step="Yapılacak bir şey yok.",
        confidence=0.7,
        needs_human=False,
        most_words=3,
    ),
    Topic(
        "other",
        (),
        tr="Mesajınızı aldık ve ekibimize ilettik. Bu konuda onaylı bir bilgim olmadığı için sizi "
        "yanıltmak istemem.",
        en="We have received your message and passed it to our team. I have no confirmed "
        "information on this and do not want to mislead you.",
        de="Wir haben Ihre Nachricht erhalten und an unser Team gegeben. Mir liegt dazu keine "
        "bestätigte Auskunft vor und ich möchte Sie nicht in die Irre führen.",
        next_step="Mesajı okuyun ve müşteriye dönün.",
        confidence=0.3,
    ),
)
