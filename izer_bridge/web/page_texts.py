"""What the shell of every page says; the rooms' own words are in the rooms."""

from collections.abc import Mapping
from dataclasses import dataclass

from izer_bridge.web.language import Language


@dataclass(frozen=True, slots=True)
class PageTexts:
    """`sections` are the names in the navigation, by their pages' routes. Of what was decided about
    something that is no longer so, `first` says who was first, and `overtaken` that nobody was.
    `refused` is said around the sentence that programs get, which is English.
    """

    sections: Mapping[str, str]
    navigation: str
    skip: str
    other_language: str
    leave: str
    away: str
    first: str
    overtaken: str
    refused: str


PAGE_TEXTS = {
    Language.TR: PageTexts(
        sections={
            "page-board": "Pano",
            "page-search": "Arama",
            "page-reports": "Raporlar",
            "page-link": "Bağlantı",
            "page-staff": "Kişiler",
        },
        navigation="Sayfalar",
        skip="İçeriğe geç",
        other_language="English",
        leave="Çıkış",
        away="Köprüyle bağlantı yok. Gördükleriniz eski olabilir; yeniden deneniyor…",
        first="Önce {} karar verdi ({}). Hiçbir şey değişmedi.",
        overtaken="Bu arada durum değişti; son mesajlara bakın. Hiçbir şey değişmedi.",
        refused="Olmadı, hiçbir şey değişmedi. Ayrıntı: {}",
    ),
    Language.EN: PageTexts(
        sections={
            "page-board": "Board",
            "page-search": "Search",
            "page-reports": "Reports",
            "page-link": "Link",
            "page-staff": "People",
        },
        navigation="Pages",
        skip="Skip to content",
        other_language="Türkçe",
        leave="Log out",
        away="No connection to the bridge. What you see may be old; trying again…",
        first="{} has decided before ({}). Nothing was changed.",
        overtaken="Things have moved on; look at the latest messages. Nothing was changed.",
        refused="Nothing was changed: {}",
    ),
}
