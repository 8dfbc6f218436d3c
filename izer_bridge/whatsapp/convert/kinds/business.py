"""What businesses send: templates, lists, buttons, and interactive messages with their cards."""

from collections.abc import Iterable, Iterator
from typing import Any

from izer_bridge.domain.message import Kind
from izer_bridge.whatsapp.convert.kinds.answers import parsed, readable
from izer_bridge.whatsapp.convert.kinds.content import Content, listed
from izer_bridge.whatsapp.convert.kinds.media import medium
from izer_bridge.whatsapp.convert.kinds.places import place
from izer_bridge.whatsapp.convert.kinds.trade import order_in_json, product
from izer_bridge.whatsapp.library import bounds

_MOST_CARDS = 10
# A button's label, and where it leads.
_ON_A_BUTTON = ("display_text", "url", "copy_code", "phone_number")
_HEADS = {
    "documentMessage": medium(Kind.DOCUMENT),
    "imageMessage": medium(Kind.IMAGE),
    "videoMessage": medium(Kind.VIDEO),
}


def template(part: Any) -> Content:
    """The variant that is present; a filled one carries its words, others only names."""
    for name in ("hydratedTemplate", "hydratedFourRowTemplate"):
        if part.HasField(name):
            return _filled(getattr(part, name))
    if part.HasField("interactiveMessageTemplate"):
        return interactive(part.interactiveMessageTemplate)
    rows = part.fourRowTemplate
    words = (_structured(rows.content), _structured(rows.footer))
    return _with_head(rows, words)


def _filled(rows: Any) -> Content:
    if rows.maskLinkedDevices:
        return Content(Kind.PHONE_ONLY, "[işletme mesajı: yalnızca telefonda görülebilir]")
    buttons = map(_button, rows.hydratedButtons)
    words = (rows.hydratedTitleText, rows.hydratedContentText, rows.hydratedFooterText)
    return _with_head(rows, words, buttons)


def _button(part: Any) -> str:
    """Its label and where it leads: a linked device cannot press it."""
    link, call = part.urlButton, part.callButton
    words = link.displayText or call.displayText or part.quickReplyButton.displayText
    return ": ".join(filter(None, (words, link.URL or call.phoneNumber)))


def structured(part: Any) -> Content:
    """A template by its name and its parameters."""
    if part.HasField("hydratedHsm"):
        return template(part.hydratedHsm)
    return Content(Kind.TEXT, _structured(part))


def _structured(part: Any) -> str:
    values = (*part.params, *(one.default for one in part.localizableParams))
    return " ".join(listed((part.elementName, *values)))


def buttons(part: Any) -> Content:
    named = (button.buttonText.displayText for button in part.buttons)
    return _with_head(part, (part.text, part.contentText, part.footerText), named)


def list_of_rows(part: Any) -> Content:
    rows = (name for section in part.sections for name in (section.title, *map(_row, section.rows)))
    words = (bounds.name(part.title), part.description, part.footerText)
    return Content(Kind.TEXT, _lines(words, rows))


def _row(row: Any) -> str:
    return " – ".join(listed((row.title, row.description)))


def interactive(part: Any) -> Content:
    """Header, body, footer, and the cards of a carousel, each with its own."""
    words = [*_said(part)]
    for card in part.carouselMessage.cards[:_MOST_CARDS]:
        words += _said(card)
    return _with_head(part.header, words, _flow_buttons(part))


def _said(part: Any) -> Iterator[str]:
    yield from map(bounds.line, (part.header.title, part.header.subtitle))
    if part.header.HasField("productMessage"):
        yield product(part.header.productMessage).text
    yield from (part.body.text, part.footer.text)


def _flow_buttons(part: Any) -> Iterator[str]:
    for button in part.nativeFlowMessage.buttons[:_MOST_CARDS]:
        members = parsed(button.buttonParamsJSON)
        if not isinstance(members, dict):
            continue
        if "total_amount" in members:
            yield order_in_json(members)
        elif "sections" in members:
            yield from (value for _, value in readable(button.buttonParamsJSON))
        else:
            found = (members.get(key) for key in _ON_A_BUTTON)
            yield ": ".join(bounds.line(one) for one in found if isinstance(one, str) and one)


def _with_head(part: Any, words: Iterable[str], choices: Iterable[str] = ()) -> Content:
    """The text, with the photo, document or place above it."""
    text = _lines(words, choices)
    for name, read in _HEADS.items():
        if part.HasField(name):
            head = read(getattr(part, name))
            return Content(head.kind, "\n".join(filter(None, (head.text, text))), head.media)
    if part.HasField("locationMessage"):
        text = "\n".join(filter(None, (place(part.locationMessage), text)))
    return Content(Kind.TEXT, text)


def _lines(words: Iterable[str], choices: Iterable[str]) -> str:
    """One per line, with the choices in brackets below."""
    said = dict.fromkeys(bounds.text(word).strip() for word in words)
    offered = " / ".join(listed(choices))
    return "\n".join(filter(None, (*said, f"[{offered}]" if offered else "")))
