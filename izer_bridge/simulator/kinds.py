"""Messages besides texts and files, from people and businesses: builders of bodies; pure."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from izer_bridge.simulator.content import Content, image, with_secret


def said(kind: str, text: str, body: e2e.Message) -> Content:
    """Any body, with its expected reading."""
    return Content(kind, text, with_secret(body))


def event(name: str, place: str, starts_at: int, text: str) -> Content:
    part = e2e.EventMessage(name=name, startTime=starts_at)
    part.location.degreesLatitude, part.location.degreesLongitude = 40.99, 29.03
    part.location.name = place
    return said("text", text, e2e.Message(eventMessage=part))


def order(items: int, total_1000: int, message: str, text: str) -> Content:
    part = e2e.OrderMessage(itemCount=items, message=message, orderID="5550001")
    part.totalAmount1000, part.totalCurrencyCode = total_1000, "TRY"
    return said("text", text, e2e.Message(orderMessage=part))


def flow_answer(params: str, text: str, body: str = "") -> Content:
    """A filled-in form, as its program gets it."""
    part = e2e.InteractiveResponseMessage()
    part.body.text = body
    part.nativeFlowResponseMessage.name = "flow"
    part.nativeFlowResponseMessage.paramsJSON = params
    return said("text", text, e2e.Message(interactiveResponseMessage=part))


def template(title: str, words: str) -> Content:
    part = e2e.TemplateMessage()
    part.hydratedTemplate.hydratedTitleText = title
    part.hydratedTemplate.hydratedContentText = words
    return said("text", f"{title}\n{words}", e2e.Message(templateMessage=part))


def album(images: int) -> Content:
    """The announcement of this many photos."""
    part = e2e.AlbumMessage(expectedImageCount=images)
    return said("protocol", f"[albüm: {images} fotoğraf]", e2e.Message(albumMessage=part))


def hd_photo(data: bytes, caption: str, parent_id: str) -> Content:
    """The better version that follows a photo."""
    plain = image(data, caption)
    body = e2e.Message()
    body.associatedChildMessage.message.CopyFrom(plain.body)
    association = body.messageContextInfo.messageAssociation
    association.associationType = e2e.MessageAssociation.HD_IMAGE_DUAL_UPLOAD
    association.parentMessageKey.ID = parent_id
    return replace(plain, kind="protocol", text="[aynı fotoğrafın HD hali]", body=body)


def vote(poll: Content, poll_id: str, author: str, voter: str, options: Sequence[str]) -> Content:
    """A vote for these options of a poll, sealed with its secret; `author` and `voter` are JIDs."""
    chosen = [hashlib.sha256(option.encode()).digest() for option in options]
    body = e2e.Message()
    part = body.pollUpdateMessage
    part.pollCreationMessageKey.ID = poll_id
    plain = e2e.PollVoteMessage(selectedOptions=chosen).SerializeToString()
    part.vote.encIV, part.vote.encPayload = _sealed(
        plain, poll, f"{poll_id}{author}{voter}Poll Vote", f"{poll_id}\0{voter}"
    )
    words = f"[anket oyu] {', '.join(options)}" if options else "[anket: oyunu geri aldı]"
    return said("reaction", words, body)


def event_answer(event: Content, event_id: str, author: str, guest: str) -> Content:
    """`guest` comes to the event."""
    body = e2e.Message()
    part = body.encEventResponseMessage
    part.eventCreationMessageKey.ID = event_id
    going = e2e.EventResponseMessage(response=e2e.EventResponseMessage.GOING)
    part.encIV, part.encPayload = _sealed(
        going.SerializeToString(),
        event,
        f"{event_id}{author}{guest}Event Response",
        f"{event_id}\0{guest}",
    )
    return said("reaction", "[etkinliğe yanıt: katılıyor]", body)


def _sealed(plain: bytes, original: Content, info: str, beside: str) -> tuple[bytes, bytes]:
    """The nonce and the ciphertext under a key of the original's secret."""
    secret = original.body.messageContextInfo.messageSecret
    key = HKDF(SHA256(), 32, salt=None, info=info.encode()).derive(secret)
    nonce = os.urandom(12)
    return nonce, AESGCM(key).encrypt(nonce, plain, beside.encode())


def placeholder() -> Content:
    """A message, such as a code, that WhatsApp withholds from linked devices."""
    part = e2e.PlaceholderMessage(type=e2e.PlaceholderMessage.MASK_LINKED_DEVICES)
    text = "[gizli mesaj: yalnızca telefonda görülebilir]"
    return said("phone_only", text, e2e.Message(placeholderMessage=part))
