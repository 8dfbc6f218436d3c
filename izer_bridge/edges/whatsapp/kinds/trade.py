"""Buying and paying: orders, products, requests for money. Amounts are in thousandths."""

from typing import Any

from izer_bridge.edges.whatsapp import bounds
from izer_bridge.edges.whatsapp.kinds.content import Content, worded
from izer_bridge.model.message import Kind

_THOUSANDTHS = 1000


def order(part: Any) -> Content:
    number = bounds.count(part.itemCount)
    total = _thousandths(part.totalAmount1000, part.totalCurrencyCode)
    head = ", ".join(filter(None, (f"{number} ürün" if number else "", total)))
    words = (bounds.text(part.message), bounds.name(part.orderTitle))
    label = f"[sipariş: {head}]" if head else "[sipariş]"
    return Content(Kind.TEXT, " ".join(filter(None, (label, *words))))


def product(part: Any) -> Content:
    what = part.product
    price = _thousandths(what.priceAmount1000, what.currencyCode)
    reduced = _thousandths(what.salePriceAmount1000, what.currencyCode)
    words = (
        bounds.text(part.body),
        bounds.name(what.title) or bounds.name(part.catalog.title),
        bounds.line(what.description) or bounds.line(part.catalog.description),
        f"{reduced} (eski fiyat {price})" if price and reduced else price or reduced,
        bounds.line(part.footer),
    )
    return Content(Kind.TEXT, worded("ürün", *words))


def payment_request(part: Any) -> str:
    """The line without its note, which is a message of its own."""
    asked = _thousandths(part.amount1000, part.currencyCodeIso4217) or _money(part.amount)
    return f"[ödeme isteği: {asked}]" if asked else "[ödeme isteği]"


def payment_reminder(part: Any) -> Content:
    words = (_money(part.amount), bounds.line(part.description))
    return Content(Kind.TEXT, worded("ödeme hatırlatması", *words))


def split_payment(part: Any) -> Content:
    words = (_money(part.totalAmount), bounds.line(part.description))
    return Content(Kind.TEXT, worded("hesap bölüşme", *words))


def invoice(part: Any) -> Content:
    return Content(Kind.TEXT, worded("fatura", bounds.line(part.note)))


def _thousandths(amount: int, currency: str) -> str:
    return bounds.money(amount, _THOUSANDTHS, currency)


def _money(amount: Any) -> str:
    return bounds.money(amount.value, amount.offset or 1, amount.currencyCode)
