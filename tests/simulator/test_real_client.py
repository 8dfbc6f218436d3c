"""The stock client library, in a separate process, takes the simulator for WhatsApp."""

import base64
import sqlite3
from datetime import UTC, datetime

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.history import Chunk, OldMessage
from izer_bridge.simulator.pairing import UnknownCodeError
from izer_bridge.simulator.simulator import Simulator
from tests.simulator.client import Client

AYSE = "+905551112233"


async def test_it_pairs_and_reads_senders_by_number_and_by_lid(
    whatsapp: Simulator, client: Client
) -> None:
    await client.pair()
    contact = whatsapp.contact
    for person, chat, alt in (
        (
            contact(AYSE, "Ayşe", "100000000000033"),
            "905551112233@s.whatsapp.net",
            "100000000000033@lid",
        ),
        (
            contact("+905551112244", "Ayşe", "100000000000044", addressed_by="lid"),
            "100000000000044@lid",
            "905551112244@s.whatsapp.net",
        ),
        (
            contact("+905551112255", "Ayşe", "100000000000055", addressed_by="lid_only"),
            "100000000000055@lid",
            "@",
        ),
    ):
        for words in ("birinci", "ikinci"):
            sent = await whatsapp.say(person, content.text(words))
            event = await client.event("message", id=sent.id)
            assert (event["chat"], event["alt"]) == (chat, alt)
            assert (event["text"], event["name"]) == (words, "Ayşe")
            await whatsapp.acknowledged(sent)
            assert sent.delivery.acknowledged_ns > sent.delivery.delivered_ns > 0


async def test_a_first_group_message_comes_as_two_events(
    whatsapp: Simulator, client: Client
) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe", "100000000000033")
    group = whatsapp.group("Tedarikçiler", [ayse])
    first = await whatsapp.say(ayse, content.text("bir"), to=group)
    keys = await client.event("message", id=first.id)
    assert keys["fields"] == ["senderKeyDistributionMessage"]
    words = await client.event("message", id=first.id)
    assert (words["text"], words["chat"]) == ("bir", group.jid)
    second = await whatsapp.say(ayse, content.text("iki"), to=group)
    assert (await client.event("message", id=second.id))["text"] == "iki"


async def test_the_owners_own_messages_are_from_me(whatsapp: Simulator, client: Client) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe", "100000000000033")
    group = whatsapp.group("Tedarikçiler", [ayse])
    for to in (ayse, group):
        sent = await whatsapp.say(whatsapp.phone, content.text("Bakıyoruz"), to=to)
        event = await client.event("message", id=sent.id, text="Bakıyoruz")
        assert (event["from_me"], event["chat"]) == (True, str(to.address))


async def test_media_comes_back_as_it_was_sent(whatsapp: Simulator, client: Client) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe")
    kinds = (
        content.image(b"a picture" * 100, "bak"),
        content.view_once_image(b"a picture seen once", "bak"),
        content.document(b"a document", "fatura.pdf", "ekte"),
        content.voice(b"a voice note"),
    )
    for number, words in enumerate(kinds):
        sent = await whatsapp.say(ayse, words)
        await client.event("message", id=sent.id)
        client.tell(f"download {number}")
        data = base64.b64decode((await client.event("downloaded"))["data"])
        assert words.attachment is not None
        assert data == words.attachment.data


async def test_a_file_that_the_client_sends_is_opened_by_its_recipient(
    whatsapp: Simulator, client: Client
) -> None:
    await client.pair()
    whatsapp.contact(AYSE, "Ayşe", "100000000000033")
    pdf = b"%PDF-1.7 invoice" * 5_000
    command = f"document 905551112233@s.whatsapp.net {base64.b64encode(pdf).decode()}"
    whatsapp.media.upload_refusals.append(413)
    client.tell(command)
    assert "413" in (await client.event("failed"))["error"]
    client.tell(command)
    sent = await client.event("sent")
    bodies = [one.body for one in whatsapp.server.outgoing if one.id == sent["id"]]
    [body] = [one for one in bodies if not one.HasField("deviceSentMessage")]
    assert whatsapp.media.opened(body) == pdf


@pytest.mark.parametrize("inline", [True, False])
async def test_history_arrives(whatsapp: Simulator, client: Client, inline: bool) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe")
    old = [OldMessage(content.text(str(n)), datetime.now(UTC), ayse) for n in range(7)]
    await whatsapp.send_history({ayse: old}, Chunk.RECENT, inline=inline)
    event = await client.event("history")
    assert event["chats"] == {"905551112233@s.whatsapp.net": 7}


async def test_what_the_client_sends_is_read(whatsapp: Simulator, client: Client) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe", "100000000000033")
    group = whatsapp.group("Tedarikçiler", [ayse])
    for jid in ("905551112233@s.whatsapp.net", group.jid):
        client.tell(f"send {jid} Merhaba Ayşe")
        sent = await client.event("sent")
        received = next(one for one in whatsapp.server.outgoing if one.id == sent["id"])
        body = received.body
        assert (body.conversation or body.extendedTextMessage.text) == "Merhaba Ayşe"


async def test_what_was_sent_while_it_was_away_arrives_once_it_is_back(
    whatsapp: Simulator, client: Client
) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe")
    first = await whatsapp.say(ayse, content.text("merhaba"))
    await whatsapp.acknowledged(first)
    await client.kill()
    away = [await whatsapp.say(ayse, content.text(str(number))) for number in range(5)]
    await client.start()
    for sent in away:
        assert (await client.event("message"))["id"] == sent.id
    await whatsapp.acknowledged(*away)


async def test_a_dropped_connection_heals(whatsapp: Simulator, client: Client) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe")
    await whatsapp.drop()
    sent = await whatsapp.say(ayse, content.text("merhaba"))
    await client.event("message", id=sent.id)


async def test_the_same_stanza_twice_is_one_event(whatsapp: Simulator, client: Client) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe")
    sent = await whatsapp.say(ayse, content.text("bir"))
    await client.event("message", id=sent.id)
    await whatsapp.server.mailbox.repeat(sent.id)
    after = await whatsapp.say(ayse, content.text("iki"))
    assert (await client.event("message"))["id"] == after.id


async def test_a_session_that_the_client_lost_is_made_anew(
    whatsapp: Simulator, client: Client
) -> None:
    """The sender has a session that the client does not know: it asks for a retry."""
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe", "100000000000033")
    first = await whatsapp.say(ayse, content.text("bir"))
    await whatsapp.acknowledged(first)
    client.tell("send 905551112233@s.whatsapp.net tamam")
    await client.event("sent")
    await client.kill()
    with sqlite3.connect(client.session) as session:
        session.execute("DELETE FROM whatsmeow_sessions")
    await client.start()
    second = await whatsapp.say(ayse, content.text("iki"))
    assert (await client.event("message", text="iki"))["id"] == second.id
    assert second.delivery.attempts > 1


async def test_logged_out_and_replaced_are_told(whatsapp: Simulator, client: Client) -> None:
    await client.pair()
    await whatsapp.replace()
    await client.event("replaced")
    await client.kill()
    await client.start()
    await client.event("connected")
    await whatsapp.log_out()
    await client.event("logged_out")


async def test_a_code_that_is_not_shown_is_refused(whatsapp: Simulator, client: Client) -> None:
    code = (await client.event("code"))["text"]
    with pytest.raises(UnknownCodeError):
        await whatsapp.scan("https://example.org")
    prefix, _, rest = code.partition(",")
    with pytest.raises(UnknownCodeError):
        await whatsapp.scan(f"{prefix}x,{rest}")
    await whatsapp.scan(code)
    await client.event("connected")
