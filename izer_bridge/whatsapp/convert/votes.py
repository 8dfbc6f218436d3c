"""Opens answers to polls and events, which are sealed with the poll's or event's secret; pure.

The key is derived as for an edit; the id and the voter's address are the additional data.
"""

from collections.abc import Collection
from dataclasses import replace
from itertools import product
from typing import Any

from google.protobuf.message import DecodeError
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import EventResponseMessage, PollVoteMessage
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Message
from izer_bridge.whatsapp.convert.body import unwrapped
from izer_bridge.whatsapp.convert.kinds import media
from izer_bridge.whatsapp.convert.sealed import SecretsOf, derived_key
from izer_bridge.whatsapp.library import ciphers

_MOST_OPTIONS = 100
_ANSWERS = {
    EventResponseMessage.GOING: "katılıyor",
    EventResponseMessage.NOT_GOING: "katılmıyor",
    EventResponseMessage.MAYBE: "belki katılır",
}


def opened(message: Message, body: Body, secrets_of: SecretsOf, voters: Collection[Jid]) -> Message:
    """The same message; a vote with the options it is for, an answer to an event with its words.

    `voters` are the addresses of its sender. An answer that cannot be opened is still visible on
    the customer's phone; who in a group votes for what is not a message to the shop.
    """
    body = unwrapped(body)
    if message.target_id is None:
        return message
    if body.HasField("pollUpdateMessage"):
        vote = body.pollUpdateMessage.vote
        plain = _plain(vote, message.target_id, "Poll Vote", voters, secrets_of)
        voted = None if plain is None else _options(plain)
        return _closed(message, "anket oyu") if voted is None else replace(message, voted=voted)
    if body.HasField("encEventResponseMessage"):
        answer = body.encEventResponseMessage
        plain = _plain(answer, message.target_id, "Event Response", voters, secrets_of)
        word = None if plain is None else _ANSWERS.get(_response(plain))
        if word is None:
            return _closed(message, "etkinliğe yanıt")
        return replace(message, text=f"[etkinliğe yanıt: {word}]")
    return message


def _closed(message: Message, what: str) -> Message:
    if message.from_me or message.chat.is_group:
        return message
    shown = media.phone_only(what)
    return replace(message, kind=shown.kind, text=shown.text)


def _plain(
    sealed: Any, target_id: str, word: str, voters: Collection[Jid], secrets_of: SecretsOf
) -> bytes | None:
    """A person has a number and a LID, and which of them was used is not stated: each is tried."""
    for secret in secrets_of(target_id):
        people = dict.fromkeys([*secret.authors, *voters])
        for author, voter in product(people, people):
            key = derived_key(secret.key, target_id, author, voter, word)
            beside = f"{target_id}\0{voter}".encode()
            plain = ciphers.unsealed(key, sealed.encIV, sealed.encPayload, beside)
            if plain is not None:
                return plain
    return None


def _options(plain: bytes) -> frozenset[bytes] | None:
    try:
        return frozenset(PollVoteMessage.FromString(plain).selectedOptions[:_MOST_OPTIONS])
    except DecodeError:
        return None


def _response(plain: bytes) -> int:
    try:
        response: int = EventResponseMessage.FromString(plain).response
    except DecodeError:
        return int(EventResponseMessage.UNKNOWN)
    return response
