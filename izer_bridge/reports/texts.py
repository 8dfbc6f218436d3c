"""What a report says, in Turkish and English, with each language's numbers; pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from izer_bridge.domain.plain_text import line
from izer_bridge.reports.report import PeriodName
from izer_bridge.web.language import Language
from izer_bridge.web.value_names import CATEGORY_NAMES, SENTIMENT_NAMES

_MICRO = 1_000_000
# That it is a complaint is known.
_OF_ALL = frozenset({"complaint", "other"})
_MINUTE, _HOUR = 60, 3_600


@dataclass(frozen=True, slots=True)
class ReportTexts:
    """`{}` stands for a number, a name or a time. `units` are of seconds, minutes and hours."""

    title: str
    periods: Mapping[PeriodName, str]
    span: str
    compared: str
    since: str
    columns: tuple[str, str, str]
    messages: str
    customers: str
    by_shop: str
    by_bridge: str
    first_median: str
    first_p90: str
    median: str
    p90: str
    answers: str
    late: str
    cost: str
    hours_note: str
    by_category: str
    by_sentiment: str
    by_agent: str
    complaints: str
    by_hour: str
    hour: str
    none: str
    other: str
    topics: Mapping[str, str]
    weekdays: tuple[str, ...]
    categories: Mapping[str, str]
    sentiments: Mapping[str, str]
    units: tuple[str, str, str]
    waiting_now: str
    late_now: str
    choose: str
    chart: str
    table: str
    marks: tuple[str, str]
    percent: str


_TR = ReportTexts(
    title="Rapor",
    periods={
        PeriodName.TODAY: "Bugün",
        PeriodName.WEEK: "Bu hafta",
        PeriodName.MONTH: "Bu ay",
        PeriodName.YESTERDAY: "Dün",
        PeriodName.LAST_WEEK: "Geçen hafta",
        PeriodName.LAST_MONTH: "Geçen ay",
    },
    span="{} – {}",
    compared="Karşılaştırılan: {}",
    since="Sayım {} tarihinde başladı; öncesi bilinmiyor.",
    columns=("Bu dönem", "Önceki", "Değişim"),
    messages="Müşteri mesajı",
    customers="Yazan müşteri",
    by_shop="Dükkânın mesajı",
    by_bridge="Köprünün mesajı",
    first_median="İlk yanıt: ortanca",
    first_p90="İlk yanıt: onda dokuzu en çok",
    median="Her yanıt: ortanca",
    p90="Her yanıt: onda dokuzu en çok",
    answers="Yanıt",
    late="Geciken yanıt",
    cost="Maliyet",
    hours_note="Yanıt süreleri açılış saatleriyle, bir kişinin yanıtına kadar; ±%5.",
    by_category="Konuya göre",
    by_sentiment="Duyguya göre",
    by_agent="Ajana göre",
    complaints="Şikâyet konuları",
    by_hour="Güne ve saate göre müşteri mesajı",
    hour="Saat",
    none="Yok",
    other="Diğer",
    topics={
        "appointment": "Randevu",
        "brakes": "Fren",
        "callback": "Geri arama",
        "chain": "Zincir",
        "charging": "Şarj",
        "delivery": "Teslimat",
        "duration": "Süre",
        "e_bike": "Elektrikli bisiklet",
        "fault": "Arıza",
        "gears": "Vites",
        "hours": "Açılış saatleri",
        "invoice": "Fatura",
        "noise": "Ses",
        "order": "Sipariş",
        "payment": "Ödeme",
        "price": "Fiyat",
        "ready": "Hazır mı",
        "return": "İade",
        "stock": "Stok",
        "suspension": "Amortisör",
        "tube": "Lastik",
        "visit": "Dükkâna geliş",
        "warranty": "Garanti",
        "wheel": "Jant",
    },
    weekdays=("Pzt", "Sal", "Çar", "Per", "Cum", "Cmt", "Paz"),
    categories=CATEGORY_NAMES[Language.TR],
    sentiments=SENTIMENT_NAMES[Language.TR],
    units=("sn", "dk", "sa"),
    waiting_now="Şu an bekleyen",
    late_now="Bunlardan geciken",
    choose="Dönem",
    chart="Grafik: {}",
    table="Sayılar",
    marks=(".", ","),
    percent="%{}",
)
_EN = ReportTexts(
    title="Report",
    periods={
        PeriodName.TODAY: "Today",
        PeriodName.WEEK: "This week",
        PeriodName.MONTH: "This month",
        PeriodName.YESTERDAY: "Yesterday",
        PeriodName.LAST_WEEK: "Last week",
        PeriodName.LAST_MONTH: "Last month",
    },
    span="{} – {}",
    compared="Compared with: {}",
    since="Counting began on {}; nothing is known of before.",
    columns=("This period", "Before", "Change"),
    messages="Customers' messages",
    customers="Customers who wrote",
    by_shop="Messages of the shop",
    by_bridge="Messages of the bridge",
    first_median="First answer: median",
    first_p90="First answer: nine in ten within",
    median="Any answer: median",
    p90="Any answer: nine in ten within",
    answers="Answers",
    late="Late answers",
    cost="Cost",
    hours_note="Answer times in opening hours, until a person answered; ±5%.",
    by_category="By category",
    by_sentiment="By sentiment",
    by_agent="By agent",
    complaints="Complaints by topic",
    by_hour="Customers' messages by weekday and hour",
    hour="Hour",
    none="None",
    other="Other",
    topics={},
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    categories=CATEGORY_NAMES[Language.EN],
    sentiments=SENTIMENT_NAMES[Language.EN],
    units=("s", "min", "h"),
    waiting_now="Waiting now",
    late_now="Late among them",
    choose="Period",
    chart="Chart: {}",
    table="Figures",
    marks=(",", "."),
    percent="{}%",
)
REPORT_TEXTS = {Language.TR: _TR, Language.EN: _EN}


def by_topic(complaints: Mapping[str, int], texts: ReportTexts) -> Mapping[str, int]:
    """How many by what they are about, as people call it; agents name topics as programs do."""
    found: Counter[str] = Counter()
    for topic, count in complaints.items():
        about = [one for one in topic.split("+") if one not in _OF_ALL]
        named = (texts.topics.get(one, line(one).replace("_", " ")) for one in about)
        found[", ".join(named) or texts.other] += count
    return found


def number(value: int | Decimal, texts: ReportTexts) -> str:
    """`1.234,5` in Turkish, `1,234.5` in English."""
    groups, point = texts.marks
    return f"{value:,}".translate({ord(","): groups, ord("."): point})


def money(micro_usd: int, texts: ReportTexts) -> str:
    cents = (Decimal(micro_usd) / _MICRO).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{number(cents, texts)} USD"


def percent(share: float, texts: ReportTexts) -> str:
    """With its sign: `+%12`, `-%3`; `+12%`, `-3%`."""
    rounded = round(share * 100)
    sign = "+" if rounded > 0 else "-" if rounded < 0 else ""
    return sign + texts.percent.format(number(abs(rounded), texts))


def duration(seconds: int, texts: ReportTexts) -> str:
    """`45 sn`, `12 dk`, `3 sa 20 dk`."""
    second, minute, hour = texts.units
    if seconds < _MINUTE:
        return f"{seconds} {second}"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} {minute}"
    rest = seconds % _HOUR // _MINUTE
    hours = f"{number(seconds // _HOUR, texts)} {hour}"
    return f"{hours} {rest} {minute}" if rest else hours


def day_time(moment: datetime) -> str:
    return f"{moment:%d.%m.%Y %H:%M}"
