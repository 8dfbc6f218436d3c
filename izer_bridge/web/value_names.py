"""What every page calls the domain's values, in Turkish and English; pure."""

from collections.abc import Mapping

from izer_bridge.domain.analysis import Category, Sentiment
from izer_bridge.domain.message import Kind
from izer_bridge.web.language import Language

CATEGORY_NAMES: Mapping[Language, Mapping[str, str]] = {
    Language.TR: {
        Category.SALES: "Satış",
        Category.INQUIRY: "Bilgi",
        Category.SUPPORT: "Destek",
        Category.COMPLAINT: "Şikâyet",
        Category.TECHNICAL: "Teknik",
        Category.GENERAL: "Genel",
    },
    Language.EN: {one: one.capitalize() for one in Category},
}
SENTIMENT_NAMES: Mapping[Language, Mapping[str, str]] = {
    Language.TR: {
        Sentiment.POSITIVE: "Olumlu",
        Sentiment.NEUTRAL: "Nötr",
        Sentiment.NEGATIVE: "Olumsuz",
        Sentiment.URGENT: "Acil",
    },
    Language.EN: {one: one.capitalize() for one in Sentiment},
}
# Of messages that are more than words.
KIND_NAMES: Mapping[Language, Mapping[str, str]] = {
    Language.TR: {
        Kind.IMAGE: "Fotoğraf",
        Kind.VIDEO: "Video",
        Kind.VOICE: "Sesli mesaj",
        Kind.AUDIO: "Ses kaydı",
        Kind.DOCUMENT: "Belge",
        Kind.STICKER: "Çıkartma",
        Kind.LOCATION: "Konum",
        Kind.CONTACT: "Kişi kartı",
        Kind.POLL: "Anket",
        Kind.CALL: "Cevapsız arama",
    },
    Language.EN: {
        Kind.IMAGE: "Picture",
        Kind.VIDEO: "Video",
        Kind.VOICE: "Voice message",
        Kind.AUDIO: "Recording",
        Kind.DOCUMENT: "Document",
        Kind.STICKER: "Sticker",
        Kind.LOCATION: "Location",
        Kind.CONTACT: "Contact card",
        Kind.POLL: "Poll",
        Kind.CALL: "Missed call",
    },
}
