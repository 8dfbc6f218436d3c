"""Where a message would go and why, shown rule by rule. Nothing is stored or sent to agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from izer_bridge.agents.dispatch import facts_of
from izer_bridge.agents.routing import Check, Route, checks, preferred_route, route
from izer_bridge.agents.rules import rules_of
from izer_bridge.analysis.ports import Analyser
from izer_bridge.config import Config
from izer_bridge.console.console import Printer
from izer_bridge.console.listing import fixed, number, text
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.errors import ConfigError, PermanentError, TransientError, UsageError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import Importance, ImportanceRules, person_key, raised_as_due
from izer_bridge.domain.message import Kind, Message, Origin, Subject
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.domain.skip import skip_reason
from izer_bridge.people.store.important import StoredRules

_NOBODY = Jid.parse("0@s.whatsapp.net")
_SOME_GROUP = Jid.parse("0@g.us")
_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Question:
    """A hypothetical message. `sender` is an E.164 number, a LID or empty."""

    message: Message
    sender: str

    @classmethod
    def of(cls, text: str, sender: str | None, group: str | None) -> Self:
        """Parse what was typed. Raises ConfigError."""
        if not text.strip():
            raise UsageError("--message: expected some text")
        try:
            who = person_key(sender) if sender else ""
        except ValueError as error:
            raise UsageError(f"--from: {error}") from None
        message = Message(
            account="",
            message_id="route",
            chat=_chat(who, group),
            sender=_jid(who),
            sent_at=datetime.now(UTC),
            kind=Kind.TEXT,
            text=text,
            origin=Origin.LIVE,
            chat_name=group if group and "@" not in group else "",
        )
        return cls(message, who)

    def importance(self, rules: ImportanceRules) -> Importance:
        lid = self.sender.partition("@")[0] if "@" in self.sender else None
        chat = self.message.chat
        return Importance(
            rules.of_person(None if lid else self.sender, lid),
            rules.of_group(chat, self.message.chat_name, is_own=True) if chat.is_group else None,
        )

    def subject(self, importance: Importance) -> Subject:
        return Subject(
            message_id=self.message.message_id,
            text=self.message.text,
            sent_at=self.message.sent_at,
            chat_name=self.message.chat_name,
            phone_number="" if "@" in self.sender else self.sender,
            is_group=self.message.chat.is_group,
            is_vip=importance.is_vip,
            is_critical_group=importance.is_critical_group,
            history=(),
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule: whether it matches, and the result of each of its conditions."""

    agent: str
    checks: Sequence[Check]

    @property
    def matches(self) -> bool:
        return all(check.holds for check in self.checks)


@dataclass(frozen=True, slots=True)
class RoutingTrial:
    """What would become of the question. `store_error` says why only the settings were used.

    With a `skip_reason` the message would not be analysed, and the rest is hypothetical.
    """

    analysis: Analysis
    raised_because: str | None
    importance: Importance
    route: Route
    url: str
    rules: Sequence[Judged]
    store_error: str | None
    skip_reason: SkipReason | None


async def run(
    config: Config, question: Question, analyser: Analyser, console: Printer, *, as_json: bool
) -> None:
    """Print the answer. Raises ConfigError, and TransientError if the analyser is away."""
    importance_rules, store_error = await _importance_rules(config)
    importance = question.importance(importance_rules)
    subject = question.subject(importance)
    try:
        found = await analyser.analyse(subject)
    except PermanentError as error:
        raise ConfigError(str(error)) from None
    analysis, raised_because = raised_as_due(importance, found.analysis)
    facts = facts_of(question.message, subject, analysis, config.shop.zone)
    rules = rules_of(config.routing)
    chosen = preferred_route(importance, config.agent_names) or route(rules, facts)
    answer = RoutingTrial(
        analysis=analysis,
        raised_because=raised_because,
        importance=importance,
        route=chosen,
        url=config.agent(chosen.agent).url,
        rules=[Judged(rule.agent, checks(rule, facts)) for rule in rules],
        store_error=store_error,
        skip_reason=skip_reason(
            question.message,
            is_critical_group=importance.is_critical_group,
            analyse_groups=config.groups.analyse_all,
        ),
    )
    if as_json:
        console.json(_plain(answer))
    else:
        _show(answer, console)


async def _importance_rules(config: Config) -> tuple[ImportanceRules, str | None]:
    """The store's rules above the settings', or the latter alone and why."""
    url = config.store_url
    if _is_missing(url):
        return config.importance, "there is no store yet"
    try:
        async with StoredRules(url) as store:
            return (await store.read()).above(config.importance), None
    except TransientError as error:
        return config.importance, str(error)


def _is_missing(url: str) -> bool:
    """Whether opening it would create the file."""
    return url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).is_file()


def _chat(sender: str, group: str | None) -> Jid:
    if not group:
        return _jid(sender)
    if "@" not in group:
        return _SOME_GROUP
    jid = Jid.parse(group)
    if not jid.is_group:
        raise UsageError(f"--group {group!r}: expected a name, or a JID such as 1203…@g.us")
    return jid


def _jid(sender: str) -> Jid:
    if not sender:
        return _NOBODY
    if "@" in sender:
        return Jid.parse(sender)
    return _NOBODY._replace(user=sender.removeprefix("+"))


def _plain(answer: RoutingTrial) -> dict[str, Any]:
    return {
        "analysis": answer.analysis.as_json()
        | {"language": answer.analysis.language, "confidence": answer.analysis.confidence},
        "importance": {
            "vip": answer.importance.is_vip,
            "critical_group": answer.importance.is_critical_group,
            "raised_because": answer.raised_because,
            "answer_within_minutes": answer.importance.answer_within_minutes,
            "store_error": answer.store_error,
        },
        "route": {
            "agent": answer.route.agent,
            "url": answer.url or None,
            "reason": answer.route.reason,
        },
        "skip_reason": answer.skip_reason and str(answer.skip_reason),
        "rules": [
            {
                "rule": number,
                "agent": one.agent,
                "matches": one.matches,
                "conditions": [{"holds": check.holds, "found": check.what} for check in one.checks],
            }
            for number, one in enumerate(answer.rules, 1)
        ],
    }


def _show(answer: RoutingTrial, console: Printer) -> None:
    analysis, importance = answer.analysis, answer.importance
    console.print(
        f"{analysis.category}, urgency {analysis.urgency_score}, {analysis.sentiment}, "
        f"language {analysis.language}",
        highlight=False,
    )
    who = [
        *(["important customer"] if importance.is_vip else []),
        *(["critical group"] if importance.is_critical_group else []),
    ]
    raised = f"; raised for the {answer.raised_because}" if answer.raised_because else ""
    console.print(f"{' and '.join(who) or 'nobody important'}{raised}")
    if answer.store_error:
        console.print(f"only the settings were asked who is important: {answer.store_error}")
    rows = []
    for place, one in enumerate(answer.rules, 1):
        decides = [check.what for check in one.checks if one.matches or not check.holds]
        words = "; ".join(decides) or "no condition"
        rows.append((str(place), one.agent, "yes" if one.matches else "no", words))
    console.listing([number("rule"), fixed("to"), fixed("matches"), text("because")], rows)
    if answer.skip_reason:
        console.print(f"would not be analysed: {answer.skip_reason}; if it were, it")
    where = answer.url or "built in"
    console.print(f"goes to {answer.route.agent} ({where}): {answer.route.reason}")
