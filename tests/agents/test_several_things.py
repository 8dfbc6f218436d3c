"""What several things cost is answered thing by thing; where one is not known, a person looks."""

from pathlib import Path

import pytest

from izer_bridge.agents.builtin.four import builtin_agents
from izer_bridge.agents.builtin.knowledge_files import Library
from tests.agents.bodies import body

DATA = Path(__file__).parent.parent / "data"
TUBE, HELMET, CHILDS = "180 TL", "890 TL", "7.400 TL"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Of a shop that names the price of a helmet, a tube and a child's bicycle."""
    directory = tmp_path_factory.mktemp("knowledge")
    (directory / "shop.md").write_text((DATA / "knowledge.md").read_text("utf-8"), "utf-8")
    return Library(directory)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("20 jant bisiklet + kask ne kadar tutar", (CHILDS, HELMET)),
        ("kask, iç lastik ve genel bakım kaç para", (HELMET, TUBE, "1.450 TL")),
        ("vites ayarı ile jant akordu toplam ne öderim", ("Vites ayarı 250 TL", "350 TL")),
        ("How much are a helmet and a gear adjustment?", (HELMET, "Vites ayarı 250 TL")),
    ],
)
async def test_each_thing_gets_its_price(
    library: Library, text: str, said: tuple[str, ...]
) -> None:
    reply = await builtin_agents(library)["general_purpose"].process(body(text, "inquiry"), "")
    assert reply["topic"] == "known"
    assert [one for one in said if one not in reply["reply"]] == []


@pytest.mark.parametrize(
    "text",
    [
        "kask ve kilit ne kadar",
        "siyah ve kırmızı eldiven kaç para",
        "dağ ve şehir bisikleti fiyatları",
    ],
)
async def test_one_that_is_not_known_leaves_all_to_a_person(library: Library, text: str) -> None:
    reply = await builtin_agents(library)["general_purpose"].process(body(text, "inquiry"), "")
    assert reply["needs_human"]
    assert " TL" not in reply["reply"]


@pytest.mark.parametrize(
    "text", ["cumartesi 4 gibi gelsem açık olur musunuz", "yarın öğlen uğrasam kapalı mısınız"]
)
async def test_who_asks_whether_it_is_open_then_has_no_visit_to_be_confirmed(
    library: Library, text: str
) -> None:
    reply = await builtin_agents(library)["business_workflow"].process(body(text, "inquiry"), "")
    assert (reply["topic"], reply["needs_human"]) == ("known", False)
    assert "onayla" not in reply["reply"]
