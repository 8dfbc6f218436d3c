from izer_bridge.analysis.learned import beginnings, points_of
from izer_bridge.analysis.words import read
from izer_bridge.model.analysis import Category
from tests.analysis.learn import TARGET, as_toml


def test_the_file_is_what_the_texts_teach() -> None:
    assert TARGET.read_text("utf-8") == as_toml()


def test_a_word_counts_once_and_by_its_beginning() -> None:
    assert beginnings(read("Vitesim vites VİTESLERİ 28").words) == {"vite"}


def test_points_add_up() -> None:
    brake, price = points_of(["fren"]), points_of(["fiya"])
    assert brake[Category.TECHNICAL] > 0 > brake[Category.SALES]
    assert price[Category.INQUIRY] > 0
    both = points_of(["fren", "fiya"])
    assert both[Category.INQUIRY] == brake[Category.INQUIRY] + price[Category.INQUIRY]


def test_an_unknown_word_says_nothing() -> None:
    assert set(points_of(["xyzq"]).values()) == {0.0}
