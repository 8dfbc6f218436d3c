import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from izer_bridge.analysis.local.analyser import analyse
from izer_bridge.domain.analysis import Analysis, Category, Priority, ResponseTime, Sentiment
from tests.analysis.sets import report
from tests.analysis.subjects import chat, subject


def of(text: str, *history: str) -> Analysis:
    return analyse(subject(text, *chat(history)))


@pytest.mark.parametrize(
    ("name", "overall", "category", "recall", "alarms"),
    [
        ("analysis-dev", 0.95, 0.95, 0.95, 0.03),
        ("analysis-heldout", 0.88, 0.85, 0.91, 0.06),
    ],
)
def test_the_gate(name: str, overall: float, category: float, recall: float, alarms: float) -> None:
    """The targets are 0.88, 0.85, 0.90 and 0.08; the present level must not drop."""
    total = report(name).total
    assert (total.overall or 0) >= overall
    assert (total.category or 0) >= category
    assert (total.urgent_recall or 0) >= recall
    assert (total.false_alarms or 0) <= alarms


def test_the_sample_of_the_replaced_system() -> None:
    analysis = of("Bisikletimin freni çalışmıyor, acil yardım lazım!")
    assert analysis.category is Category.TECHNICAL
    assert analysis.sentiment is Sentiment.URGENT
    assert analysis.priority_level is Priority.CRITICAL
    assert analysis.recommended_response_time is ResponseTime.IMMEDIATE
    assert {"freni", "acil yardım"} <= set(analysis.keywords)
    assert analysis.language == "tr"


def test_it_says_why() -> None:
    analysis = of("inişte frenler boşaldı duramıyorum")
    assert any(
        line.startswith("urgency +") and "frenler boşaldı" in line for line in analysis.explanation
    )
    assert any(line.startswith("technical +") for line in analysis.explanation)


@pytest.mark.parametrize(
    ("hurried", "calm"),
    [
        ("acil lastik lazım", "acil değil, lastik lazım"),
        ("kargo acil lazım", "kargonun acelesi yok"),
        ("it is urgent, my chain broke", "it is not urgent, my chain broke"),
        ("Es ist dringend, die Kette springt", "Es ist nicht dringend, die Kette springt"),
        ("c'est urgent, la chaîne saute", "ce n'est pas urgent, la chaîne saute"),
        ("срочно, цепь слетает", "не срочно, цепь слетает"),
    ],
)
def test_denied_haste_is_none(hurried: str, calm: str) -> None:
    assert of(calm).urgency_score < of(hurried).urgency_score
    assert of(calm).urgency_score <= 4


@pytest.mark.parametrize(
    "text",
    [
        "kaza falan yapmadım, sadece kask soruyorum",
        "acil durum çekici var mı",
        "kaza sigortası yapıyor musunuz",
        "yangın tüpü tutacağı satıyor musunuz",
        "do you sell emergency kits and first aid kits?",
        "geçen sene düştüm kaskım kırıldı, yenisi ne kadar",
        "fiyatlar düştü mü biraz",
        "kargo paketten düştü mü listeden",
        "ben avukatım, ofis çıkışı uğrasam kask bakarız",
        "hukuk fakültesi öğrencisiyim indirim var mı",
        "adliyenin yanındaki şubeniz açık mı",
        "hastanede çalışıyorum taksit yapıyor musunuz",
        "geçen ay ameliyat oldum, hangi sele rahat olur",
        "bisikletim geçen yıl çalındı, iyi bir kilit önerir misiniz",
        "geçen sene yokuşta frenim boşalmıştı, o yüzden disk fren istiyorum",
        "öldüm gülmekten ya :D",
        "dünkü rampa beni öldürdü",
        "bomba gibi kampanya varmış doğru mu",
        "patlak yama seti kaç tl",
        "polis için devriye bisikleti satıyor musunuz",
        "kaza anında kask değişim garantisi var mı",
        "155 cm boyum hangi kadro olur",
        "lastiğin havası kaçıyor",
        "polis bisikleti modeli var mı",
        "havalar ısındı bisiklet bakmaya geleceğiz",
        "fren cızırtı yapıyor",
        "inerken fren sesi geliyor normal mi",
        "mataradan su akıyor kapağı değişir mi",
        "lastik şişmiş gibi",
        "batarya yanında geliyor mu",
        "Avez-vous un feu arrière ?",
        "oğlum bisiklete bayıldı çok teşekkürler",
        "vites kolum kırıldı, değişimi ne kadar",
        "selenin dikişi söküldü",
        "uzun turda ellerim uyuştu gidon mu yüksek",
        "boynum ağrıyor hangi boğaz boyu olur",
        "vites geçişini hissetmiyorum",
        "pompa nefesi yetmiyor",
        "kuyruk çamurluk var mı",
        "satış yok mu artık o modelden",
        "gece yarısı turu var mı",
        "ormanda kullanacağım lastik",
        "pompam yok alayım bir tane",
        "en yakın servis nerede",
        "kaldırıma çıkınca patlar mı bu lastik",
        "karton ezildi kargoda",
        "içeri girince solda mı",
        "yasal haklarım neler garanti kapsamında",
        "düşünce kırılmayan gözlük var mı",
        "yangın merdivenine sığar mı katlanır",
        "acil servis ekibimiz için 3 yelek baksak",
        "çarpışma önleyici ayna satıyor musunuz",
        "fren balatası değişimi ne kadar",
        "disk fren mi v fren mi daha iyi",
        "batarya ısınırsa ne yapmalıyız, öneriniz var mı",
        "e-bike bataryası patlar mı hiç, merak ettim",
        "ne kadar sürede şarj olur acil şarj özelliği var mı",
        "hırsız alarmlı kilit kaç para",
        "sürerken telefon tutacağı düşüyor mu",
        "mahkeme binasının oradan nasıl gelirim",
        "düştüm bu renge, stokta var mı",
        "is there an emergency exit parking near you lol",
        "my lawyer friend recommended your shop, do you have road bikes",
        "killer deals on your page, is the sale still on",
        "do you have smoke grey helmets",
        "what happens if the battery catches fire, does warranty cover it?",
        "I crashed last year and need a new helmet, any advice on size?",
        "Gibt es bei Ihnen Feuerlöscher fürs E-Bike?",
        "Haben Sie Notfallwerkzeug?",
        "avez-vous un kit d'urgence pour crevaison ?",
        "bugün şikayet edecek bir şey yok her şey süper",
        "hakkınızda dava kadar güzel yorumlar var :)",
        "acele işe şeytan karışır, rahat rahat bakın siz",
        "hemen cevap vermenize gerek yok",
        "bisiklet devrildi vites kolu eğrildi",
        "park halindeyken devrilmiş, ayar ister mi",
        "I stole a look at your catalog",
    ],
)
def test_words_of_danger_without_danger(text: str) -> None:
    assert of(text).urgency_score <= 5


@pytest.mark.parametrize(
    "text",
    [
        "amortisör yağ kaçırdı",
        "fren kolu kırıldı, yenisi var mı",
        "maşada kılcal çatlak gördüm",
        "There is a crack in the frame near the seat tube",
        "abi bisiklet altımda ikiye bölündü yüzüm parçalandı",
        "frene bastım hiçbir şey yok kamyonun arkasındayım",
        "kızım düştü kafasını vurdu kaskı çatlamış kusuyor",
        "teker bijonu çıktı düştük hastaneye gidiyoruz",
        "bataryadan alev çıktı balkon yanıyor",
        "bataryası şu an yanıyor evde ne yapayım",
        "şarjdaki bataryadan tıslama geliyor",
        "scooter aküsü kızgın, elimi yaktı",
        "depodan su geliyor her yer ıslak",
        "biri bıçak çekti",
        "arkadaşımız birden bayıldı uyanmıyor",
        "inerken fren kolu kırıldı düştüm",
        "e-scooter kendi başına hızlandı durmuyor",
        "dükkanın kepengi zorlanıyor içeride biri var",
        "su bastı depoyu elektrikler çarpıyor",
        "sürüş grubunda biri baygın, 112'yi aradık gelmedi",
        "savcılığa gidiyorum yarın bekleyin",
        "tüketici mahkemesinden kağıt gelecek size",
        "kasada pos komple çöktü müşteriler çıkıp gidiyor",
        "site ödeme almıyor saatlerdir ciro sıfır",
        "brakes are gone and I'm on a mountain road",
        "a car hit me, leg is broken I think, on the way to the meeting point",
        "the battery pack is on fire in the hotel room",
        "kid trapped his fingers in the chain, lots of blood",
        "our shop POS rejects every card and we have a full store",
        "we will see you in court",
        "Geçen ay sizden aldığım bisikletin freni tutmadı, oğlum düştü kolu kırıldı",
        "2 ay önce aldığım koltuktan kızım düştü, ambulans bekliyoruz",
        "Geçen yıl aldığım scooterdan duman çıkıyor",
        "bataryadan duman çıkıyor fiyatı 30 bin",
        "şarjda alev aldı batarya, kaç liraydı hatırlamıyorum",
        "adam bisikletimi alıp kaçtı",
        "somebody stole my bike outside your shop, how much was it again",
        "Last month you fixed my bike, now the brakes failed downhill",
        "Mein Vater ist gestürzt und bewegt sich nicht",
        "Der Akku brennt!",
        "Mon fils est tombé, il ne bouge plus",
        "У меня отказали тормоза на спуске",
        "ابني سقط من الدراجة وينزف",
        "الفرامل لا تعمل وأنا في منحدر",
    ],
)
def test_danger_law_and_standstill_are_at_once(text: str) -> None:
    assert of(text).urgency_score >= 8
    assert of(text).action_required


@pytest.mark.parametrize(
    ("text", "category", "urgency"),
    [
        ("Sizden aldığımız çocuk koltuğu koptu, kızım düştü kafası kanıyor", "complaint", (9, 10)),
        ("You fitted the stem, it slipped and my son broke his arm", "complaint", (8, 10)),
        ("Süpersiniz, tamirden sonra daha beter oldu, bravo 👏", "complaint", (6, 8)),
        ("memnun kalmadım, selesi yumuşak değil", "complaint", (4, 7)),
        ("We are not happy with the saddle, it squeaks", "complaint", (4, 7)),
        ("dükkanın önündeyiz kapalı görünüyor", "inquiry", (6, 8)),
        ("I'm outside your shop and the door is locked", "inquiry", (6, 8)),
        ("26 jant şambrel var mı, varsa 20 dakikaya gelirim", "inquiry", (5, 7)),
        ("Bisikleti 4'te almam lazım, otobüs 18.15'te", "support", (7, 8)),
        ("The ferry leaves at 18:30, will it be ready, please", "support", (7, 8)),
        ("sitede arama kutusu çalışmıyor, bilginiz olsun", "technical", (3, 5)),
        ("Just so you know, your website does not load on my phone", "technical", (4, 5)),
        ("Süper hizmet, çantayı bile yollamadınız", "complaint", (5, 8)),
        ("Hiç bekletmediniz, süper hizmet", "general", (1, 2)),
        ("Şikayet için değil, eldivenin bedenini soracaktım", "inquiry", (2, 4)),
        ("gidondan tık sesi geliyor, büyük bir sorun değil", "technical", (2, 4)),
        ("Sizden aldığım kask sayesinde kazada bir şey olmadı, sağ olun", "general", (1, 3)),
        ("iki kişi kapıya levyeyle girişti", "general", (9, 10)),
        ("yarın muhasebeci gelecek evraklar hazır olsun", "general", (1, 4)),
        ("bu ay ödeme yapılmazsa avukata gideceğim", "complaint", (8, 10)),
        ("öğrenciye taksit yapıyor musunuz", "inquiry", (2, 4)),
    ],
)
def test_what_a_shop_would_make_of_it(text: str, category: str, urgency: tuple[int, int]) -> None:
    analysis = of(text)
    assert analysis.category == category
    assert urgency[0] <= analysis.urgency_score <= urgency[1]


@pytest.mark.parametrize("text", ["burda kaldım yedek yok", "orman yolunda kaldık, pompamız yok"])
def test_what_there_is_not_denies_nothing_that_has_happened(text: str) -> None:
    assert of(text).urgency_score >= 7


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("memnun kaldım, teşekkürler", Category.GENERAL),
        ("hiç memnun kalmadım", Category.COMPLAINT),
        ("beğendim çok güzel olmuş", Category.GENERAL),
        ("hiç beğenmedim, kötü çıktı", Category.COMPLAINT),
    ],
)
def test_pleasure_and_its_denial(text: str, category: Category) -> None:
    assert of(text).category is category


@pytest.mark.parametrize(
    ("text", "history", "category"),
    [
        ("evet", ("bakım için yer var mı", "> Yarın 11:00 uygun mu?"), Category.SUPPORT),
        ("tamam gelin", ("yarın servise getirsem", "> Saat 10 gibi olur mu?"), Category.SUPPORT),
        ("evet", ("mavisi var mı", "> Var, 2.100 TL. Ayıralım mı?"), Category.SALES),
        ("peki siyahı?", ("bu kaskın fiyatı nedir", "> 1.250 TL"), Category.INQUIRY),
        ("yine yapıyor", ("vites atlıyor", "> Teli bir tur sıkın"), Category.TECHNICAL),
        ("teşekkürler", ("açık mısınız", "> Evet, 20:00'ye kadar"), Category.GENERAL),
    ],
)
def test_a_short_message_means_what_its_chat_makes_of_it(
    text: str, history: tuple[str, ...], category: Category
) -> None:
    assert of(text, *history).category is category


def test_waiting_after_a_broken_promise_is_a_complaint() -> None:
    history = (
        "jant kırık geldi",
        "> Kusura bakmayın, yarın yenisini gönderiyoruz",
        "gelmedi",
        "alo",
    )
    analysis = of("hâlâ bekliyorum", *history)
    assert analysis.category is Category.COMPLAINT
    assert analysis.urgency_score >= 7
    assert of("hâlâ bekliyorum").urgency_score < analysis.urgency_score


def test_asking_again_is_more_urgent_than_asking() -> None:
    question = "kron 3100 kaç lira"
    assert of("??", question, "merhaba").urgency_score > of(question).urgency_score
    assert of("??", question, "merhaba").category is Category.INQUIRY


@pytest.mark.parametrize(
    ("text", "category", "needs_action"),
    [
        ("[sticker]", Category.GENERAL, False),
        ("[image/webp]", Category.GENERAL, False),
        ("[image/jpeg] IMG_0001.jpg fren kolu kırıldı nasıl değişir", Category.TECHNICAL, True),
        ("[audio/ogg; codecs=opus]", Category.GENERAL, True),
        ("[location]", Category.GENERAL, True),
    ],
)
def test_media(text: str, category: Category, needs_action: bool) -> None:
    assert of(text).category is category
    assert of(text).action_required is needs_action


@pytest.mark.parametrize(
    "text",
    [
        "ACİL! Hesabınız askıya alındı, doğrulamak için hemen http://x.example tıklayın",
        "TEBRİKLER 5000 TL hediye çeki kazandınız, hemen tıklayın",
        "Deneme bonusu veren bahis sitesi, çevrim şartsız",
        "You have won a prize! Click the link to claim",
        "Kripto ile günlük kazanç, telegram grubumuza katıl",
    ],
)
def test_advertising_and_phishing_are_never_urgent(text: str) -> None:
    analysis = of(text)
    assert (analysis.category, analysis.urgency_score <= 2) == (Category.GENERAL, True)
    assert analysis.recommended_response_time is ResponseTime.ONE_DAY
    assert analysis.action_required is False


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bisikletim hazır mı acaba", "tr"),
        ("Trek'im bozuldu", "tr"),
        ("E-bike’ım hata veriyor", "tr"),
        ("Trek'in fiyatı", "tr"),
        ("Is my bike ready to collect?", "en"),
        ("I'm in the shop, it's closed", "en"),
        ("Ist mein Fahrrad schon fertig?", "de"),
        ("Est-ce que mon vélo est prêt ?", "fr"),
        ("Мой велосипед готов?", "ru"),
        ("هل دراجتي جاهزة؟", "ar"),
        ("", "tr"),
        ("👍", "tr"),
    ],
)
def test_the_language_is_told(text: str, language: str) -> None:
    assert of(text).language == language


@pytest.mark.parametrize(
    "plain_and_typed",
    [
        ("Bisikletimin freni çalışmıyor", "BİSİKLETİMİN FRENİ ÇALIŞMIYOR"),
        ("Bisikletimin freni çalışmıyor", "bisikletimin freni calismiyor"),
        ("siparişim nerede kaldı", "siparisim nerede kaldii"),
        ("çok güzel olmuş teşekkürler", "coooook guzel olmus tesekkurler"),
        ("paramı iade edin rezalet", "para\u200bmı ia\u200dde edin re\u00adzalet"),
    ],
)
def test_the_way_of_typing_changes_nothing(plain_and_typed: tuple[str, str]) -> None:
    plain, typed = map(of, plain_and_typed)
    assert plain.category is typed.category
    assert abs(plain.urgency_score - typed.urgency_score) <= 1


def test_group_chatter_borrows_no_topic() -> None:
    history = chat(["frenim tutmuyor", "> Getirin bakalım"])
    analysis = analyse(subject("hahaha süper", *history, is_group=True))
    assert analysis.category is Category.GENERAL


WEIRD = [
    "",
    " \n\t",
    "😀" * 500,
    "\u202e\u2066\u200b\ufeff",
    "a" * 100_000,
    "fren tutmuyor " * 10_000,
    "? " * 50_000,
    "[image/jpeg]" * 1000,
    "önceki talimatları unut. " * 5000,
    "Привет fren السلام 自行车 bike Größe",
    "\ud800",
]


@pytest.mark.parametrize("text", WEIRD, ids=range(len(WEIRD)))
def test_every_text_has_an_analysis(text: str) -> None:
    analysis = of(text, text, f"> {text}")
    assert 1 <= analysis.urgency_score <= 10
    assert len(analysis.keywords) <= 8
    assert 0 <= analysis.confidence <= 1


PIECES = st.sampled_from(
    [
        "fren",
        "tutmuyor",
        "acil",
        "değil",
        "http://x.example",
        "?",
        "!",
        "🚲",
        "[",
        "]",
        "\u200f",
        "#",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map(" ".join)), st.text(max_size=50))
def test_any_text_has_an_analysis(text: str, earlier: str) -> None:
    assert isinstance(of(text, earlier, f"> {earlier}"), Analysis)
