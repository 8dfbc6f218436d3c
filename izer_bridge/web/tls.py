"""The socket that speaks TLS, for the shop's other devices; a renewed certificate is taken over."""

import os
import ssl
from dataclasses import dataclass
from datetime import datetime

import structlog

from izer_bridge.domain.errors import ConfigError

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TlsSocket:
    """Where it listens, and with what."""

    host: str
    port: int
    certificate: "Certificate"


class Certificate:
    """The files `certificate` (with its chain) and `key`, in PEM. Raises ConfigError."""

    def __init__(self, certificate: str, key: str) -> None:
        self._files = certificate, key
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._changed_at = self._newest()
        try:
            self.context.load_cert_chain(*self._files)
        except OSError as error:  # ssl.SSLError is one
            raise ConfigError(
                f"api.tls_certificate = {certificate!r} and api.tls_key = {key!r} cannot be used: "
                f"{error.strerror or error}"
            ) from None

    @property
    def until(self) -> datetime:
        """When it ends. Raises ConfigError."""
        # Three MB that a bridge needs only where somebody asks.
        from cryptography import x509

        try:
            with open(self._files[0], "rb") as file:
                return x509.load_pem_x509_certificates(file.read())[0].not_valid_after_utc
        except (OSError, ValueError) as error:
            raise ConfigError(f"api.tls_certificate cannot be read: {error}") from None

    def take_over(self) -> None:
        """Use the files anew if they have changed; what is half written is left for later."""
        if (newest := self._newest()) == self._changed_at:
            return
        try:
            # Into one of its own first: a failure leaves the old pair half replaced.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*self._files)
            self.context.load_cert_chain(*self._files)
        except OSError as error:
            _log.warning("tls_certificate_unusable", error=error.strerror or str(error))
        else:
            _log.info("tls_certificate_renewed")
        self._changed_at = newest

    def _newest(self) -> tuple[int, ...]:
        """When each was changed; nothing for one that is missing."""
        found = []
        for file in self._files:
            try:
                found.append(os.stat(file).st_mtime_ns)
            except OSError:
                found.append(0)
        return tuple(found)
