"""An SMTP server on loopback that keeps what it receives, and answers as scripted."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

OK = "250 OK"


class SmtpServer:
    """`refusals` are answers to a step (`rcpt`, `data`) instead of OK; `logins` what came.

    With `cuts_after_data` it closes the connection once it has the message, without a word.
    """

    def __init__(self, password: str | None = None) -> None:
        self.refusals: dict[str, str] = {}
        self.logins: list[tuple[str, str]] = []
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.cuts_after_data = False
        self._password = password
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def _protocol(self) -> SMTP:
        return SMTP(
            self,
            hostname="smtp.test",
            authenticator=self._authenticate if self._password else None,
            auth_require_tls=False,
            enable_SMTPUTF8=True,
        )

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self.refusals.get(f"rcpt {address}", self.refusals.get("rcpt")):
            return refusal
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if refusal := self.refusals.get("data"):
            return refusal
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients.append(envelope.rcpt_tos)
        if self.cuts_after_data:
            assert server.transport is not None
            server.transport.close()
        return OK

    def _authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        user, password = data.login.decode(), data.password.decode()
        self.logins.append((user, password))
        return AuthResult(success=password == self._password, handled=False)
