"""What `izer-bridge doctor` checks around the bridge: store, OpenAI, agents, the running bridge."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from izer_bridge.conditions.status import unconfirmed_groups
from izer_bridge.conditions.status_report import unbelieved
from izer_bridge.conditions.told import conditions_without, said_by
from izer_bridge.config import AGENT_NAMES, Config
from izer_bridge.config.api import Api
from izer_bridge.doctor import host
from izer_bridge.doctor.finding import (
    Finding,
    FindingLevel,
    failed,
    finding_of,
    ok,
    skipped,
    warning,
)
from izer_bridge.domain.condition import Condition, ConditionName
from izer_bridge.domain.errors import (
    DamagedStoreError,
    PermanentError,
    TransientError,
    UnpreparedStoreError,
)
from izer_bridge.host import state_directory
from izer_bridge.reports.store.stats import StoredStats
from izer_bridge.store.probe import Probe
from izer_bridge.web.doors import Door, open_to
from izer_bridge.web.openai_client import models_at
from izer_bridge.web.own_api import RunningBridge
from izer_bridge.web.wiring import build_tls

_SECONDS = 10.0
_APART = timedelta(seconds=30)
_LOG = "see the log: journalctl -u izer-bridge"
# Checked here separately.
_EXAMINED = {ConditionName.DISK_FULL, ConditionName.DISK_LOW}
_RENEWED_BEFORE = timedelta(days=14)
_RENEW = "renew the file of api.tls_certificate; the bridge takes it over"
_NTP = "sudo timedatectl set-ntp true, on both machines"


async def store(config: Config, now: datetime) -> list[Finding]:
    """It accepts a write, has this version's tables, and the same time."""
    if not config.store.url and not _is_there(config.state_dir / "bridge.db"):
        return [skipped("store", "there is none before the first start")]
    try:
        return await _of_store(config, now)
    except UnpreparedStoreError as error:
        return [failed("store", str(error), "start the bridge once")]
    except DamagedStoreError as error:
        return [failed("store", str(error), "see A damaged store in docs/operations.md")]


async def _of_store(config: Config, now: datetime) -> list[Finding]:
    async with Probe(config.store_url) as probe:
        await probe.write()
        server, newest = await probe.clock(), await probe.newest()
    found = [ok("store", "takes writes; its tables are of this version")]
    apart = abs(server - datetime.now(UTC))
    if apart > _APART:
        text = f"the store's clock is {apart.total_seconds():.0f} s away from this one's"
        found.append(warning("clock", text, _NTP))
    if newest is not None and newest > now + _APART:
        text = f"the newest message was recorded at {newest:%Y-%m-%d %H:%M} UTC, which is to come"
        found.append(warning("clock", text, "set the clock right: it has been put back"))
    async with StoredStats(config.store_url) as stored:
        unconfirmed = await unconfirmed_groups(config, stored)
    return [*found, *(warning("group", *unbelieved(one)) for one in unconfirmed)]


def _is_there(file: Path) -> bool:
    """Also true if this user may not see where it leads."""
    return os.path.lexists(file)


async def openai(config: Config, key: SecretStr | None) -> list[Finding]:
    """The endpoint accepts the key, and has the model."""
    if key is None:
        return [skipped("OpenAI", "no key is set: the local analyser answers")]
    settings = config.openai
    seconds = min(settings.timeout_seconds, _SECONDS)
    models = await models_at(settings.base_url, key.get_secret_value(), seconds)
    if models and settings.model not in models:
        text = f"the endpoint takes the key and does not list the model {settings.model!r}"
        return [warning("OpenAI", text, "set openai.model to one that your key may use")]
    return [ok("OpenAI", f"the endpoint takes the key; the model is {settings.model}")]


async def agents(config: Config) -> list[Finding]:
    """Each agent configured by URL answers anything at all."""
    timeout = aiohttp.ClientTimeout(_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        urls = {name: config.agent(name).url for name in AGENT_NAMES}
        away = [(name, url) for name, url in urls.items() if url]
        found = await asyncio.gather(*(_agent(session, name, url) for name, url in away))
    if len(away) == len(urls):
        return list(found)
    built_in = [name for name, url in urls.items() if not url]
    return [*found, ok("agents", f"built in: {', '.join(built_in)}")]


async def _agent(session: aiohttp.ClientSession, name: str, url: str) -> Finding:
    about, fix = f"agent {name}", f"start the agent, or set agents.{name}.url right"
    try:
        async with session.get(f"{url}/health", allow_redirects=False) as answer:
            return ok(about, f"answers ({answer.status})")
    except TimeoutError:
        return failed(about, f"does not answer within {_SECONDS:g} s", fix)
    except (aiohttp.ClientError, ValueError) as error:
        return failed(about, f"cannot be reached: {type(error).__name__}", fix)


async def certificate(config: Config, now: datetime) -> list[Finding]:
    """The pages' own certificate can be used, and for how long. Raises ConfigError."""
    tls = build_tls(config)
    if tls is None:
        return []
    until = tls.certificate.until
    text = f"for the pages on port {tls.port}, until {until:%Y-%m-%d %H:%M} UTC"
    if until <= now:
        return [failed("certificate", f"{text}: no browser opens them", _RENEW)]
    if until - now <= _RENEWED_BEFORE:
        return [warning("certificate", text, _RENEW)]
    return [ok("certificate", text)]


async def bridge(config: Config) -> Sequence[Finding]:
    """What the running bridge reports; without one, what its files and the store say."""
    api, folder = config.api, config.state_dir
    async with RunningBridge(api.host, api.port, folder) as running:
        try:
            health = await running.health()
        except (TransientError, PermanentError) as error:
            is_asking_for_a_token = isinstance(error, PermanentError) and "token" in str(error)
            if is_asking_for_a_token:
                return [warning("bridge", str(error), _LOG)]
            told = await conditions_without(config, str(error), state_directory.holder(folder))
            return [*_found(told), *host.port(api.port, folder)]
    found = [ok("bridge", f"answers at {running.url}"), _doors(api)]
    if "link" not in health:
        text = "tells nothing of link and store without its token"
        return [*found, warning("bridge", text, "run this as the bridge's user or as root")]
    if health["link"]["linked"]:
        found.append(ok("WhatsApp", health["link"]["detail"]))
    return [*found, *_found(said_by(health))]


def _found(told: Sequence[Condition]) -> list[Finding]:
    return [finding_of(one) for one in told if one.name not in _EXAMINED]


def _doors(api: Api) -> Finding:
    webhook = {"open": Door.HERE, "token": Door.TOKEN, "signed": Door.SIGNED}[api.webhook_door]
    doors = open_to(is_open_here=not api.needs_token, webhook=webhook)
    text = "; ".join(f"{name}: {who}" for name, who in doors.items())
    if webhook is Door.HERE and not api.needs_token:
        fix = 'api.webhook = "token" where nothing posts to /webhook without one'
        return Finding("doors", FindingLevel.OK, text, fix)
    return ok("doors", text)
