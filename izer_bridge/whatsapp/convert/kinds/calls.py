"""Calls in the chat's own log. A missed call is a message; a taken one is not."""

from dataclasses import replace
from typing import Any

from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import CallLogMessage

from izer_bridge.domain.call import CallSign
from izer_bridge.domain.message import Kind
from izer_bridge.whatsapp.convert.kinds.content import Content, worded
from izer_bridge.whatsapp.library import bounds

_TAKEN = (CallLogMessage.CONNECTED, CallLogMessage.ACCEPTED_ELSEWHERE, CallLogMessage.ONGOING)


def missed_call(*, is_video: bool, is_group: bool = False) -> Content:
    """A call that rang and that nobody took."""
    how = "görüntülü" if is_video else "sesli"
    return Content(Kind.CALL, f"[cevapsız {how} {'grup araması' if is_group else 'arama'}]")


def call_log(part: Any) -> Content:
    seconds = bounds.count(part.durationSecs)
    is_video = part.isVideo if part.HasField("isVideo") else None
    sign = CallSign(is_entry=True, is_video=is_video, seconds=seconds)
    if part.callOutcome not in _TAKEN:
        missed = missed_call(is_video=part.isVideo, is_group=len(part.participants) > 1)
        return replace(missed, call=sign)
    how = "görüntülü arama" if part.isVideo else "sesli arama"
    length = f": {seconds // 60}:{seconds % 60:02}" if seconds else ""
    return Content(Kind.PROTOCOL, f"[{how}{length}]", call=sign)


def broadcast_call(part: Any) -> Content:
    """Without words its kind cannot be read."""
    caption = bounds.line(part.caption)
    return Content(Kind.TEXT, worded("canlı yayın", caption) if caption else "")
