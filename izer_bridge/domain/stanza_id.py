"""Extracts the id that WhatsApp gave a message from a connector's version of it; pure."""

import re

# 3EB0… of linked devices, 3A… of iPhones, 32 characters of Android: upper case, never digits alone.
_STANZA = re.compile(r"(?=[0-9]*[A-F])[0-9A-F]{6,64}")
# The replaced connector's prefix: the time at which it posted.
_STAMPED = re.compile(r"[A-Za-z]+[.:-]\d{10,17}_(\S+)")


def stanza_id(message_id: str) -> str | None:
    """The last part of `wamid.1795953600123_3EB0F59` and `false_905551112233@c.us_3EB0F42`.

    In a group the participant follows it. None if no part is such an id.
    """
    stamped = _STAMPED.fullmatch(message_id)
    rest = stamped[1] if stamped else message_id
    found = next((one for one in reversed(rest.split("_")) if _STANZA.fullmatch(one)), None)
    return found or (rest if stamped else None)
