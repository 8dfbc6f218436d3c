"""Builds the escalation ladder from the settings and secrets; it does not run it."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta

import aiohttp
from pydantic import SecretStr

from izer_bridge.config import Config
from izer_bridge.config.secrets import secret, signing_secrets
from izer_bridge.domain.errors import ConfigError
from izer_bridge.domain.escalation import Target
from izer_bridge.domain.identity import person_jid
from izer_bridge.escalation.alarm_ports import Channel
from izer_bridge.escalation.alarm_webhook import AlarmWebhook
from izer_bridge.escalation.decide import Deadlines
from izer_bridge.escalation.step import Ladder


def deadlines(config: Config) -> Deadlines:
    """By when a person must have answered, according to the settings."""
    escalation = config.escalation
    return Deadlines(
        config.business_hours.clock(config.shop.zone),
        escalation.answer_within_minutes,
        escalation.urgent_within_minutes,
        is_there_to_tell=bool(escalation.targets),
    )


async def build_ladder(config: Config, opened: AsyncExitStack) -> Ladder:
    """Anything that must be closed at the end is pushed on `opened`. Raises ConfigError."""
    escalation = config.escalation
    people = {Target.OWNER: escalation.owner, Target.SECOND: escalation.second}
    return Ladder(
        config.business_hours.clock(config.shop.zone),
        timedelta(minutes=escalation.step_minutes),
        {target: person_jid(known) for target, known in people.items() if known},
        await _channels(config, opened),
    )


def smtp_password(config: Config) -> SecretStr | None:
    """None if no e-mail is sent, or none with a log-in. Raises ConfigError if it is missing."""
    email = config.escalation.email
    if not (email.to and email.user):
        return None
    password = secret("smtp_password")
    if password is None:
        raise ConfigError("escalation.email.user needs a password: SMTP_PASSWORD")
    return password


async def _channels(config: Config, opened: AsyncExitStack) -> Mapping[Target, Channel]:
    escalation, email = config.escalation, config.escalation.email
    channels: dict[Target, Channel] = {}
    if escalation.webhook_url:
        [key] = signing_secrets(["escalation_webhook_secret"])
        session = await opened.enter_async_context(aiohttp.ClientSession())
        channels[Target.WEBHOOK] = AlarmWebhook(escalation.webhook_url, key, session)
    if email.to:
        channels[Target.EMAIL] = mailbox(config)
    return channels


def mailbox(config: Config) -> Channel:
    """The e-mail channel, where somebody is named. Raises ConfigError without a password."""
    from izer_bridge.escalation.email import Email, SmtpAccount

    email = config.escalation.email
    account = SmtpAccount(email.host, email.port, email.security, email.user, smtp_password(config))
    return Email(account, email.sender, email.to)
