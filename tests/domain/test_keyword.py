"""A keyword is found with Turkish endings, and in no other word that begins like it."""

import pytest

from izer_bridge.agents.rules import rules_of
from izer_bridge.config.agents import Routing
from izer_bridge.domain.folding import fold
from izer_bridge.domain.keyword import keywords_in

DEFAULT = next(rule.keywords for rule in rules_of(Routing()) if rule.keywords)


def found(text: str) -> list[str]:
    return keywords_in(fold(text), DEFAULT)


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("yazılımda hatası var", ["hata", "yazilim"]),
        ("veritabanına bağlanamıyorum", ["veritabani"]),
        ("Veritabanınızdaki kayıt silinmiş", ["veritabani"]),
        ("sunucunuz çöktü", ["sunucu"]),
        ("SUNUCULARINIZDAN biri", ["sunucu"]),
        ("server'a ulaşamıyorum", ["server"]),
        ("servera, serverlara ulaşamıyorum", ["server"]),
        ("kodu girdim", ["kod"]),
        ("kodunuzda, kodlarda", ["kod"]),
        ("logları attım", ["log"]),
        ("loguna baktım", ["log"]),
        ("API'yi çağırınca", ["api"]),
        ("apiniz, apisinden", ["api"]),
        ("bu hatadır, hatanın sebebi", ["hata"]),
        ("hatayla mı, hatada mı", ["hata"]),
        ("hatamı", ["hata"]),
        ("Exceptionı attı", ["exception"]),
    ],
)
def test_a_default_keyword_is_found_with_its_endings(text: str, keywords: list[str]) -> None:
    assert found(text) == keywords


@pytest.mark.parametrize(
    "text",
    [
        "logo, Logan, login, logic, lojistik, loglama",
        "kodak, Kodiak, kodaman, kodes, kodlama",
        "apiş, apış arası, apikal",
        "bugün, bugünkü, bugüne, BUGÜNDEN, buğu, buğday, Buğra, bugs",
        "hatalı, hatasız, Hatay'a, hataya kargo, Hataydan, hatıra, hatırladım",
        "codec, errors, servis, serseri, yazılımcı",
    ],
)
def test_another_word_that_begins_like_a_keyword_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("keyword", "text", "is_there"),
    [
        ("kitap", "kitabı aldım, kitabınız geldi", True),
        ("kitap", "kitaplık", False),
        ("kanat", "kanadı kırık", True),
        ("kart", "karda kaldım", False),
        ("kar", "karta, karşı, karar", False),
        ("web", "website", False),
        ("öğle yemeği", "öğle yemeğini sordum", True),
        ("öğle yemeği", "öğleye yemeği sordum", False),
        ("kask", "kasko", False),
        ("kask", "kaskım kırıldı", True),
        ("c++", "c++ bilen var mı", False),
        ("", "merhaba", False),
    ],
)
def test_a_keyword_of_the_shops_own(keyword: str, text: str, is_there: bool) -> None:
    assert bool(keywords_in(fold(text), [fold(keyword)])) is is_there
