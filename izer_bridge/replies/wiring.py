"""Builds the rules of replying from the settings."""

from datetime import time, timedelta

from izer_bridge.config import Config
from izer_bridge.replies.decide import QuietHours, ReplyPolicy
from izer_bridge.replies.send import SendSettings


def reply_policy(config: Config) -> ReplyPolicy:
    reply = config.reply
    begin, end = map(time.fromisoformat, (reply.quiet_from, reply.quiet_until))
    return ReplyPolicy(
        mode=reply.mode,
        categories=reply.categories,
        agents=reply.agents,
        chats=reply.chats,
        burst=timedelta(seconds=reply.burst_seconds),
        human_pause=timedelta(minutes=reply.human_pause_minutes),
        per_chat_per_hour=reply.per_chat_per_hour,
        per_hour=reply.per_hour,
        quiet=QuietHours(begin, end, config.shop.zone),
        allow_groups=reply.groups,
        to_new_chats=reply.to_new_chats,
        owner=reply.owner or config.escalation.owner,
    )


def send_settings(config: Config) -> SendSettings:
    return SendSettings(config.reply.typing_seconds)
