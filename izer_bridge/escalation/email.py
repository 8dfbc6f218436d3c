"""E-mail by SMTP: one message per call, its faults told apart, nothing retried."""

from dataclasses import dataclass
from email.header import Header
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from typing import Literal

import aiosmtplib
import structlog
from pydantic import SecretStr

from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.outgoing import MayBeHandedOverError
from izer_bridge.escalation.alarm_ports import Alarm

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 30.0
_PERMANENT_FROM = 500
_AWAY = (
    aiosmtplib.SMTPConnectError,
    aiosmtplib.SMTPTimeoutError,
    aiosmtplib.SMTPServerDisconnected,
    OSError,
)


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """A server and the sender's account; without a `user` nobody logs in."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str = ""
    password: SecretStr | None = None


class Email:
    """Sends alarms from `sender` to all of `to`; `timeout_seconds` bounds each step."""

    def __init__(
        self,
        account: SmtpAccount,
        sender: str,
        to: tuple[str, ...],
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._account = account
        self._sender = sender
        self._to = to
        self._timeout_seconds = timeout_seconds

    async def deliver(self, alarm: Alarm) -> None:
        """See `Channel`. A 4xx answer is transient, 5xx permanent."""
        account = self._account
        client = aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            username=account.user or None,
            password=None if account.password is None else account.password.get_secret_value(),
            timeout=self._timeout_seconds,
            use_tls=account.security == "tls",
            start_tls=account.security == "starttls",
        )
        try:
            await self._introduce(client)
            await self._hand_over(client, _letter(alarm, self._sender, self._to))
        finally:
            client.close()

    async def _introduce(self, client: aiosmtplib.SMTP) -> None:
        """Up to the recipients; until then the server has nothing to deliver."""
        try:
            await client.connect()
            await client.mail(self._sender)
            refused = [error for one in self._to if (error := await _refusal(client, one))]
        except aiosmtplib.SMTPResponseException as error:
            raise _answered(error) from None
        except _AWAY as error:
            raise TransientError(f"no SMTP server: {type(error).__name__}") from None
        except UnicodeError:
            raise PermanentError("an address is not ASCII") from None
        except aiosmtplib.SMTPException as error:
            raise PermanentError(f"the SMTP server cannot do it: {error.message}") from None
        if len(refused) == len(self._to):
            raise _answered(refused[-1])
        if refused:
            log.warning("email_recipients_refused", count=len(refused), code=refused[-1].code)

    async def _hand_over(self, client: aiosmtplib.SMTP, letter: bytes) -> None:
        try:
            await client.data(letter)
        except aiosmtplib.SMTPResponseException as error:
            raise _answered(error) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MayBeHandedOverError(
                f"the SMTP server did not say that it has it: {type(error).__name__}"
            ) from None


async def _refusal(
    client: aiosmtplib.SMTP, recipient: str
) -> aiosmtplib.SMTPResponseException | None:
    try:
        await client.rcpt(recipient)
    except aiosmtplib.SMTPRecipientRefused as error:
        return error
    return None


def _answered(error: aiosmtplib.SMTPResponseException) -> TransientError | PermanentError:
    """The server's text may quote addresses; its number is enough."""
    said = f"the SMTP server answered {error.code}"
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        said += " to user and password"
    return (PermanentError if error.code >= _PERMANENT_FROM else TransientError)(said)


def _letter(alarm: Alarm, sender: str, to: tuple[str, ...]) -> bytes:
    # EmailMessage loses a space where it folds such a subject (Python 3.11).
    letter = MIMEText(alarm.text, "plain", "utf-8")
    letter["From"], letter["To"] = sender, ", ".join(to)
    letter["Subject"] = Header(alarm.subject, "utf-8", header_name="Subject").encode()
    letter["Date"] = format_datetime(alarm.at)
    # The same at every attempt, so that a mailbox can recognise it as one message.
    name, domain = alarm.key.replace(":", "."), sender.rpartition("@")[2]
    letter["Message-ID"] = f"<{name}.izer-bridge@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    return letter.as_bytes(policy=compat32.clone(linesep="\r\n"))
