"""`/v1/me`: who asks, as the bridge knows them."""

from collections.abc import Sequence

from izer_bridge.web.caller import Role
from izer_bridge.web.operation import AnyOperation, ApiCall, NoFields, Operation, ToldFields


class Me(ToldFields):
    """`csrf` is what a browser's writes must carry in the header `X-CSRF-Token`."""

    name: str
    role: Role
    csrf: str | None


def staff_operations() -> Sequence[AnyOperation]:
    """The operations of this room."""
    return (Operation("GET", "/v1/me", "get_me", "Who asks, and with which role.", _me, answer=Me),)


async def _me(call: ApiCall[NoFields, NoFields]) -> Me:
    return Me.model_validate(call.caller)
