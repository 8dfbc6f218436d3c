"""Plays customers' conversations and says how many answers are right.

    python -m tests.agents.conversations FILE KNOWLEDGE [--show ID]

FILE has one conversation a line, KNOWLEDGE is the shop's file. Each message goes through the real
local analyser, the rules of `config.toml` and the built-in agents. A draft that the customer's next
message renews within RENEWED counts once; `draft_must…` speak of all drafts that were left so,
`last_must…` of what the last message got, `to_person` of whether the last one asks for a person.
"""

import argparse
import asyncio
import json
import re
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any

from izer_bridge.agents.agent_answer import AgentAnswer
from izer_bridge.agents.builtin.four import builtin_agents
from izer_bridge.agents.builtin.knowledge_files import Library
from izer_bridge.agents.dispatch import Call, facts_of, request_body
from izer_bridge.agents.ports import Agent
from izer_bridge.agents.routing import Route, Rule, route
from izer_bridge.agents.rules import rules_of
from izer_bridge.analysis.analyse import judged_here
from izer_bridge.config.agents import Routing
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import Importance, Treatment, raised_as_due
from izer_bridge.domain.message import (
    EarlierVerdict,
    HistoryEntry,
    Kind,
    Media,
    Message,
    Origin,
    Subject,
)

RENEWED = timedelta(minutes=5)
_START = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
_CUSTOMER = Jid.parse("905551000000@s.whatsapp.net")
_GROUP = Jid.parse("120363000000000000@g.us")
_MEDIA = {
    "voice": (Kind.VOICE, "audio/ogg; codecs=opus"),
    "photo": (Kind.IMAGE, "image/jpeg"),
    "image": (Kind.IMAGE, "image/jpeg"),
    "video": (Kind.VIDEO, "video/mp4"),
    "document": (Kind.DOCUMENT, "application/pdf"),
    "sticker": (Kind.STICKER, "image/webp"),
}
_PLACE = "[konum: 41.01230,28.97450]"


@dataclass
class Judged:
    """One customer message: its analysis and its draft."""

    text: str
    at: datetime
    analysis: Analysis
    agent: str
    answer: AgentAnswer
    milliseconds: float


@dataclass
class Played:
    """A conversation as it went. `drafts` are the remaining ones, oldest first."""

    judged: list[Judged] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    is_open: bool = False
    opened_at: datetime = _START


@dataclass(frozen=True, slots=True)
class Shop:
    """Who answers, and by which rules."""

    agents: dict[str, Agent]
    rules: Sequence[Rule]

    async def play(self, conversation: dict[str, Any]) -> Played:
        played = Played()
        history: list[HistoryEntry] = []
        importance = Importance(Treatment() if conversation.get("vip") else None)
        for number, said in enumerate(conversation["messages"]):
            at = _START + timedelta(seconds=said["at_seconds"])
            if said["from"] == "shop":
                text = said.get("text") or (played.drafts[-1] if played.drafts else "")
                if said.get("via") == "edit" and played.is_open:
                    played.drafts[-1] = text
                played.is_open = False
                history.append(HistoryEntry("", text, at, Kind.TEXT, from_me=True))
                continue
            message = _message(number, said, at)
            one = await self.judge(message, importance, tuple(history[-20:]))
            _draft(played, one, message)
            played.judged.append(one)
            verdict = EarlierVerdict(one.analysis.category, one.analysis.urgency_score, one.agent)
            entry = HistoryEntry(
                _writer(message), message.announced, at, message.kind, from_me=False
            )
            # Until a person writes, the bridge answers here.
            history.append(replace(entry, is_open=True, verdict=verdict))
        return played

    async def judge(
        self, message: Message, importance: Importance, history: tuple[HistoryEntry, ...]
    ) -> Judged:
        subject = Subject(
            message_id=message.message_id,
            text=message.announced,
            sent_at=message.sent_at,
            chat_name="",
            phone_number="",
            is_group=message.chat.is_group,
            is_vip=importance.is_vip,
            is_critical_group=False,
            history=history,
            sender=_writer(message),
            is_gesture=message.is_gesture,
        )
        analysis, _ = raised_as_due(importance, judged_here(subject))
        chosen: Route = route(self.rules, facts_of(message, subject, analysis))
        call = Call("", message.sent_at, message.sent_at + timedelta(seconds=30))
        body = request_body(subject, analysis, chosen, call)
        begun = thread_time()
        said = AgentAnswer.parse(await self.agents[chosen.agent].process(body, ""))
        took = (thread_time() - begun) * 1000
        return Judged(subject.text, subject.sent_at, analysis, chosen.agent, said, took)


def _message(number: int, said: dict[str, Any], at: datetime) -> Message:
    kind, media, text = Kind.TEXT, None, said.get("text", "")
    if said.get("media") == "location":
        kind, text = Kind.LOCATION, _PLACE
    elif "media" in said:
        kind, mimetype = _MEDIA[said["media"]]
        media = Media(mimetype, 40_000)
    return Message(
        account="+905550000001",
        message_id=f"M{number}",
        chat=_GROUP if "by" in said else _CUSTOMER,
        sender=Jid.parse(f"{said['by']}@s.whatsapp.net") if "by" in said else _CUSTOMER,
        sent_at=at,
        kind=kind,
        text=text,
        origin=Origin.LIVE,
        media=media,
    )


def _writer(message: Message) -> str:
    return str(message.sender) if message.chat.is_group else ""


def _draft(played: Played, one: Judged, message: Message) -> None:
    """As in the store: the customer's next message replaces an open draft."""
    if one.answer.reply is None or message.is_gesture:
        return
    if played.is_open and one.at - played.opened_at <= RENEWED:
        played.drafts[-1] = one.answer.reply
    else:
        played.drafts.append(one.answer.reply)
        played.opened_at = one.at
    played.is_open = True


def wrong_analyses(played: Played, expect: dict[str, Any]) -> Iterator[str]:
    if "analyses" not in expect:
        return
    for one, wanted in zip(played.judged, expect["analyses"], strict=True):
        least, most = wanted["urgency"]
        found = one.analysis
        is_right = least <= found.urgency_score <= most and found.category in wanted["category"]
        if not is_right or found.action_required is not wanted.get("action", found.action_required):
            told = f"{found.category} {found.urgency_score}, action {found.action_required}"
            yield f"{one.text[:40]!r}: {told}, wanted {wanted}"


def wrong_drafts(played: Played, expect: dict[str, Any]) -> Iterator[str]:
    said, last = "\n".join(played.drafts), played.judged[-1].answer
    yield from _against(said, expect, "draft")
    yield from _against(last.reply or "", expect, "last")
    wanted = expect["drafts"]
    least, most = wanted if isinstance(wanted, list) else (wanted, wanted)
    if not least <= len(played.drafts) <= most:
        yield f"{len(played.drafts)} drafts, wanted {wanted}"
    to_person = expect.get("to_person")
    if to_person is not None and to_person is not last.needs_human:
        yield f"to a person: {last.needs_human}"


def _against(text: str, expect: dict[str, Any], which: str) -> Iterator[str]:
    for pattern in expect.get(f"{which}_must_contain", ()):
        if not re.search(pattern, text):
            yield f"{which} lacks {pattern}"
    for pattern in expect.get(f"{which}_must_not_contain", ()):
        if re.search(pattern, text):
            yield f"{which} holds {pattern}"


def shop(knowledge: Path, folder: Path) -> Shop:
    """With the one file of `knowledge`, copied into `folder`, and the shipped rules."""
    (folder / "knowledge.md").write_text(knowledge.read_text("utf-8"), "utf-8")
    config = tomllib.loads((Path(__file__).parents[2] / "config.toml").read_text("utf-8"))
    rules = rules_of(Routing.model_validate(config["routing"]))
    return Shop(builtin_agents(Library(folder)), rules)


def conversations_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


async def main(
    conversations: Sequence[dict[str, Any]], knowledge: Path, shown: Sequence[str]
) -> None:
    right = {"analyses": 0, "drafts": 0, "both": 0}
    unknown = drafts = 0
    took: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        played_by = shop(knowledge, Path(folder))
        for one in conversations:
            played = await played_by.play(one)
            analyses = list(wrong_analyses(played, one["expect"]))
            wrong = list(wrong_drafts(played, one["expect"]))
            right["analyses"] += not analyses
            right["drafts"] += not wrong
            right["both"] += not (analyses or wrong)
            drafts += len(played.drafts)
            took += [one.milliseconds for one in played.judged]
            unknown += sum(
                bool(re.search("onaylı bir bilgi|yanıltmak istemem", text))
                for text in played.drafts
            )
            for reason in [f"analysis {why}" for why in analyses] + wrong:
                print(f"{one['id']} {one['kind']}: {reason}")  # noqa: T201
            if one["id"] in shown or "all" in shown or ("misses" in shown and wrong):
                _show(played)
    total = len(conversations)
    print(f"{total} conversations, right: " + ", ".join(f"{k} {v}" for k, v in right.items()))  # noqa: T201
    print(f"{drafts} drafts, {unknown} of the kind that nothing confirmed is known")  # noqa: T201
    print(f"an answer takes {median(took):.2f} ms at the median")  # noqa: T201


def _show(played: Played) -> None:
    for one in played.judged:
        judged = one.analysis
        print(f"    {one.text!r} {judged.category} {judged.urgency_score} → {one.agent}")  # noqa: T201
        print(f"      {one.answer.reply!r} person={one.answer.needs_human}")  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", type=Path)
    parser.add_argument("knowledge", type=Path)
    parser.add_argument("--show", action="append", default=[], help="an id, misses, or all")
    given = parser.parse_args()
    asyncio.run(main(conversations_in(given.file), given.knowledge, given.show))
