"""E-mail against a real SMTP server: what it receives, and the meaning of each of its answers."""

import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.outgoing import MayBeHandedOverError
from izer_bridge.escalation.alarm_ports import Alarm
from izer_bridge.escalation.email import Email, SmtpAccount
from tests.servers.smtp import SmtpServer

ALARM = Alarm(
    key="escalation:7:email",
    at=datetime(2026, 3, 1, 9, 50, tzinfo=UTC),
    subject="VIP müşteri 45 dakikadır yanıt bekliyor: Ayşe Yılmaz",
    text="⏰ VIP müşteri\nYanıtlamak için: https://wa.me/905551112233",
    data={},
)
PASSWORD = "right"
TO = ("owner@shop.example", "second@shop.example")


@pytest.fixture
async def server() -> AsyncIterator[SmtpServer]:
    async with SmtpServer(PASSWORD) as smtp:
        yield smtp


def email(server: SmtpServer, user: str = "", password: str = PASSWORD) -> Email:
    account = SmtpAccount("127.0.0.1", server.port, "none", user, SecretStr(password))
    return Email(account, "bridge@shop.example", TO, 5.0)


async def test_both_get_one_message_that_reads_as_it_was_written(server: SmtpServer) -> None:
    await email(server, "bridge").deliver(ALARM)
    [message], [recipients] = server.messages, server.recipients
    assert server.logins == [("bridge", PASSWORD)]
    assert recipients == list(TO)
    assert message["Subject"] == ALARM.subject
    assert message["From"] == "bridge@shop.example"
    assert message["To"] == ", ".join(TO)
    assert message["Date"] == "Sun, 01 Mar 2026 09:50:00 +0000"
    assert message["Message-ID"] == "<escalation.7.email.izer-bridge@shop.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n").rstrip() == ALARM.text


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("rcpt", "450 later", TransientError),
        ("rcpt", "550 owner@shop.example unknown", PermanentError),
        ("data", "451 later", TransientError),
        ("data", "554 spam", PermanentError),
    ],
)
async def test_what_the_server_answers_says_whether_to_try_again(
    server: SmtpServer, step: str, answer: str, error: type[Exception]
) -> None:
    server.refusals[step] = answer
    with pytest.raises(error) as raised:
        await email(server).deliver(ALARM)
    assert answer[:3] in str(raised.value)
    assert "@" not in str(raised.value)
    assert server.messages == []


async def test_one_recipient_who_is_refused_does_not_keep_it_from_the_other(
    server: SmtpServer,
) -> None:
    server.refusals[f"rcpt {TO[0]}"] = "550 unknown"
    await email(server).deliver(ALARM)
    assert server.recipients == [[TO[1]]]


async def test_a_wrong_password_is_named_and_not_shown(server: SmtpServer) -> None:
    with pytest.raises(PermanentError, match="535 to user and password") as raised:
        await email(server, "bridge", "wrong").deliver(ALARM)
    assert "wrong" not in str(raised.value)


async def test_a_connection_that_ends_after_the_message_leaves_it_open(server: SmtpServer) -> None:
    server.cuts_after_data = True
    with pytest.raises(MayBeHandedOverError):
        await email(server).deliver(ALARM)
    assert len(server.messages) == 1


async def test_a_server_that_is_away_has_nothing() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        account = SmtpAccount("127.0.0.1", closed.getsockname()[1], "starttls")
        with pytest.raises(TransientError, match="no SMTP server"):
            await Email(account, "b@c", TO, 1.0).deliver(ALARM)


async def test_a_server_without_encryption_gets_no_password(server: SmtpServer) -> None:
    account = SmtpAccount("127.0.0.1", server.port, "starttls", "bridge", SecretStr(PASSWORD))
    with pytest.raises(PermanentError):
        await Email(account, "b@c", TO, 5.0).deliver(ALARM)
    assert server.logins == []


async def test_an_address_that_no_server_takes_is_permanent(server: SmtpServer) -> None:
    account = SmtpAccount("127.0.0.1", server.port, "none")
    with pytest.raises(PermanentError):
        await Email(account, "bridge@shop.example", ("şef@shop.example",), 5.0).deliver(ALARM)
