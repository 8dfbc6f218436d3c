"""A posted message's kind and words, by the types of whatsapp-web.js, Baileys and the Cloud API."""

import re
from collections.abc import Mapping

from izer_bridge.domain.message import NEEDS_A_PERSON, Kind

_TYPES = {
    Kind.TEXT: "chat text conversation extendedtext button buttons list",
    Kind.IMAGE: "image photo picture",
    Kind.VIDEO: "video ptv gif",
    Kind.VOICE: "ptt voice",
    Kind.AUDIO: "audio",
    Kind.DOCUMENT: "document documentwithcaption file",
    Kind.STICKER: "sticker lottiesticker",
    Kind.LOCATION: "location livelocation",
    Kind.CONTACT: "vcard multivcard contact contacts contactcard contactsarray",
    Kind.POLL: "poll pollcreation pollcreationv2 pollcreationv3",
    Kind.REACTION: "reaction",
    Kind.CALL: "calllog",
    Kind.PHONE_ONLY: "ciphertext placeholder viewonce",
    Kind.PROTOCOL: "protocol revoked system notification notificationtemplate e2enotification gp2 "
    "broadcastnotification debug senderkeydistribution pinned pinmessage keepinchat",
}
_KINDS = {name: kind for kind, names in _TYPES.items() for name in names.split()}
_FAMILIES = {"image": Kind.IMAGE, "video": Kind.VIDEO, "audio": Kind.AUDIO}
# The default file type of each message type.
MIMETYPES = {
    Kind.IMAGE: "image/jpeg",
    Kind.VIDEO: "video/mp4",
    Kind.VOICE: "audio/ogg",
    Kind.AUDIO: "audio/mpeg",
    Kind.DOCUMENT: "application/octet-stream",
    Kind.STICKER: "image/webp",
}
# Some send a picture's thumbnail as its words.
_THUMBNAIL = re.compile(r"/9j/[A-Za-z0-9+/\s]{40,}={0,2}")
# As the replaced connector announced a file.
_ANNOUNCED = re.compile(r"\[[\w.+-]{1,60}/[\w.+-]{1,80}(?: [^\]\n]{0,40})?\]\s*")
_VCARD = re.compile(r"^(?:item\d+\.)?(FN|TEL|BEGIN)[^:\n]{0,200}:(.{1,200})$", re.M | re.I)
_LONGEST_TYPE = 50
_NAMED = {
    Kind.CALL: "[cevapsız arama]",
    Kind.PHONE_ONLY: "[mesaj: yalnızca telefonda görülebilir]",
}


def type_name(text: str) -> str:
    """`poll_creation` and `pollCreationMessage` are the same."""
    return re.sub(r"[^a-z0-9]", "", text[:_LONGEST_TYPE].lower()).removesuffix("message")


def kind_of(type_text: str, mimetype: str, words: str) -> Kind:
    """An unknown type with words is a text."""
    name = type_name(type_text)
    known = _KINDS.get(name)
    if known in (None, Kind.TEXT) and mimetype:
        return _FAMILIES.get(mimetype.partition("/")[0].lower(), Kind.DOCUMENT)
    if known is None and name:
        return Kind.TEXT if words.strip() else Kind.UNSUPPORTED
    return known or Kind.TEXT


def words_of(
    kind: Kind, type_text: str, words: str, place: Mapping[str, object] | None = None
) -> str:
    """What a person reads of it; for an unknown kind, its name."""
    if kind in NEEDS_A_PERSON and not words.strip():
        return _NAMED.get(kind, f"[{type_text[:_LONGEST_TYPE]}]")
    if kind is not Kind.TEXT and _THUMBNAIL.fullmatch(words):
        words = ""
    if kind in MIMETYPES:
        words = without_announcement(words)
    if kind is Kind.CONTACT:
        words = _card(words)
    if kind is Kind.LOCATION and place:
        words = f"{_place(place)} {words}".strip()
    return words


def without_announcement(words: str) -> str:
    match = _ANNOUNCED.match(words)
    return words[match.end() :] if match else words


def _card(text: str) -> str:
    """`name: number, number` of each vCard."""
    cards: list[dict[str, list[str]]] = []
    for name, value in _VCARD.findall(text.replace("\r", "")):
        if name.upper() == "BEGIN":
            cards.append({"FN": [], "TEL": []})
        elif cards:
            cards[-1][name.upper()].append(value.strip())
    said = [": ".join(filter(None, map(", ".join, card.values()))) for card in cards]
    return "; ".join(filter(None, said)) or text


def _place(place: Mapping[str, object]) -> str:
    named = [place.get(name) for name in ("name", "address", "description")]
    words = [one for one in named if isinstance(one, str) and one]
    at = [_degrees(place, *names) for names in _COORDINATES]
    where = [",".join(at)] if all(at) else []
    return " ".join([*where, *dict.fromkeys(words)])


_COORDINATES = (
    ("latitude", "degreesLatitude", "lat"),
    ("longitude", "degreesLongitude", "lng"),
)


def _degrees(place: Mapping[str, object], *names: str) -> str:
    for name in names:
        found = place.get(name)
        if isinstance(found, int | float) and not isinstance(found, bool) and abs(found) <= 180:
            return f"{found:.6f}"
    return ""
