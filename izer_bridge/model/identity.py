"""Who somebody is on WhatsApp: JIDs, LIDs and phone numbers in one spelling."""

from dataclasses import dataclass

import phonenumbers

NUMBER_SERVER = "s.whatsapp.net"
LID_SERVER = "lid"
GROUP_SERVER = "g.us"
NEWSLETTER_SERVER = "newsletter"
STATUS_USER = "status"
BROADCAST_SERVER = "broadcast"
_NO_NUMBER = "{!r} is no phone number; expected one such as 0555 111 22 33 or +44 20 7946 0958"


@dataclass(frozen=True, slots=True)
class Jid:
    """A WhatsApp address without its device part, for example `905551112233@s.whatsapp.net`."""

    user: str
    server: str

    @classmethod
    def parse(cls, text: str) -> "Jid":
        """Read `user[.agent][:device]@server`; the legacy server `c.us` is `s.whatsapp.net`.

        Raises ValueError when there is no user or no server.
        """
        user, at, server = text.strip().rpartition("@")
        if not (user and at and server):
            raise ValueError(f"{text!r} is not a JID; expected user@server")
        if server in (NUMBER_SERVER, LID_SERVER, "c.us"):
            user = user.partition(":")[0].partition(".")[0]
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
        return self.server == BROADCAST_SERVER

    @property
    def is_newsletter(self) -> bool:
        return self.server == NEWSLETTER_SERVER

    @property
    def number(self) -> str | None:
        """The phone number in E.164 (`+905551112233`); a LID's digits are no phone number."""
        return f"+{self.user}" if self.is_number else None


def normalise_number(text: str, region: str = "TR") -> str:
    """Turn a phone number in any usual spelling into E.164.

    `region` is the ISO country that a number without country code belongs to.
    Raises ValueError for what cannot be a phone number.
    """
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise ValueError(_NO_NUMBER.format(text)) from error
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError(_NO_NUMBER.format(text))
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def person_jid(key: str) -> Jid:
    """The address of somebody who is known by an E.164 number or a LID (`1234@lid`)."""
    return Jid.parse(key) if "@" in key else Jid(key.removeprefix("+"), NUMBER_SERVER)


def redact(identifier: str) -> str:
    """What of a number or JID may stand in a log: its last two digits."""
    user = identifier.partition("@")[0]
    return f"…{user[-2:]}"
