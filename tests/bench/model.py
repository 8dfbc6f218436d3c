"""A slow model: as many messages per second as are under way, each chat in order."""

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from izer_bridge.config.openai import OpenAI
from izer_bridge.simulator import content
from izer_bridge.simulator.simulator import Sent
from tests.bench.burst import are_done, bridge_on, released, until
from tests.servers.loopback import Late, Recorded
from tests.servers.openai import ANALYSIS, OpenAIServer, answering, user_content

_CHATS = 60
_SECONDS = 1.0


@dataclass(frozen=True)
class Modelled:
    """Questions per second, without the ramp-up and the end, where fewer can be asked.

    `most` is the maximum for the calls under way at once; `is_in_order`: each chat's questions came
    in the order of its messages.
    """

    a_second: float
    most: float
    is_in_order: bool


async def measure_model(messages_a_chat: int) -> Modelled:
    """From each chat this many, sent as one burst."""
    async with OpenAIServer() as model:
        model.answerer = _late
        settings = {"OPENAI_API_KEY": "none", "IZER_OPENAI__BASE_URL": model.base_url}
        async with bridge_on(None, **settings) as (whatsapp, _, store):
            people = [
                whatsapp.contact(f"+9055544{number:05d}", f"Müşteri {number}")
                for number in range(_CHATS)
            ]
            for person in people:
                await whatsapp.acknowledged(await whatsapp.say(person, content.text("Merhaba")))
            await until(store, are_done(_CHATS))
            before = len(model.analyses)
            whatsapp.server.mailbox.hold()
            sent: list[Sent] = [
                await whatsapp.say(person, content.text(f"müşteri {number}, mesaj {place}"))
                for place in range(messages_a_chat)
                for number, person in enumerate(people)
            ]
            releasing = asyncio.create_task(released(whatsapp, sent))
            await until(store, are_done(_CHATS + len(sent)))
            await releasing
            # It also words the agents' replies, for which there is a separate limit.
            asked = [one for one in model.analyses[before:] if "draft" not in _content(one)]
        most = OpenAI().max_concurrent
        # From wave to wave, or the last one would count without its second.
        waves = len(asked) // most - 2
        began, ended = asked[most].came_at, asked[most * (1 + waves)].came_at
        a_second = most * waves / (ended - began)
        return Modelled(round(a_second, 2), most / _SECONDS, _is_in_order(asked))


def _content(request: Recorded) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(user_content(request))
    return found


def _late(request: Recorded) -> Late:
    return Late(_SECONDS, answering(ANALYSIS))


def _is_in_order(asked: list[Recorded]) -> bool:
    """The message in question is the last one in the prompt."""
    places: dict[str, list[int]] = defaultdict(list)
    for request in asked:
        said = user_content(request).rpartition("müşteri ")[2]
        number, _, rest = said.partition(", mesaj ")
        places[number].append(int("".join(one for one in rest[:2] if one.isdigit())))
    return all(found == sorted(found) for found in places.values())
