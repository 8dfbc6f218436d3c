"""The stock client library in a separate process; prints each event as one line of JSON.

`python -m tests.simulator.bare_client ROOT_KEY SESSION_FILE`; reads commands from stdin:
`send JID TEXT`, `document JID BASE64`, `download N` (the medium of message N), `logout`.
"""

import asyncio
import base64
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from neonize.aioze.client import NewAClient
from neonize.aioze.events import (
    ConnectedEv,
    HistorySyncEv,
    LoggedOutEv,
    MessageEv,
    StreamReplacedEv,
)
from neonize.exc import NeonizeError
from neonize.utils.jid import build_jid

from izer_bridge.simulator.trust import trust


def say(event: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


def saying(word: str) -> Callable[[NewAClient, Any], Awaitable[None]]:
    async def handler(_: NewAClient, __: Any) -> None:
        say(word)

    return handler


async def on_history(_: NewAClient, event: Any) -> None:
    chats = {one.ID: len(one.messages) for one in event.Data.conversations}
    say("history", kind=event.Data.syncType, chats=chats)


def described(event: Any) -> dict[str, Any]:
    source = event.Info.MessageSource
    addresses = {"chat": source.Chat, "sender": source.Sender, "alt": source.SenderAlt}
    return {
        **{name: f"{jid.User}@{jid.Server}" for name, jid in addresses.items()},
        "id": event.Info.ID,
        "at_ms": event.Info.Timestamp,
        "from_me": source.IsFromMe,
        "name": event.Info.Pushname,
        "category": event.Info.Category,
        "text": event.Message.conversation or event.Message.extendedTextMessage.text,
        "fields": [field.name for field, _ in event.Message.ListFields()],
    }


async def main(root: str, session: str) -> None:
    trust(bytes.fromhex(root))
    client = NewAClient(session)
    messages: list[Any] = []

    async def on_code(_: NewAClient, data: bytes) -> None:
        say("code", text=data.decode())

    client.event._qr = on_code

    async def on_message(_: NewAClient, event: Any) -> None:
        messages.append(event)
        say("message", **described(event))

    handlers = {
        ConnectedEv: saying("connected"),
        LoggedOutEv: saying("logged_out"),
        StreamReplacedEv: saying("replaced"),
        HistorySyncEv: on_history,
        MessageEv: on_message,
    }
    for kind, handler in handlers.items():
        client.event(kind)(handler)
    await client.connect()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command, *arguments = line.split(maxsplit=2)
        match command:
            case "send":
                user, _, server = arguments[0].partition("@")
                answer = await client.send_message(build_jid(user, server), arguments[1].strip())
                say("sent", id=answer.ID)
            case "document":
                user, _, server = arguments[0].partition("@")
                file = base64.b64decode(arguments[1])
                to = build_jid(user, server)
                try:
                    answer = await client.send_document(to, file, "Ekte", filename="fatura.pdf")
                except NeonizeError as error:
                    say("failed", error=str(error))
                else:
                    say("sent", id=answer.ID)
            case "download":
                data = await client.download_any(messages[int(arguments[0])].Message)
                say("downloaded", data=base64.b64encode(data).decode())
            case "logout":
                await client.logout()
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
