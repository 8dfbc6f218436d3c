"""Buying and paying: orders, products, requests for money. Amounts are in thousandths."""

from collections.abc import Mapping
from typing import Any

from izer_bridge.domain.message import Kind
from izer_bridge.whatsapp.convert.kinds.content import Content, listed, worded
from izer_bridge.whatsapp.library import bounds

_THOUSANDTHS = 1000
_MOST_ITEMS = 30


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


def order_in_json(members: Mapping[str, Any]) -> str:
    """A business's order or bill, from the JSON under its button."""
    currency = str(members.get("currency", ""))
    inner = members.get("order")
    items = inner.get("items") if isinstance(inner, Mapping) else None
    names = listed(
        f"{one.get('quantity', 1)} × {one.get('name', '')}"
        for one in (items if isinstance(items, list) else ())[:_MOST_ITEMS]
        if isinstance(one, Mapping)
    )
    total = _json_money(members.get("total_amount"), currency)
    return ", ".join(filter(None, (*names, f"toplam {total}" if total else "")))


def _json_money(amount: object, currency: str) -> str:
    if not isinstance(amount, Mapping):
        return ""
    value, divisor = amount.get("value"), amount.get("offset", 1)
    if not (isinstance(value, int) and isinstance(divisor, int)):
        return ""
    return bounds.money(value, divisor, currency)


def payment_request(part: Any) -> str:
    """The line without its note, which is a separate message."""
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
