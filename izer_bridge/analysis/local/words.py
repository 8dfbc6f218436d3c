"""A text as words with their positions, and what the endings of Turkish words reveal."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from izer_bridge.domain.folding import fold, visible

_MOST_SIGNS = 30
# People use the same few thousand words; anything longer is not a word, and is cut.
_REMEMBERED = 1 << 14
_LONGEST_WORD = 40
# Its signals, its danger and its answer are each read from the text of one message.
_READ_AGAIN = 192
LINK = "http"
# Text of at least this many letters with this share of capitals is shouted.
_FEWEST_SHOUTED, _SHOUTED = 12, 0.7

_TOKEN = re.compile(
    r"(?P<url>https?://\S+|www\.\S+)"
    r"|(?P<number>\d+(?:[.,:/]\d+)*)"
    r"|(?P<ending>(?<=\w['’])[^\W\d_]+)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<smile>[:;=]-?(?:[)(]+|[dDpP](?!\w)))"
    r"|(?P<end>[.!?…;\n؟]+)"
    r"|(?P<pause>[,،:()\[\]\"“”„–—|•]+|(?<=\s)-(?=\s))"
    r"|(?P<sign>[^\w\s'\"/\\+*=&%#@$€£₺~^<>{}._\ufe0f-])"
)
# "The day" is today, and "day" is not.
_ARTICLE = re.compile(r"^(?:وال|بال|كال|فال|ال|لل)(?!يوم$)(?=..)")

# Words typed as they are spoken.
_SPOKEN = {"bi": "bir", "nasi": "nasil", "diil": "degil", "bole": "boyle", "napim": "napayim"}
# Endings of a negated verb: tutmuyor, gelmedi, açmaz, dönmediniz.
_DENIED = re.compile(
    r"(?:m[iu]yo(?:r\w*|z|m|n|s\w*|lar)?|m[ae]d[iu]\w*|m[ae]m[iu]s\w*|m[ae]z(?!s[iu]n$)\w{0,5}"
    r"|m[ae]y(?:ip|an|en|inca|ince|acak\w*|ecek\w*|acag\w*|eceg\w*)|m[ae]m(?!n)|m[ae]m[ae]k\w*"
    r"|m[iu]ycek\w*|m[iu]cek\w*|mica[mkn]\w*|mice[mkn]\w*)$"
)
# A failed attempt is the writer's own: ayarlayamadım says nothing about the brake.
_IN_VAIN = re.compile(r"[ae]m[ae]d[iu][mk]$")
# What a shop allows or does: alınabiliyor, iade edebiliyoruz.
_POSSIBLE = re.compile(r"[ae]bil[iu]yo(?:r\w*|z)?$")
# What must happen before something else does: kapanmadan, yola çıkmadan.
_BEFORE = re.compile(r"\w{2}m[ae]d[ae]n$")
# A business that cannot go on: çekemiyoruz, satamıyoruz.
_UNABLE = re.compile(r"(?:am[iu]yo(?:ruz|z)|em[iu]yo(?:ruz|z)|[ae]m[ae]z olduk)$")
# A verb that says what happens or has happened: kaldım, düştü, akıyor.
_TOLD = re.compile(
    r"\w{2}(?:(?:d|(?<=[cfhkpst])t)[iu](?:m|k|n|n[iu]z|l[ae]r)?|m[iu]s(?:[iu]m|[iu]z|l[ae]r)?|yor?\w{0,3})$"
)
# Words that only look like it.
_NOT_DENIED = ("tamam", "mademki", "maden", "hamam", "zaman", "memur", "selam", "uyumadi")
_NOT_PRESSING = (
    "almadan",
    "basmadan",
    "bilmeden",
    "binmeden",
    "bozulmadan",
    "degismeden",
    "degistirmeden",
    "dokunmadan",
    "gelmeden",
    "gormeden",
    "istemeden",
    "kullanmadan",
    "olmadan",
    "sokmeden",
    "sormadan",
)
# A consequence if something does not happen: yapılmazsa.
_IF_NOT = re.compile(r"\wm[ae]zs[ae](?:n[iu]z|l[ae]r)?$")
# Something the shop is said to have done: yanlış göndermişsiniz.
_YOU_DID = re.compile(r"\wm[iu]ss[iu]n[iu]z$")
# Something the shop is said not to have done: göndermediniz, bakmıyorsunuz; but not bekletmediniz.
_YOU_DID_NOT = re.compile(r"\wm(?:[iu]yo(?:r)?s[iu]n[iu]z|[ae]d[iu]n[iu]z|[ae]m[iu]ss[iu]n[iu]z)$")
_NOT_BLAMED = ("beklet", "esirge", "kirm", "satm", "ugrastir", "uzm", "yorm")
_ASKS = re.compile(
    r"(?:[iu]r|[ae]r|yor|yo|bil[ie]r|d[iu]|m[iu]s|c[ae][gk]|c[ae]k|var|yok|olur|gil|kun|zir|m[ae]z)"
    r"m[iu](?:y[iu]m|y[iu]z|s[iu]n|s[iu]n[iu]z|d[iu]r|yd[iu])?$"
    r"|\wm[iu](?:s[iu]n[iu]z|y[iu]m|y[iu]z|s[iu]n)$"
)
_SUFFIX = (
    r"(?:i|u|a|e|yi|yu|ya|ye|in|un|nin|nun|da|de|ta|te|dan|den|tan|ten|la|le|yla|yle|lar|ler|"
    r"im|um|m|iniz|unuz|niz|nuz|imiz|umuz|miz|muz|si|su|sin|sun|siniz|sunuz|iz|uz|"
    r"iyor|uyor|yor|iyo|uyo|yo|di|du|ti|tu|mis|mus|acak|ecek|acag|eceg|icak|icek|cak|cek|cam|cem|"
    r"ir|ur|ar|er|r|sa|se|ma|me|mi|mu|maz|mez|mak|mek|abil|ebil|yabil|yebil|alim|elim|ayim|eyim|"
    r"ip|up|yip|erek|arak|ki|n|k|ken|dik|duk|tik|tuk|dim|dum|tim|tum|"
    r"dir|dur|tir|tur|il|ul|l|li|lu|lik|luk|siz|suz|ca|ce|ci|cu|t)"
)
_INFLECTION = re.compile(f"{_SUFFIX}*$")


class Word(NamedTuple):
    """One word, number, emoji or link: folded and as written, and its position.

    `sentence` counts full stops and line ends before it, `clause` commas too. `is_ending`: an
    apostrophe separates it from the word that it belongs to (Trek'im).
    """

    folded: str
    written: str
    clause: int
    sentence: int
    is_number: bool = False
    is_ending: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A text's words and the signs that belong to no word."""

    words: tuple[Word, ...]
    questions: int
    exclamations: int
    is_shouted: bool


@lru_cache(_READ_AGAIN)
def read(text: str) -> Text:
    """The words of a text and its signs, in order."""
    text = "\n".join(map(visible, text.splitlines()))
    words: list[Word] = []
    clause = sentence = signs = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind in ("word", "ending"):
            written = match.group()
            folded = _folded(written[:_LONGEST_WORD])
            words.append(Word(folded, written, clause, sentence, is_ending=kind == "ending"))
        elif kind == "url":
            words.append(Word(LINK, match.group(), clause, sentence))
        elif kind == "pause":
            clause += 1
        elif kind == "end":
            clause += 1
            sentence += 1
        elif kind == "number":
            words.append(Word(match.group(), match.group(), clause, sentence, is_number=True))
        elif signs < _MOST_SIGNS:
            signs += 1
            words.append(Word(match.group().casefold(), match.group(), clause, sentence))
    return Text(
        words=tuple(words),
        questions=text.count("?") + text.count("؟"),
        exclamations=text.count("!"),
        is_shouted=_is_shouted(text),
    )


@lru_cache(_REMEMBERED)
def _folded(written: str) -> str:
    folded = fold(written)
    if not folded.isascii():
        folded = _ARTICLE.sub("", folded)
    return _SPOKEN.get(folded, folded)


def is_denied(folded: str) -> bool:
    """Whether a folded Turkish verb says that something does not happen."""
    return (
        len(folded) > 4
        and bool(_DENIED.search(folded, 2))
        and not folded.startswith(_NOT_DENIED)
        and not _IN_VAIN.search(folded)
    )


def is_possible(folded: str) -> bool:
    """Whether a folded Turkish verb says what can be done at a place."""
    return bool(_POSSIBLE.search(folded))


def is_before(folded: str) -> bool:
    """Whether a folded Turkish verb says "before it happens"."""
    return bool(_BEFORE.search(folded)) and not folded.startswith(_NOT_PRESSING)


def is_told(folded: str) -> bool:
    """Whether a folded Turkish verb says that something happens or has happened."""
    return bool(_TOLD.search(folded))


def is_you_did(folded: str) -> bool:
    """Whether a folded Turkish verb says "you have done, as I see"."""
    return bool(_YOU_DID.search(folded))


def is_you_did_not(folded: str) -> bool:
    """Whether a folded Turkish verb blames: "you have not done"."""
    return bool(_YOU_DID_NOT.search(folded)) and not folded.startswith(_NOT_BLAMED)


def is_if_not(folded: str) -> bool:
    """Whether a folded Turkish verb says "if it does not happen"."""
    return bool(_IF_NOT.search(folded))


def is_unable(folded: str) -> bool:
    """Whether a folded Turkish verb says "we cannot"."""
    return bool(_UNABLE.search(folded))


def asks(folded: str) -> bool:
    """Whether a Turkish question particle ends the folded word: "varmi", "alirmisiniz"."""
    return len(folded) > 4 and bool(_ASKS.search(folded))


def is_inflection(rest: str) -> bool:
    """Whether `rest` is a chain of Turkish endings, so that the part before it is a stem."""
    return len(rest) <= 16 and bool(_INFLECTION.match(rest))


def _is_shouted(text: str) -> bool:
    capital = sum(map(str.isupper, text))
    if capital <= _FEWEST_SHOUTED * _SHOUTED:
        return False
    letters = sum(map(str.isalpha, text))
    return letters >= _FEWEST_SHOUTED and capital > letters * _SHOUTED
