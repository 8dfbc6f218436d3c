"""`[escalation]`: who is notified of customers that nobody has answered in time."""

from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from izer_bridge.config.values import HttpUrl, OptionalPerson, Section
from izer_bridge.domain.escalation import Target
from izer_bridge.domain.importance import MOST_MINUTES


def _address(text: str) -> str:
    name, at, host = text.rpartition("@")
    if not (name and at and host) or any(sign.isspace() or sign in "<>,;" for sign in text):
        raise ValueError("expected an e-mail address such as owner@example.com")
    if not name.isascii():
        raise ValueError("expected ASCII letters before the @; few servers take others")
    try:
        return f"{name}@{host if host.isascii() else host.encode('idna').decode()}"
    except UnicodeError:
        raise ValueError("expected an e-mail address such as owner@example.com") from None


Address = Annotated[str, AfterValidator(_address)]
OptionalAddress = Annotated[str, AfterValidator(lambda text: text and _address(text))]


class Email(Section):
    """Sent by SMTP; nothing is sent while `to` is empty."""

    to: tuple[Address, ...] = ()
    sender: OptionalAddress = ""
    host: str = ""
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""

    @model_validator(mode="after")
    def _can_be_sent(self) -> "Email":
        if not self.to:
            return self
        if not self.host:
            raise ValueError("to needs host, the name of an SMTP server")
        _address(self.sender)
        if self.user and self.security == "none" and not _is_this_machine(self.host):
            raise ValueError('user needs security = "starttls" or "tls": a password goes with it')
        return self


class Escalation(Section):
    """Off until there is somebody to notify. `urgent_within_minutes` 0: only VIPs and groups."""

    owner: OptionalPerson = ""
    second: OptionalPerson = ""
    webhook_url: HttpUrl = ""
    answer_within_minutes: int = Field(30, ge=1, le=MOST_MINUTES)
    urgent_within_minutes: int = Field(15, ge=0, le=MOST_MINUTES)
    step_minutes: int = Field(15, ge=1, le=MOST_MINUTES)
    email: Email = Email()

    @property
    def targets(self) -> frozenset[Target]:
        known = {
            Target.OWNER: self.owner,
            Target.SECOND: self.second,
            Target.WEBHOOK: self.webhook_url,
            Target.EMAIL: self.email.to,
        }
        return frozenset(target for target, value in known.items() if value)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
