"""`izer-bridge group confirm`, `unconfirm` and `list --on-whatsapp`: whose names count."""

from izer_bridge.config import Config
from izer_bridge.console.console import Printer
from izer_bridge.console.listing import fixed, text
from izer_bridge.domain.errors import UsageError
from izer_bridge.domain.identity import Jid
from izer_bridge.people.store.own_groups import Bearer, OwnGroups


async def confirm(config: Config, text: str) -> str:
    """The JID. Raises UsageError for a name: a name does not say whose the group is."""
    group = _group(text)
    async with OwnGroups(config.store_url) as groups:
        await groups.confirm(group)
    return str(group)


async def unconfirm(config: Config, text: str) -> str:
    """The JID. Raises UsageError if it was not confirmed."""
    group = _group(text)
    async with OwnGroups(config.store_url) as groups:
        if not await groups.unconfirm(group):
            raise UsageError(f"{group} is not confirmed; see: izer-bridge group list --on-whatsapp")
    return str(group)


async def show(config: Config, console: Printer, *, as_json: bool) -> None:
    """Print the groups on WhatsApp that carry a critical name, or are confirmed."""
    async with OwnGroups(config.store_url) as groups:
        found = await groups.bearers(config.importance)
    if as_json:
        console.json([_plain(one) for one in found])
    elif found:
        columns = [text("name"), text("counts by its name"), fixed("jid")]
        console.listing(columns, [(one.name, _why(one), str(one.jid)) for one in found])
    else:
        console.print("There are none.")


def _group(text: str) -> Jid:
    try:
        jid = Jid.parse(text)
    except ValueError:
        jid = None
    if jid is None or not jid.is_group or not jid.user.replace("-", "").isdecimal():
        raise UsageError(
            f"{text!r} is no group's JID; expected one such as 1203…@g.us; "
            "see: izer-bridge group list --on-whatsapp"
        )
    return jid


def _plain(one: Bearer) -> dict[str, object]:
    return {
        "jid": str(one.jid),
        "name": one.name,
        "shop_is_admin": one.shop_is_admin,
        "confirmed": one.is_confirmed,
        "counts": one.counts,
    }


def _why(one: Bearer) -> str:
    if one.is_confirmed:
        return "yes: it is confirmed"
    if one.shop_is_admin is None:
        return "not known before its next message"
    if one.shop_is_admin:
        return "yes: the shop is an admin of it"
    return "no; where it is the shop's: izer-bridge group confirm JID"
