"""No built-in agent lets danger pass: whatever else is said, the warning comes first, once."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.agents.builtin.agent_hub import HUB, Hub, Member
from izer_bridge.agents.builtin.four import CAPABILITIES, builtin_agents
from izer_bridge.agents.builtin.knowledge_files import Library
from izer_bridge.agents.safety_words import is_led, warning
from izer_bridge.analysis.local.danger import dangers_of
from izer_bridge.domain.analysis import Category
from izer_bridge.domain.danger import Danger
from tests.agents.bodies import CUSTOMER, SHOP, body
from tests.analysis import danger_grid as grid

NAMES = (HUB, *CAPABILITIES)
AGENTS = builtin_agents(Library(Path(__file__).parents[2] / "docs" / "knowledge"))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BRAKE = "Frenim tutmuyor"
# By language: the danger, its kind, and calm words that precede or follow it.
DANGEROUS = [
    ("tr", BRAKE, Danger.RIDE),
    ("tr", "Kadro kırıldı", Danger.RIDE),
    ("tr", "Bataryadan duman çıkıyor", Danger.BATTERY),
    ("tr", "Kaza yaptım, kolum yaralandı", Danger.INJURY),
    ("tr", "Şu an bisikletimi çalıyorlar", Danger.THEFT),
    ("en", "My brakes failed completely on the hill", Danger.RIDE),
    ("en", "The battery is swollen and smells", Danger.BATTERY),
    ("de", "Meine Bremse funktioniert nicht mehr", Danger.RIDE),
    ("de", "Der Akku riecht und ist ganz heiß", Danger.BATTERY),
]
CALM = {
    "tr": ("Fatura da lazım", "Kaçta kapatıyorsunuz?", "Genel bakım ne kadar?", "teşekkürler", "?"),
    "en": ("I need the invoice as well", "When do you close today?", "Thank you very much"),
    "de": ("Ich brauche auch die Rechnung", "Wann schließen Sie heute?", "Vielen Dank"),
}
# For each danger, what must be read first.
FIRST = {
    Danger.RIDE: {"tr": "sürmeyin", "en": "do not ride", "de": "fahren Sie nicht"},
    Danger.BATTERY: {"tr": "şarj etmeyin", "en": "do not charge", "de": "laden"},
    Danger.FIRE: {"tr": "112", "en": "112", "de": "112"},
    Danger.INJURY: {"tr": "112", "en": "112", "de": "112"},
    Danger.THEFT: {"tr": "112", "en": "112", "de": "112"},
}


def chat(*turns: tuple[timedelta, bool, str], **analysis: Any) -> dict[str, Any]:
    """The last message is the one answered; each is this long after noon."""
    *before, (at, _, text) = turns
    request = body(text, history=[(is_shop, words) for _, is_shop, words in before], **analysis)
    request["message"]["chat_time"] = (NOON + at).isoformat()
    for entry, (after, _, _) in zip(request["message"]["history"], before, strict=True):
        entry["timestamp"] = (NOON + after).isoformat()
    return request


def after(seconds: int, text: str, who: bool = CUSTOMER) -> tuple[timedelta, bool, str]:
    return timedelta(seconds=seconds), who, text


async def reply_of(agent: str, request: dict[str, Any]) -> str:
    said: str = (await AGENTS[agent].process(request, ""))["reply"]
    return said


def is_safe(reply: str, danger: Danger, language: str, text: str = BRAKE) -> bool:
    """The first line warns, and no other line repeats the warning."""
    first = warning(dangers_of(text), language).split("\n")[0]
    return FIRST[danger][language] in first and reply.startswith(first) and reply.count(first) == 1


@pytest.mark.parametrize("agent", NAMES)
@pytest.mark.parametrize(("language", "text", "danger"), DANGEROUS)
async def test_whatever_category_burst_and_later_message(
    agent: str, language: str, text: str, danger: Danger
) -> None:
    """Alone, in any place of a burst, and long before a calm message."""
    missed = []
    for category, calm in itertools.product(Category, CALM[language]):
        for turns in (
            [after(0, text)],
            [after(0, text), after(12, calm)],
            [after(0, calm), after(12, text)],
            [after(0, calm), after(2, text), after(4, calm)],
            [after(0, text), after(600, calm)],
            [after(0, text), after(600, calm), after(7200, calm)],
        ):
            reply = await reply_of(agent, chat(*turns, category=str(category), urgency=3))
            if not is_safe(reply, danger, language, text):
                missed.append(([words for *_, words in turns], reply))
    assert missed == []


@pytest.mark.parametrize("agent", NAMES)
@pytest.mark.parametrize(
    ("language", "text", "danger"),
    [
        ("ru", "Тормоз совсем не работает, что делать?", Danger.RIDE),
        ("ru", "Аккумулятор вздулся, идёт дым", Danger.BATTERY),
        ("ar", "الفرامل لا تعمل", Danger.RIDE),
    ],
)
async def test_in_other_alphabets(agent: str, language: str, text: str, danger: Danger) -> None:
    reply = await reply_of(agent, chat(after(0, text)))
    assert reply.startswith(warning([danger], language).split("\n")[0])


async def test_the_warning_goes_on_until_a_person_has_answered() -> None:
    warned = warning([Danger.RIDE], "tr")
    turns = [after(0, BRAKE), after(20, warned, SHOP), after(600, "Kaçta kapatıyorsunuz?")]
    reply = await reply_of("general_purpose", chat(*turns))
    assert is_safe(reply, Danger.RIDE, "tr"), "what the bridge has sent is no person's answer"
    assert "19.00" in reply
    turns.insert(2, after(60, "Ahmet Bey, hemen geliyoruz", SHOP))
    assert not is_safe(await reply_of("general_purpose", chat(*turns)), Danger.RIDE, "tr")


async def test_yesterdays_danger_is_not_todays() -> None:
    reply = await reply_of("general_purpose", chat(after(0, BRAKE), after(50_000, "Saatleriniz?")))
    assert not is_safe(reply, Danger.RIDE, "tr")


async def test_without_times_it_counts() -> None:
    request = body("Kaçta kapatıyorsunuz?", history=[(CUSTOMER, BRAKE)])
    assert is_safe(await reply_of("general_purpose", request), Danger.RIDE, "tr")


async def test_in_a_group_the_writers_own_danger_counts() -> None:
    request = chat(after(0, BRAKE), after(5, "Kaçta kapatıyorsunuz?"))
    request["message"]["sender"] = "Ayşe"
    [entry] = request["message"]["history"]
    for sender, counts in (("Mehmet", False), ("Ayşe", True)):
        entry["sender"] = sender
        assert is_safe(await reply_of(HUB, request), Danger.RIDE, "tr") is counts


async def test_a_sentence_in_pieces_is_one() -> None:
    turns = [after(0, "ön fren"), after(3, "hiç"), after(5, "tutmuyor")]
    assert is_safe(await reply_of("business_workflow", chat(*turns)), Danger.RIDE, "tr")


@pytest.mark.parametrize("agent", NAMES)
async def test_nothing_unknown_price_or_hours_stands_alone(agent: str) -> None:
    said = await AGENTS[agent].process(chat(after(0, "düştüm")), "")
    assert said["needs_human"] is True
    assert "onaylı bir bilgim" not in said["reply"]
    assert said["next_step"].startswith("Müşteriyi hemen arayın")


class Stranger:
    """Somebody else's agent, with its answer."""

    url = "http://stranger.example"

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "rest"),
    [
        ({"reply": "Fren ayarı 250 TL."}, "Fren ayarı 250 TL."),
        ({"reply": None}, "Mesajınızı ekibimize öncelikli olarak ilettik."),
        ({}, "Mesajınızı ekibimize öncelikli olarak ilettik."),
    ],
)
async def test_the_hub_leads_what_others_answer(answer: dict[str, Any], rest: str) -> None:
    hub = Hub({"stranger": Member(Stranger(answer), ["technical", "business", "general"])})
    said = await hub.process(chat(after(0, BRAKE)), "")
    assert is_safe(said["reply"], Danger.RIDE, "tr")
    assert said["reply"].endswith(rest)


async def test_the_hub_leaves_what_is_no_reply_and_warns_when_nobody_answers() -> None:
    hub = Hub({"stranger": Member(Stranger({"reply": ["x"]}), ["technical"])})
    assert (await hub.process(chat(after(0, BRAKE)), ""))["reply"] == ["x"]
    alone = await Hub({}).process(chat(after(0, BRAKE)), "")
    assert is_safe(alone["reply"], Danger.RIDE, "tr")


@pytest.mark.parametrize("language", grid.LANGUAGES)
async def test_the_whole_grid_is_told_first_what_keeps_it_safe(language: str) -> None:
    """Every agent and category in turn; the kind in the grid's sentence is what counts."""
    sentences = list(grid.sentences(language))[::3]
    turns = itertools.cycle(itertools.product(NAMES, Category))
    missed = []
    for sentence, (agent, category) in zip(sentences, turns, strict=False):
        reply = await reply_of(agent, body(sentence.text, str(category)))
        if not is_led(reply):
            missed.append(sentence.text)
            assert dangers_of(sentence.text) == (), "seen, and not told"
    assert len(missed) <= 0.03 * len(sentences), missed
