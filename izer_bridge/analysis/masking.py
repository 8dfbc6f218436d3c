"""Masks people's numbers and addresses in texts, and restores them in an answer about them.

It knows four kinds: e-mail addresses, IBANs, card numbers and phone numbers. It does not guess at
names, and leaves order numbers, prices, dates and sizes unmasked.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import phonenumbers

from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.context_info import texts_of, with_texts
from izer_bridge.domain.message import Subject
from izer_bridge.host.lean_import import left_out

# It would load the interpreter's documentation, only to describe its modules.
with left_out("pydoc"):
    from stdnum import iban, luhn

HOME = "TR"
_MESSAGE_ENDS, _HISTORY_ENDS, _NAMES_ENDS, _LONGEST_WORD = 4_000, 1_000, 200, 100
_KINDS = ("EMAIL", "IBAN", "CARD", "PHONE")
# A model may lose a bracket, or change the case.
_PLACEHOLDER = re.compile(rf"\[?\b({'|'.join(_KINDS)})_(\d+)\b\]?", re.IGNORECASE)

# People leave out ".com", or put spaces around the "@"; with both it is not an address.
_EMAIL = re.compile(
    r"[\w.+\-]{1,64}(?:@ ?(?!\d{8})[^\W_][\w\-]*(?:\.[\w\-]+)*|"
    r" @ ?[^\W\d_][\w\-]*(?:\.[\w\-]+)+)"
)
_IBAN = re.compile(r"\b[A-Z]{2}[ .\-:]{0,2}\d{2}(?:[ .\-]{0,2}[A-Z0-9]){11,30}", re.IGNORECASE)
_TURKISH_IBAN = re.compile(rf"{HOME}(?:[ .\-:]{{0,2}}\d){{24}}(?!\d)", re.IGNORECASE)
_SHORTEST_IBAN = 15
_SEPARATORS = re.compile(r"[ .\-:]")
# Digits in groups as they appear on cards and statements.
_RUN = re.compile(r"(?<!\d)\d+(?:[ .\-]{1,3}\d+)*")
_GROUP = re.compile(r"\d+")
_LONGEST_BLOCK = 24
# The issuers' first digits; an article number, which may pass the same check, begins with 8.
_CARD = re.compile(r"(?:9792\d{12}|[2-6]\d{13,18})")
# A mention in a group is a number too.
_PHONE = re.compile(r"@\d{8,16}\b|(?:\+ ?)?[(]{0,2}\d(?:[ ().\-/]{0,4}\d){6,}")
_POSSIBLE, _VALID = phonenumbers.Leniency.POSSIBLE, phonenumbers.Leniency.VALID
_E164 = phonenumbers.PhoneNumberFormat.E164
# After these a bare block of digits is not a phone number, whatever it looks like.
_COUNTED = re.compile(
    r"(?:sipari[sş]|order|takip|kargo|fatura|seri|serial|barkod|invoice|tracking|bestell|rechnung|"
    r"заказ|счет|طلب)\w*[ :#.\-]*"
    r"(?:(?:no|nr|num|number|numara\w*|nummer|kod\w*|code|id|номер|رقم)[ :#.\-]*)?$",
    re.IGNORECASE,
)
_DASHES = "‐‑‒–—―−_*"
_DASH = dict.fromkeys(map(ord, _DASHES), "-")


@dataclass(frozen=True, slots=True)
class Masked:
    """Texts without their values; `values` has each by its placeholder, as first written."""

    texts: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    def restore(self, text: str) -> str:
        """The text with the values in place of their placeholders."""

        def value(match: re.Match[str]) -> str:
            return self.values.get(_named(match[1].upper(), int(match[2])), match[0])

        return _PLACEHOLDER.sub(value, text)


def mask(texts: Sequence[str], regions: Sequence[str] = (HOME,)) -> Masked:
    """Masks the texts of one request; the same value gets the same placeholder in all of them.

    `regions` are the ISO countries whose numbers are recognised without their country code.
    """
    names = _Names(" ".join(texts))
    masked = tuple(_masked(text, names, regions) for text in texts)
    return Masked(masked, names.values)


def mask_subject(subject: Subject) -> tuple[Subject, Masked]:
    """A subject whose texts and names are masked, and what restores an answer about it.

    Only the ends of a very long text are kept, far more than any prompt shows.
    """
    history = subject.history
    said = [_ends(one.content, _HISTORY_ENDS) for one in history]
    names = [
        _ends(name, _NAMES_ENDS) for name in (subject.chat_name, *(one.sender for one in history))
    ]
    context = subject.context
    around = [_ends(text, _HISTORY_ENDS) for text in texts_of(context)]
    given = [_ends(subject.text, _MESSAGE_ENDS), *around, *said, *names]
    masked = mask(given, _regions(subject))
    text, *rest = masked.texts
    around, rest = rest[: len(around)], rest[len(around) :]
    contents, (chat_name, *senders) = rest[: len(said)], rest[len(said) :]
    entries = tuple(
        replace(entry, content=content, sender=sender)
        for entry, content, sender in zip(history, contents, senders, strict=True)
    )
    return replace(
        subject,
        text=text,
        chat_name=chat_name,
        history=entries,
        context=with_texts(context, around),
    ), masked


def restore_analysis(analysis: Analysis, masked: Masked) -> Analysis:
    """The analysis with the values where a model wrote their placeholders."""
    return replace(
        analysis,
        keywords=tuple(map(masked.restore, analysis.keywords)),
        business_context=masked.restore(analysis.business_context),
        suggested_next_action=masked.restore(analysis.suggested_next_action),
    )


def _ends(text: str, length: int) -> str:
    """A long text's beginning and end; a value that the cut may have split is dropped."""
    if len(text) <= 2 * length:
        return text
    return f"{_whole(text[:length])} […] {_whole(text[: -length - 1 : -1])[::-1]}"


def _whole(text: str) -> str:
    """Without the last word, and the digits before it."""
    end = max(text.rfind(" "), len(text) - _LONGEST_WORD)
    while end and not text[end - 1].isalpha():
        end -= 1
    return text[:end]


def _regions(subject: Subject) -> tuple[str, ...]:
    """The shop's country and the sender's."""
    try:
        number = phonenumbers.parse(subject.phone_number)
    except phonenumbers.NumberParseException:
        return (HOME,)
    region = phonenumbers.region_code_for_number(number)
    return (HOME,) if region in (None, HOME) else (HOME, region)


def _named(kind: str, number: int) -> str:
    return f"[{kind}_{number}]"


class _Names:
    """Gives each value one placeholder that no text contains already."""

    def __init__(self, texts: str) -> None:
        self.values: dict[str, str] = {}
        self._by_value: dict[tuple[str, str], str] = {}
        self._taken = {(one[1].upper(), int(one[2])) for one in _PLACEHOLDER.finditer(texts)}

    def of(self, kind: str, value: str, written: str) -> str:
        if (kind, value) not in self._by_value:
            number = 1
            while (kind, number) in self._taken:
                number += 1
            self._taken.add((kind, number))
            self._by_value[kind, value] = _named(kind, number)
            self.values[_named(kind, number)] = written
        return self._by_value[kind, value]


@dataclass(frozen=True, slots=True)
class _Found:
    """A value at `begin` to `end`; `value` is its canonical spelling."""

    kind: str
    begin: int
    end: int
    value: str


def _masked(text: str, names: _Names, regions: Sequence[str]) -> str:
    plain, places = _plain(text)
    pieces, last = [], 0
    for one in _found(plain, regions):
        begin, end = places[one.begin], places[one.end - 1] + 1
        pieces += [text[last:begin], names.of(one.kind, one.value, text[begin:end])]
        last = end
    return "".join([*pieces, text[last:]])


def _plain(text: str) -> tuple[str, list[int]]:
    """The text as matchers need it, and each of its characters' position in the original.

    Digits of any script become ASCII; invisible characters (zero-width, marks) are left out.
    """
    if text.isascii():
        return text.translate(_DASH), list(range(len(text)))
    characters, places = [], []
    for place, character in enumerate(text):
        plain = _plain_character(character)
        if plain:
            characters.append(plain)
            places.append(place)
    return "".join(characters), places


def _plain_character(character: str) -> str:
    if character in _DASHES:
        return "-"
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me"):
        return ""
    if category == "Zs":
        return " "
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character


def _found(plain: str, regions: Sequence[str]) -> list[_Found]:
    """Everything in order; of two that overlap the more certain kind."""
    found: list[_Found] = []
    searches: tuple[Callable[[str], Iterator[_Found]], ...] = (
        _emails,
        _ibans,
        _cards,
        lambda text: _phones(text, regions),
    )
    left = plain
    for search in searches:
        new = list(search(left))
        found += new
        for one in new:
            left = left[: one.begin] + "\0" * (one.end - one.begin) + left[one.end :]
    return sorted(found, key=lambda one: one.begin)


def _emails(text: str) -> Iterator[_Found]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            value = match[0].replace(" ", "").casefold()
            yield _Found("EMAIL", match.start(), match.end(), value)


def _ibans(text: str) -> Iterator[_Found]:
    end = 0
    for match in _IBAN.finditer(text):
        one = _turkish_iban(text, match.start()) or _longest_iban(match)
        if one is not None:
            end = one.end
            yield one
    for begin, after, digits in _blocks(text, _is_turkish_iban):
        if begin >= end:
            yield _Found("IBAN", begin, after, f"{HOME}{digits}")


def _turkish_iban(text: str, begin: int) -> _Found | None:
    """A mistyped one is still somebody's, and nothing else looks like it."""
    match = _TURKISH_IBAN.match(text, begin)
    return match and _Found("IBAN", begin, match.end(), _SEPARATORS.sub("", match[0]).upper())


def _longest_iban(match: re.Match[str]) -> _Found | None:
    """Words may follow that the pattern takes for its end."""
    for length in range(len(match[0]), _SHORTEST_IBAN - 1, -1):
        value = _SEPARATORS.sub("", match[0][:length]).upper()
        if match[0][length - 1].isalnum() and iban.is_valid(value):
            return _Found("IBAN", match.start(), match.start() + length, value)
    return None


def _is_turkish_iban(digits: str) -> bool:
    return len(digits) == 24 and iban.is_valid(f"{HOME}{digits}")


def _cards(text: str) -> Iterator[_Found]:
    for begin, end, digits in _blocks(text, _is_card):
        yield _Found("CARD", begin, end, digits)


def _is_card(digits: str) -> bool:
    return _CARD.fullmatch(digits) is not None and luhn.is_valid(digits)


def _blocks(text: str, is_one: Callable[[str], bool]) -> Iterator[tuple[int, int, str]]:
    """Adjacent groups of digits that together are one: begin, end, digits."""
    for run in _RUN.finditer(text):
        groups = [(one.start(), one.end()) for one in _GROUP.finditer(text, *run.span())]
        first = 0
        while first < len(groups):
            digits, last = "", first
            while last < len(groups) and len(digits) < _LONGEST_BLOCK:
                digits += text[slice(*groups[last])]
                last += 1
                if len(digits) <= _LONGEST_BLOCK and is_one(digits):
                    yield groups[first][0], groups[last - 1][1], digits
                    first = last - 1
                    break
            first += 1


def _phones(text: str, regions: Sequence[str]) -> Iterator[_Found]:
    for candidate in _PHONE.finditer(text):
        begin, end = candidate.span()
        if candidate[0].startswith("@"):
            yield _Found("PHONE", begin, end, f"+{candidate[0][1:]}")
            continue
        for first, after, number in _numbers(candidate[0], regions):
            written = text[begin + first : begin + after]
            is_bare = written.isdigit() and not written.startswith("0")
            if not (is_bare and _COUNTED.search(text, max(0, begin + first - 40), begin + first)):
                yield _Found("PHONE", begin + first, begin + after, number)


def _numbers(candidate: str, regions: Sequence[str]) -> list[tuple[int, int, str]]:
    """The phone numbers in it by the first country that knows any: begin, end, E.164.

    A number in international form need not be in use in its country.
    """
    leniency = _POSSIBLE if candidate.lstrip("(").startswith(("+", "00")) else _VALID
    for region in regions:
        found = [
            (one.start, one.end, phonenumbers.format_number(one.number, _E164))
            for one in phonenumbers.PhoneNumberMatcher(candidate, region, leniency)
        ]
        if found:
            return found
    return []
