"""What people and businesses say beside texts and files: builders of message bodies; pure."""

from dataclasses import replace

from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from izer_bridge.simulator.content import Content, image, with_secret


def said(kind: str, text: str, body: e2e.Message) -> Content:
    """Any body, with what a reader is to make of it."""
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
    """What somebody filled into a form, as its program gets it."""
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
    """What comes before so many photos."""
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


def placeholder() -> Content:
    """A message, such as a code, that WhatsApp withholds from linked devices."""
    part = e2e.PlaceholderMessage(type=e2e.PlaceholderMessage.MASK_LINKED_DEVICES)
    text = "[gizli mesaj: yalnızca telefonda görülebilir]"
    return said("phone_only", text, e2e.Message(placeholderMessage=part))
