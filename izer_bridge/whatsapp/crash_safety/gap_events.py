"""The bridge's own events in the inbox, which report that messages may be missing; pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from google.protobuf.message import DecodeError
from neonize.proto import Neonize_pb2 as proto

from izer_bridge.domain.errors import PermanentError
from izer_bridge.domain.gap import Gap, GapReason, is_worth_a_gap
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.whatsapp.event_codes import EventCode
from izer_bridge.whatsapp.library import bounds
from izer_bridge.whatsapp.library.addresses import jid_of
from izer_bridge.whatsapp.library.utf8 import mended


@dataclass(frozen=True, slots=True)
class GapEvent:
    """A message that may be missing, or `detail` about several known only by number."""

    message_id: str
    reason: GapReason
    chat: str = ""
    sender: str = ""
    detail: str = ""

    def dump(self) -> bytes:
        """The payload of an event `EventCode.GAP`."""
        return json.dumps(asdict(self)).encode()


def gaps_of(code: int, payload: bytes, account: str, noticed_at: datetime) -> list[Gap]:
    """The gaps in one raw event of the inbox, unless it turns out that nothing is missing.

    Raises PermanentError if `payload` does not fit `code`.
    """
    try:
        gaps = list(_gaps(code, payload, account, noticed_at))
    except (DecodeError, ValueError, TypeError, OverflowError) as error:
        raise PermanentError(f"event {code} cannot be read: {type(error).__name__}") from error
    return [gap for gap in gaps if is_worth_a_gap(gap)]


def gaps_in(messages: Sequence[Message], noticed_at: datetime) -> list[Gap]:
    """Messages that only the phone can show: they have a row, and are missing all the same.

    Those in a history were reported when they arrived.
    """
    gaps = (
        Gap(
            account=message.account,
            message_id=message.message_id,
            reason=GapReason.UNAVAILABLE,
            noticed_at=noticed_at,
            chat=message.chat,
            sender=message.sender,
            detail=f"only the phone can show it, sent {message.sent_at:%F %T} UTC",
        )
        for message in messages
        if message.kind is Kind.PHONE_ONLY and message.origin is Origin.LIVE
    )
    return [gap for gap in gaps if is_worth_a_gap(gap)]


def _gaps(code: int, payload: bytes, account: str, noticed_at: datetime) -> Iterator[Gap]:
    if code == EventCode.UNDECRYPTABLE:
        event = mended(proto.UndecryptableMessage.FromString(payload))
        # It has a row, which opens its gap.
        if event.IsUnavailable:
            return
        source = event.Info.MessageSource
        yield Gap(
            account=account,
            message_id=event.Info.ID,
            reason=GapReason.UNDECRYPTABLE,
            noticed_at=noticed_at,
            chat=jid_of(source.Chat),
            sender=jid_of(source.Sender),
            detail=f"sent {bounds.moment(event.Info.Timestamp / 1000):%F %T} UTC",
        )
    elif code == EventCode.GAP:
        said = GapEvent(**json.loads(payload))
        yield Gap(
            account=account,
            message_id=said.message_id,
            reason=GapReason(said.reason),
            noticed_at=noticed_at,
            chat=_jid(said.chat),
            sender=_jid(said.sender),
            detail=said.detail,
        )


def _jid(text: str) -> Jid | None:
    return Jid.parse(text) if text else None
