"""The rules of replying out of the settings."""

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
        min_confidence=reply.min_confidence,
        burst=timedelta(seconds=reply.burst_seconds),
        human_pause=timedelta(minutes=reply.human_pause_minutes),
        max_age=timedelta(minutes=reply.max_age_minutes),
        draft_lasts=timedelta(minutes=reply.draft_minutes),
        per_chat_per_hour=reply.per_chat_per_hour,
        per_hour=reply.per_hour,
        notices_per_hour=reply.notices_per_hour,
        quiet=QuietHours(begin, end, config.shop.zone),
        allow_groups=reply.groups,
        owner=reply.owner or config.escalation.owner,
    )


def send_settings(config: Config) -> SendSettings:
    reply = config.reply
    return SendSettings(reply.typing_seconds, timedelta(minutes=reply.breaker_minutes))
