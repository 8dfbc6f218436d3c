"""What surrounds a message's words: a quotation, an advert, mentions, the chat's timer.

None of it is what the sender says; it tells what those words mean.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from izer_bridge.domain.identity import Jid

# Precedes an advert's headline if the customer has clicked it and written nothing.
ADVERT = "[reklam]"
# A person without a known name or number; a LID's digits mean nothing to anybody.
_SOMEBODY = "biri"
# The reader, when a customer mentions the shop itself.
THE_SHOP = "siz"
# WhatsApp writes a mention as an address's digits, or as a group's whole address.
_MENTION = re.compile(r"@(\d{5,20}(?:-\d{5,20})?)(?:@[a-z.]{3,20})?(?![\w@])")


@dataclass(frozen=True, slots=True)
class Quotation:
    """The words that a message answers; `sender` is a name or number, as far as known.

    `is_stored`: they were read from the store. Otherwise they are the quoting phone's copy.
    """

    text: str
    sender: str = ""
    from_me: bool = False
    is_stored: bool = False


@dataclass(frozen=True, slots=True)
class Advert:
    """What the customer has clicked before writing."""

    title: str = ""
    body: str = ""
    link: str = ""

    @property
    def words(self) -> str:
        """Headline and text in one line; the link if there is neither."""
        return ": ".join(filter(None, (self.title, self.body))) or self.link


@dataclass(frozen=True, slots=True)
class Mention:
    """A person mentioned in the text; `other` is the same person's other address.

    A group has its `subject`.
    """

    jid: Jid
    other: Jid | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Timer:
    """After how many seconds a chat's messages disappear; 0: they stay. Set at (aware UTC)."""

    seconds: int
    set_at: datetime


@dataclass(frozen=True, slots=True)
class ContextInfo:
    """All of it, as the message carries it."""

    quoted: Quotation | None = None
    advert: Advert | None = None
    mentions: tuple[Mention, ...] = ()
    is_forwarded: bool = False


NO_CONTEXT = ContextInfo()


def texts_of(context: ContextInfo) -> list[str]:
    """Everything in it that people have written, in a fixed order."""
    quoted, advert = context.quoted, context.advert
    of_quoted = [quoted.text, quoted.sender] if quoted is not None else []
    return [*of_quoted, *([advert.title, advert.body, advert.link] if advert is not None else [])]


def with_texts(context: ContextInfo, texts: Sequence[str]) -> ContextInfo:
    """The same with other texts in the places of `texts_of`."""
    quoted, left = context.quoted, list(texts)
    if quoted is not None:
        quoted, left = replace(quoted, text=left[0], sender=left[1]), left[2:]
    advert = Advert(*left) if context.advert is not None else None
    return replace(context, quoted=quoted, advert=advert)


def mentioned_in(text: str) -> set[str]:
    """The digits of a text's mentions."""
    return {match[1] for match in _MENTION.finditer(text)}


def with_names(text: str, mentions: Sequence[Mention], names: Mapping[str, str]) -> str:
    """The text with its mentions in readable form.

    `names` are known names and numbers by the digits of any address. Digits that are in no list of
    mentions may be a phone number that somebody wrote, and stay unless they are known.
    """
    if "@" not in text:
        return text
    known = dict(names)
    for mention in mentions:
        known[mention.jid.user] = mention.subject or _name_of(mention, names)
    return _MENTION.sub(
        lambda match: f"@{known[match[1]]}" if match[1] in known else match[0], text
    )


def _name_of(mention: Mention, names: Mapping[str, str]) -> str:
    both = [one for one in (mention.jid, mention.other) if one is not None]
    known = next((names[one.user] for one in both if one.user in names), None)
    return known or next((one.number for one in both if one.number), _SOMEBODY)


def read_context(stored: Mapping[str, Any] | None) -> ContextInfo:
    if not stored:
        return NO_CONTEXT
    quoted, advert = stored.get("quoted"), stored.get("advert")
    return ContextInfo(
        quoted=Quotation(**quoted) if quoted else None,
        advert=Advert(**advert) if advert else None,
        is_forwarded=stored.get("is_forwarded", False),
    )
