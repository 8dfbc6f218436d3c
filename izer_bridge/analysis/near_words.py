"""Interprets what people and models write in place of our labels; it judges no message.

Each function returns a value that it cannot read unchanged, so that the validator reports it.
"""

import math
import re
from collections.abc import Iterator
from enum import StrEnum

from izer_bridge.domain.analysis import Category, Priority, ResponseTime, Sentiment, response_within
from izer_bridge.domain.folding import fold

_WORDS: dict[type[StrEnum], dict[StrEnum, str]] = {
    Category: {
        Category.TECHNICAL: "technical, teknik, tech, technisch, technik, ariza, repair, tamir",
        Category.SALES: "sales, sale, satis, verkauf, purchase, order, siparis, satin alma",
        Category.SUPPORT: "support, destek, kundendienst, service, servis, after sales, help",
        Category.COMPLAINT: "complaint, complaints, sikayet, beschwerde, reklamation",
        Category.INQUIRY: "inquiry, enquiry, question, soru, bilgi, information, info, anfrage",
        Category.GENERAL: "general, genel, allgemein, other, diger, spam, none, small talk",
    },
    Sentiment: {
        Sentiment.POSITIVE: "positive, pozitif, olumlu, positiv, happy, mutlu, satisfied",
        Sentiment.NEUTRAL: "neutral, notr, tarafsiz, mixed, karisik, calm, neutral to positive",
        Sentiment.NEGATIVE: "negative, negatif, olumsuz, negativ, angry, kizgin, frustrated, upset",
        Sentiment.URGENT: "urgent, acil, dringend, distress, distressed, panic, panik, very urgent",
    },
    Priority: {
        Priority.CRITICAL: "critical, kritik, urgent, acil, highest, very high, cok yuksek, "
        "emergency, blocker, kritisch, dringend, sehr hoch, p0, p1",
        Priority.HIGH: "high, yuksek, hoch, important, onemli, major, p2",
        Priority.NORMAL: "normal, medium, moderate, orta, mittel, standard, average, p3",
        Priority.LOW: "low, dusuk, niedrig, gering, minor, lowest, not urgent, acil degil, p4, p5",
    },
    ResponseTime: {
        ResponseTime.IMMEDIATE: "immediate, immediately, instant, now, right now, right away, "
        "asap, at once, hemen, derhal, acil, simdi, sofort, urgent",
        ResponseTime.ONE_HOUR: "hourly",
        ResponseTime.FOUR_HOURS: "today, same day, bugun, heute, ayni gun",
        ResponseTime.ONE_DAY: "tomorrow, next day, daily, yarin, morgen, ertesi gun, no rush",
    },
}
_MEANINGS = {
    kind: {said: one for one, many in words.items() for said in many.split(", ")}
    for kind, words in _WORDS.items()
}
_DENIED = re.compile(r"\b(?:not|no|non|degil|kein|keine|nicht)\b")
_LONGEST = 80

_NUMBERS = {"half": 0.5, "yarim": 0.5, "a": 1, "an": 1, "one": 1, "bir": 1, "eine": 1, "einer": 1}
_NUMBERS |= {"two": 2, "iki": 2, "zwei": 2, "three": 3, "uc": 3, "drei": 3}
_NUMBERS |= {"four": 4, "dort": 4, "vier": 4}
_UNITS = {"m": 1, "h": 60, "s": 60, "d": 24 * 60, "g": 24 * 60, "t": 24 * 60}
_DURATION = re.compile(
    rf"(?:(?P<from>\d+) ?(?:to|-|–) ?)?(?P<number>\d+(?:[.,]\d+)?|\b(?:{'|'.join(_NUMBERS)})\b|\b)"
    r" ?(?:(?P<m>min\w*|dk|dakika\w*)|(?P<h>h|hrs?|hours?|std|stunden?)|(?P<s>sa|saat\w*)"
    r"|(?P<d>d|days?)|(?P<g>gun\w*)|(?P<t>tage?n?))\b"
)
_SCORE = re.compile(
    r"(?P<score>\d{1,3}(?:[.,]\d{1,3})?)(?!\d)"
    r"(?:\s*(?:/|out of|uzerinden|von)\s*(?P<most>\d{1,3})(?!\d))?"
)
_SCORES = {Priority.LOW: 2, Priority.NORMAL: 5, Priority.HIGH: 8, Priority.CRITICAL: 9}
_SURE = {Priority.LOW: 0.3, Priority.NORMAL: 0.6, Priority.HIGH: 0.9}
_LANGUAGES = {"turk": "tr", "engl": "en", "ingi": "en", "deut": "de", "germ": "de", "alma": "de"}
_LANGUAGES |= {"arab": "ar", "arap": "ar", "russ": "ru", "rusc": "ru", "fren": "fr", "fran": "fr"}
_ANSWERS = {"evet": True, "ja": True, "gerekli": True, "hayir": False, "nein": False}


def _plain(value: object) -> str:
    """A short text folded, its separators as spaces; empty if it is not one."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return ""
    return " ".join(re.sub(r"[^\w.,/–-]|_", " ", fold(value)).split()).strip(" .,-")


def label_of(kind: type[StrEnum], value: object) -> object:
    """The label that a word in any case or in one of the shop's languages means."""
    said = _plain(value)
    known = _MEANINGS[kind]
    found = known.get(said) or known.get(re.sub(r"[^a-z0-9]+", " ", said).strip())
    if found is None and kind is ResponseTime:
        found = _time_of(said)
    if found is None and not _DENIED.search(said):
        found = next(
            (known[word] for word in re.findall(r"[a-z0-9]+", said) if word in known), None
        )
    return value if found is None else found


def _time_of(said: str) -> StrEnum | None:
    """The shortest of several durations: "within 1 to 4 hours" is due after one."""
    return response_within(found) if (found := min(_minutes(said), default=None)) else None


def _minutes(said: str) -> Iterator[float]:
    for match in _DURATION.finditer(said):
        number = match["from"] or match["number"] or "1"
        unit = next(one for one in _UNITS if match[one])
        known = _NUMBERS.get(number)
        yield (float(number.replace(",", ".")) if known is None else known) * _UNITS[unit]


def score_of(value: object) -> object:
    """A score from 1 to 10: 8, 8.0, "8/10", "8 (high)", "high"; halves round up."""
    if isinstance(value, str):
        said = _plain(value)
        match = _SCORE.match(said)
        if match is None:
            return _SCORES.get(label_of(Priority, value), value)  # type: ignore[call-overload]
        most = int(match["most"] or 10)
        value = float(match["score"].replace(",", ".")) * 10 / most if most else value
    if isinstance(value, float) and math.isfinite(value):
        return math.floor(value + 0.5)
    return value


def share_of(value: object) -> object:
    """A share from 0 to 1: 0.9, "0,9", "90%", 90, "high"."""
    if isinstance(value, str):
        match = _SCORE.match(_plain(value))
        if match is None:
            return _SURE.get(label_of(Priority, value), value)  # type: ignore[call-overload]
        value = float(match["score"].replace(",", "."))
    is_percentage = isinstance(value, int | float) and 2 <= value <= 100
    return value / 100 if is_percentage else value  # type: ignore[operator]


def language_of(value: object) -> object:
    """Its ISO 639 code: TR, tr-TR, Turkish, Türkçe."""
    said = _plain(value)
    code = re.fullmatch(r"([a-z]{2,3})(?:[- ].{1,8})?", said)
    return code[1] if code else _LANGUAGES.get(said[:4], value)


def answer_of(value: object) -> object:
    return _ANSWERS.get(_plain(value), value)


def keywords_of(value: object) -> object:
    """A list, also from text separated by commas or from JSON's null."""
    if isinstance(value, str):
        return [word for one in re.split(r"[,;\n]", value) if (word := one.strip())]
    if isinstance(value, list):
        return [str(one) if isinstance(one, int | float) else one for one in value]
    return [] if value is None else value
