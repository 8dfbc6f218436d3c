"""Identifies people on WhatsApp: JIDs, LIDs and phone numbers in one spelling."""

import re
from typing import NamedTuple

import phonenumbers

NUMBER_SERVER = "s.whatsapp.net"
LID_SERVER = "lid"
GROUP_SERVER = "g.us"
NEWSLETTER_SERVER = "newsletter"
STATUS_USER = "status"
BROADCAST_SERVER = "broadcast"
# At most as long as E.164 allows, and at least as long as any personal number.
_DIGITS = re.compile(r"[1-9][0-9]{6,14}")
_SAYS_ITS_COUNTRY = (
    phonenumbers.CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN,
    phonenumbers.CountryCodeSource.FROM_NUMBER_WITH_IDD,
)
_NO_NUMBER = "{!r} is no phone number; expected one such as 0555 111 22 33 or +44 20 7946 0958"


class Jid(NamedTuple):
    """A WhatsApp address without its device part, for example `905551112233@s.whatsapp.net`.

    A tuple, because each message is looked up by several of them, and a tuple's hash is quick.
    """

    user: str
    server: str

    @classmethod
    def parse(cls, text: str) -> "Jid":
        """Read `user[.agent][:device]@server`; the legacy server `c.us` is `s.whatsapp.net`.

        Raises ValueError if there is no user or no server.
        """
        user, at, server = text.strip().rpartition("@")
        server = server.lower()
        if server in (NUMBER_SERVER, LID_SERVER, "c.us"):
            # Connectors put a plus before anything they take for a number.
            user = user.removeprefix("+").partition(":")[0].partition(".")[0]
        if not (user and at and server):
            raise ValueError(f"{text!r} is not a JID; expected user@server")
        return cls(user, NUMBER_SERVER if server == "c.us" else server)

    def __str__(self) -> str:
        return f"{self.user}@{self.server}"

    @property
    def is_number(self) -> bool:
        return self.server == NUMBER_SERVER

    @property
    def is_lid(self) -> bool:
        return self.server == LID_SERVER

    @property
    def is_group(self) -> bool:
        return self.server == GROUP_SERVER

    @property
    def is_status(self) -> bool:
        return self.server == BROADCAST_SERVER and self.user == STATUS_USER

    @property
    def is_broadcast_list(self) -> bool:
        return self.server == BROADCAST_SERVER and self.user != STATUS_USER

    @property
    def is_newsletter(self) -> bool:
        return self.server == NEWSLETTER_SERVER

    @property
    def number(self) -> str | None:
        """The phone number in E.164 (`+905551112233`); a LID's digits are not a phone number."""
        return f"+{self.user}" if self.is_number else None


def normalise_number(text: str, region: str = "TR") -> str:
    """Turn a phone number in any usual spelling, or a JID that contains one, into E.164.

    `+` and `00` state the country. Any other number belongs to `region` (an ISO country) if it is
    valid there, else it is international without its plus, as WhatsApp writes numbers, if that is
    valid. Raises ValueError for the rest.
    """
    if "@" in text:
        return _number_at(Jid.parse(text), region)
    readings = [_parsed(text, region), _parsed(f"+{text.strip()}", region)]
    if readings[0] is not None and readings[0].country_code_source in _SAYS_ITS_COUNTRY:
        found = readings[0] if phonenumbers.is_possible_number(readings[0]) else None
    else:
        found = next((one for one in readings if one and phonenumbers.is_valid_number(one)), None)
    if found is None:
        raise ValueError(_NO_NUMBER.format(text))
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def _number_at(jid: Jid, region: str) -> str:
    """WhatsApp vouches for a number's JID, even if no numbering plan knows it.

    Only a number that is valid nowhere else may be one of `region` that somebody turned into a JID.
    """
    if not jid.is_number:
        raise ValueError(_NO_NUMBER.format(str(jid)))
    readings = [_parsed(f"+{jid.user}", region), _parsed(jid.user, region)]
    if found := next((one for one in readings if one and phonenumbers.is_valid_number(one)), None):
        return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    if not _DIGITS.fullmatch(jid.user):
        raise ValueError(_NO_NUMBER.format(str(jid)))
    return f"+{jid.user}"


def _parsed(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None


def national_digits(number: str) -> str:
    """An E.164 number's digits as dialled nationally after the 0; empty if no plan knows it."""
    parsed = _parsed(number, "ZZ")
    return str(parsed.national_number) if parsed is not None else ""


def person_jid(key: str) -> Jid:
    """The address of a person known by an E.164 number or a LID (`1234@lid`)."""
    return Jid.parse(key) if "@" in key else Jid(key.removeprefix("+"), NUMBER_SERVER)


def redact(identifier: str) -> str:
    """The part of a number or JID that a log may contain: its last two digits."""
    user = identifier.partition("@")[0]
    return f"…{user[-2:]}"
