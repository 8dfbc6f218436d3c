"""Facts that a conversation already contains: order numbers, times, models, codes. No judgement."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from izer_bridge.domain.folding import fold


class Fact(NamedTuple):
    """A fact in the conversation, as it was written."""

    name: str
    value: str


# All patterns read the folded text ("Sipariş No" is "siparis no").
_NUMBER = r"#?\s?([a-z]{0,4}-?\d{3,12})\b"
_ORDER = (
    re.compile(
        r"\b(?:siparis\w*|order|bestell\w*|заказ\w*|طلب\w*)[\s:.-]{0,3}"
        rf"(?:\b(?:no(?:su|m)?|nr|num\w*|id|kod\w*)\b)?[\s:.=-]{{0,4}}(?:is |ist )?{_NUMBER}"
    ),
    re.compile(r"\b([a-z]{0,4}-?\d{3,12})\s+(?:nolu|no'?lu|numarali)\s+siparis"),
    re.compile(r"\b(\d{4,12})\s+siparis"),
    re.compile(r"(?:^|\s)#\s?([a-z]{0,4}-?\d{3,12})\b"),
    re.compile(r"\b([a-z]{2,4}-\d{3,10})\b"),
)
_ASKS_ORDER = re.compile(r"siparis\s+n|order\s+n|bestellnummer")
# By the shop's way of asking for it, whoever of the shop asks.
_ASKS = {
    "order_number": _ASKS_ORDER,
    "model": re.compile(r"marka|model|make and|which bike"),
    "size": re.compile(r"beden|kadro boyu|which size|welche grosse"),
    "when": re.compile(r"hangi gun|gun ve saat|ne zaman|which day|welche tage"),
}
_NUMBERED = r"([a-z]{0,4}-?\d{3,12})"
_CORRECTION = (
    re.compile(rf"\b{_NUMBERED}\s+(?:degil|yerine)\W+{_NUMBERED}\b"),
    re.compile(rf"\b(?:not|nicht)\s+{_NUMBERED}\W+(?:but|sondern)\W+{_NUMBERED}\b"),
)
_MEANT = (
    re.compile(
        r"\b(?:pardon|yanlis|dogrusu|duzelt\w*|sorry|i meant|korrektur)\b"
        rf"\D{{0,30}}{_NUMBERED}\b"
    ),
    re.compile(rf"^\W*{_NUMBERED}\W+(?:pardon|olacak\w*|olucak\w*|dogrusu|sorry)\b"),
)
_BARE_NUMBER = re.compile(r"^\W*([a-z]{0,4}-?\d{3,12})\W*$")

_MONTHS = (
    "ocak|subat|mart|nisan|mayis|haziran|temmuz|agustos|eylul|ekim|kasim|aralik|january|february|"
    "march|april|may|june|july|august|september|october|november|december|januar|februar|marz|mai|"
    "juni|juli|oktober|dezember"
)
_DAYS = (
    "bugun|yarin|ertesi gun|haftaya|hafta sonu|pazartesi|sali|carsamba|persembe|cumartesi|cuma|"
    "pazar|today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend|heute|"
    "ubermorgen|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
)
_SUFFIX = r"(?:'?(?:gunu|yi|ye|ya|i|e|a|den|dan|ten|tan|de|da|te|ta|sabahi|aksami|s))?"
_AT_AN_HOUR = r"\d{1,2}\s?'?[dt][ae]"
_TIME = (
    rf"\b(?:(?:{_DAYS}){_SUFFIX}(?:\s+{_AT_AN_HOUR})?\b"
    r"|(?:[01]?\d|2[0-3])[:.][0-5]\d(?![\d.,]|\s*(?:tl|lira|euro|€|₺|\$))"
    r"|saat\s+\d{1,2}(?:[:.][0-5]\d)?\b|\d{1,2}\s?(?:am|pm|uhr)\b"
    rf"|\d{{1,2}}\.?\s+(?:{_MONTHS}){_SUFFIX}\b"
    r"|(?:saat\s+)?\d{1,2}\s(?:gibi|civari|sularinda)\b"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4})"
)
_WHEN = re.compile(rf"(?<!not )(?<!nicht ){_TIME}(?!\s+(?:degil|olma[yzd]|uyma[yzd]|gele?m[ei]))")
# "Salı değil çarşamba", "pardon çarşamba".
_MOVED = re.compile(
    rf"{_TIME}\s+degil|\b(?:not|nicht)\s+{_TIME}"
    rf"|\b(?:pardon|yanlis|sorry|i meant)\b\D{{0,20}}{_TIME}"
)
_BRANDS = (
    "bianchi|carraro|kron|trek|giant|salcano|cube|scott|specialized|merida|cannondale|sedona|mosso|"
    "umit|bisan|corelli|brompton|dahon|ghost|orbea|haibike|kalkhoff|gazelle|canyon|lapierre|whistle"
)
_SIZED = r"(?:beden|numara|kadro|jant|cm)\b"
_SIZE = re.compile(
    rf"\b(?:(?:xs|s|m|l|xl|xxl|\d{{2}})\s*{_SIZED}"
    r"|(?:beden|size|grosse)\s+(?:xs|s|m|l|xl|xxl|\d{2})\b)"
)
_MODEL = re.compile(
    rf"\b(?:{_BRANDS})\b(?:\s+(?!(?:{_DAYS})\b|\d{{2}}\s*{_SIZED})(?:[a-z]{{1,3}}?-?\d[\w.]*|[a-z]*\d+|"
    r"marlin|domane|fx|aspid|touring|gravel|talon|fold|sportive|escape|nirvana|city|urban)){0,3}"
)
_CODE = re.compile(
    r"\b(?:(?:hata|error|fehler|ariza|code|kod|kodu|fehlercode)\W{0,2}"
    r"(?:kodu|code|no|veriyor|yaziyor)?\W{0,2})?([ew]?\s?\d{2,3})\b"
)

_YES = frozenset(
    "olur tamam tamamdir tmm uygun uygundur uyar ok okay okey evet anlastik gelirim geliriz super "  # noqa: SIM905
    "peki kabul yes yep fine perfect works great sure deal ja passt gut gerne klar да хорошо نعم "
    "موافق حسنا".split()
)
_NO = frozenset(
    "olmaz olmayacak olmuyor olmuyo uymaz uymuyo uymuyor gelemicem gelemem gelemiyorum degil "  # noqa: SIM905
    "hayir no cannot nein leider нет لا".split()
)
# Who refuses a time also names another one.
_MOST_WORDS_OF_CONSENT, _MOST_WORDS_OF_REFUSAL = 6, 9
# A text is read again with each later message of its chat.
_REMEMBERED = 1 << 11
_CHATS = 16


def facts_in(said: Sequence[str], offered: str = "") -> tuple[Fact, ...]:
    """The customer's facts, the latest of each kind; `offered` is the shop's last message."""
    if not said:
        return ()
    last = _named_in(said[-1])
    found = dict(_said_before(tuple(said[:-1])))
    _note(last, found)
    if right := corrected(said):
        found["order_number"] = right
    if last.bare_number and _ASKS_ORDER.search(fold(offered)):
        found["order_number"] = last.bare_number
    if last.when:
        found["when"] = last.when
    return tuple(Fact(name, value) for name, value in found.items())


def asked_in(text: str) -> frozenset[str]:
    """The facts that one of the shop's texts asks for."""
    folded = fold(text)
    return frozenset(name for name, pattern in _ASKS.items() if pattern.search(folded))


def corrected(said: Sequence[str]) -> str:
    """The number that the last of these replaces an earlier one by; empty if none does."""
    last = _named_in(said[-1])
    # True of most texts, and asked of each draft.
    if not last.right:
        return ""
    before = _said_before(tuple(said[:-1])).get("order_number")
    if not before or before == last.order_number:
        return ""
    return last.right if last.wrong in ("", before) else ""


def moved(said: Sequence[str]) -> bool:
    """Whether the last of these replaces the time that an earlier one names."""
    *before, last = said
    return bool(when_in(last) and _MOVED.search(fold(last)) and any(map(when_in, before)))


def when_in(text: str) -> str:
    """The days and times in a text, as they were written; empty if there are none."""
    return _named_in(text).when


@lru_cache(maxsize=_REMEMBERED)
def codes_in(text: str) -> tuple[str, ...]:
    """Numbers that may be an error code, lower case: `503`, `e010`, `07`."""
    return tuple(match[1].replace(" ", "") for match in _CODE.finditer(fold(text)))


def told_codes_in(text: str) -> tuple[str, ...]:
    """Of `codes_in` those that are said to be one: `hata 999`, `E07`."""
    found = _CODE.finditer(fold(text))
    return tuple(
        match[1].replace(" ", "") for match in found if match[0] != match[1] or match[1][0] in "ew"
    )


def consents(words: Sequence[str]) -> bool | None:
    """Whether a short answer says yes or no to the offer; None if neither."""
    if len(words) <= _MOST_WORDS_OF_REFUSAL and _NO.intersection(words):
        return False
    return True if len(words) <= _MOST_WORDS_OF_CONSENT and _YES.intersection(words) else None


class _Named(NamedTuple):
    """What one text names by itself; empty if it names nothing."""

    order_number: str
    bare_number: str
    model: str
    when: str
    size: str
    # "4251 değil 4215": `right` replaces `wrong`, which may be left out.
    wrong: str
    right: str


def _note(named: _Named, found: dict[str, str]) -> None:
    """What still holds when more is said."""
    if named.order_number:
        found["order_number"] = named.order_number
    if named.model:
        found["model"] = named.model
    if named.size:
        found["size"] = named.size


@lru_cache(_CHATS)
def _said_before(said: tuple[str, ...]) -> Mapping[str, str]:
    """The same for each message of a burst."""
    found: dict[str, str] = {}
    for named in map(_named_in, said):
        _note(named, found)
    return found


@lru_cache(_REMEMBERED)
def _named_in(text: str) -> _Named:
    folded = fold(text)
    wrong, right = _correction(folded)
    return _Named(
        order_number=_number(folded, _ORDER),
        bare_number=_number(folded, (_BARE_NUMBER,)),
        model=_written(text, folded, _MODEL, most=1),
        when=_written(text, folded, _WHEN),
        size=_written(text, folded, _SIZE, most=1),
        wrong=wrong,
        right=right,
    )


def _correction(folded: str) -> tuple[str, str]:
    for pattern in _CORRECTION:
        if match := pattern.search(folded):
            return match[1].upper(), match[2].upper()
    return "", _number(folded, _MEANT)


def _number(folded: str, patterns: Iterable[re.Pattern[str]]) -> str:
    matches = (match for pattern in patterns if (match := pattern.search(folded)))
    return next((match[1].upper() for match in matches), "")


def _written(text: str, folded: str, pattern: re.Pattern[str], most: int = 3) -> str:
    """The match, from the text itself if folding has kept its length."""
    source = text if len(folded) == len(text) else folded
    found = [source[slice(*match.span())].strip() for match in pattern.finditer(folded)]
    return " ".join(dict.fromkeys(found[:most]))
