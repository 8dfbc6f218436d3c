"""Faults of bicycles, e-bike error codes, and the shop's own systems: steps to a diagnosis."""

import re
from dataclasses import replace

from izer_bridge.agents.builtin import ebike
from izer_bridge.agents.builtin.facts import Fact, facts_in
from izer_bridge.agents.builtin.request import Case, is_failing
from izer_bridge.agents.builtin.topic import Draft, Step, topics_of
from izer_bridge.analysis.local.signals import signals_of

SYSTEM_TOPICS = ("shop_system", "payment_terminal")
# What the shop looks at first, by HTTP status (RFC 9110).
_STATUS = {
    "400": "İstek hatalı: gönderilen alanları ve biçimlerini kayıtlarda karşılaştırın.",
    "401": "Kimlik doğrulanmamış: anahtarın veya oturumun süresi dolmuş olabilir; yenileyin.",
    "403": "Yetki yok: kullanıcının izinlerini ve güvenlik duvarı kurallarını kontrol edin.",
    "404": "Adres bulunamadı: bağlantıyı ve son taşınan sayfaları kontrol edin.",
    "405": "Bu yöntem kabul edilmiyor: istemcinin GET/POST kullanımını kontrol edin.",
    "409": "Çakışma: aynı kayıt iki kez gönderilmiş olabilir.",
    "413": "Gönderilen dosya veya istek sınırdan büyük: sunucunun sınırını kontrol edin.",
    "422": "Alanlar geçersiz: yanıttaki hata ayrıntısını okuyun.",
    "429": "Çok fazla istek: istemciyi yavaşlatın, kotayı kontrol edin.",
    "500": "Sunucuda hata: aynı dakikadaki hata kaydını (traceback) bulun.",
    "502": "Arkadaki uygulama yanıt vermiyor: çalışıp çalışmadığına bakın.",
    "503": "Hizmet kapalı veya aşırı yüklü: yükü ve bakım modunu kontrol edin.",
    "504": "Arkadaki uygulama zamanında yanıt vermedi: yavaş sorgu ve bağlantıları kontrol edin.",
}
_OF_A_FAULT = frozenset({"fault", "fails", "down", "moves", "noise", "howto", "heat", "detached"})
_A_PAGE = ("web", "site")
_NUMBER = re.compile(r"\b\d{3}\b")


def by_words(case: Case) -> Draft | None:
    """A known error code first, then by what is broken."""
    if known := ebike.draft(case):
        return known
    topic = topics_of("technical").called_by(case.text)
    if topic is None or not (_is_of_a_system(topic.name, case) or _may_be_a_fault(case)):
        return None
    facts = facts_in(case.said, case.offered)
    if topic.name == "e_bike":
        facts = (*facts, *ebike.named_in(case.said))
    drafted = topic.draft(case.language, facts)
    if topic.name not in SYSTEM_TOPICS:
        return drafted
    status = next((one for one in _NUMBER.findall(case.text) if one in _STATUS), None)
    if status is None:
        return drafted
    return replace(
        drafted,
        steps=(Step("check_status", _STATUS[status]), *drafted.steps),
        facts=(*drafted.facts, Fact("status", status)),
    )


def _is_of_a_system(topic: str, case: Case) -> bool:
    """Who only names a page ("web siteniz için reklam") has met no error on it."""
    if topic == "shop_system":
        return not any(word.startswith(_A_PAGE) for word in case.words) or is_failing(case.text)
    return topic in SYSTEM_TOPICS


def _may_be_a_fault(case: Case) -> bool:
    """A customer who only asks about a part or a motor has none that fails."""
    if case.category in ("technical", "support", "complaint"):
        return True
    return not _OF_A_FAULT.isdisjoint(signals_of(case.text).found)


def other(case: Case) -> Draft:
    return topics_of("technical").named("other").draft(case.language)


def is_technical(case: Case) -> bool:
    """Whether a fault of a bicycle or a system is mentioned."""
    return topics_of("technical").of(case).name != "other" or ebike.draft(case) is not None
