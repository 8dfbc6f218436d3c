"""What the pages for searching and reading say, in Turkish and English; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from izer_bridge.search.words import LONGEST_TERMS, MOST_TERMS, WhyNot
from izer_bridge.web.language import Language
from izer_bridge.web.value_names import CATEGORY_NAMES


@dataclass(frozen=True, slots=True)
class SearchTexts:
    """`{}` stands for a name, a number or a time."""

    title: str
    words: str
    hint: str
    person: str
    category: str
    any_category: str
    since: str
    until: str
    best: str
    search: str
    nothing: str
    nothing_yet: str
    more: str
    export: str
    results: str
    open_board: str
    older: str
    newer: str
    newest: str
    history: str
    beginning: str
    shop: str
    customer: str
    first_text: str
    gap: str
    answered: str
    answers: str
    by: str
    urgency: str
    categories: Mapping[str, str]
    wrong: Mapping[WhyNot, str]


_TR = SearchTexts(
    title="Arama",
    words="Sözcükler",
    hint="Sözcüklerin başı yeter; İ/ı, ş/s ayırmaz: “fren” yazınca “frenim” de bulunur.",
    person="Yazan (ad ya da numara)",
    category="Konu",
    any_category="Hepsi",
    since="Başlangıç",
    until="Bitiş",
    best="En uygun önce",
    search="Ara",
    nothing="Hiçbir mesajda bulunmadı.",
    nothing_yet="Yeni mesajlarda bulunmadı; “Sonrakiler” daha eskilere bakar.",
    more="Sonrakiler",
    export="Excel dosyası olarak al",
    results="Bulunan mesajlar",
    open_board="Panoda aç",
    older="Daha eskiler",
    newer="Daha yeniler",
    newest="En yeniler",
    history="Yazışma: {}",
    beginning="Yazışmanın başı",
    shop="Dükkân",
    customer="Müşteri",
    first_text="Önce: {}",
    gap="Burada bir mesaj eksik; telefondan bakın.",
    answered="Yanıtlandı",
    answers="Yanıtladığı mesaj",
    by="gönderen: {}",
    urgency="aciliyet {}/10",
    categories=CATEGORY_NAMES[Language.TR],
    wrong={
        WhyNot.NO_WORD: "En az iki harfli bir sözcük yazın.",
        WhyNot.TOO_LONG: f"En çok {LONGEST_TERMS} harf aranır.",
        WhyNot.TOO_MANY: f"En çok {MOST_TERMS} sözcük aranır.",
        WhyNot.NOBODY: "Bu adda ya da numarada kimse yok.",
        WhyNot.NO_DAY: "Tarih anlaşılmadı; örnek: 2026-03-31.",
        WhyNot.NO_CATEGORY: "Böyle bir konu yok.",
    },
)
_EN = SearchTexts(
    title="Search",
    words="Words",
    hint="What words begin with is enough, in any spelling: “fren” finds “frenim”, too.",
    person="Written by (name or number)",
    category="Category",
    any_category="All",
    since="From",
    until="Until",
    best="Best first",
    search="Search",
    nothing="No message has that.",
    nothing_yet="Not among the newer messages; “Next” looks further back.",
    more="Next",
    export="Take it as an Excel file",
    results="Messages found",
    open_board="Open on the board",
    older="Older",
    newer="Newer",
    newest="Latest",
    history="Conversation: {}",
    beginning="Beginning of the conversation",
    shop="Shop",
    customer="Customer",
    first_text="Before: {}",
    gap="A message is missing here; look on the phone.",
    answered="Answered",
    answers="The message that it answers",
    by="sent by {}",
    urgency="urgency {}/10",
    categories=CATEGORY_NAMES[Language.EN],
    wrong={
        WhyNot.NO_WORD: "Type a word of two letters or more.",
        WhyNot.TOO_LONG: f"At most {LONGEST_TERMS} letters are searched for.",
        WhyNot.TOO_MANY: f"At most {MOST_TERMS} words are searched for.",
        WhyNot.NOBODY: "Nobody has this name or number.",
        WhyNot.NO_DAY: "This is no day; an example: 2026-03-31.",
        WhyNot.NO_CATEGORY: "There is no such category.",
    },
)
SEARCH_TEXTS = {Language.TR: _TR, Language.EN: _EN}
