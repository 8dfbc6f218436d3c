"""`[api]`: where the HTTP interface listens, and who may ask."""

from ipaddress import ip_address
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from izer_bridge.config.values import SecretName, Section


def _host(host: str) -> str:
    try:
        is_address = bool(ip_address(host))
    except ValueError:
        is_address = False
    if host != "localhost" and not is_address:
        raise ValueError("expected localhost or an IP address such as 127.0.0.1, ::1 or 0.0.0.0")
    return host


def _host_name(name: str) -> str:
    if not name or set(name) & set("/:@ "):
        raise ValueError("expected a host's name without scheme or port, such as shop.example")
    return name.lower()


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError("expected IP addresses such as 127.0.0.1") from None


Host = Annotated[str, AfterValidator(_host)]
HostName = Annotated[str, AfterValidator(_host_name)]
Address = Annotated[str, AfterValidator(_address)]


class Api(Section):
    """Beyond loopback a token is required, whatever `require_token` says."""

    host: Host = "127.0.0.1"
    port: int = Field(8100, ge=0, le=65535)
    require_token: bool = False
    allowed_hosts: tuple[HostName, ...] = ()
    tls_certificate: str = ""
    tls_key: str = ""
    tls_port: int = Field(8443, ge=0, le=65535)
    trusted_proxies: tuple[Address, ...] = ()
    webhook: Literal["open", "token", "signed"] = "open"
    webhook_secrets: tuple[SecretName, ...] = ()
    requests_per_second: float = Field(50.0, ge=0, le=100_000)

    @model_validator(mode="after")
    def _is_signed_by_somebody(self) -> Self:
        if self.webhook == "signed" and not self.webhook_secrets:
            raise ValueError("webhook = 'signed' needs a name in webhook_secrets")
        return self

    @model_validator(mode="after")
    def _has_both_halves(self) -> Self:
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("tls_certificate and tls_key belong together; one of them is missing")
        return self

    @property
    def webhook_door(self) -> str:
        """Signing secrets require signatures, whatever else is set."""
        return "signed" if self.webhook_secrets else self.webhook

    @property
    def needs_token(self) -> bool:
        return self.require_token or not self.is_on_loopback

    @property
    def is_on_loopback(self) -> bool:
        return self.host == "localhost" or ip_address(self.host).is_loopback
