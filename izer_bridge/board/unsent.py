"""What was written into a conversation and has not arrived: it waits, may have gone, or failed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

import htpy as h

from izer_bridge.domain.plain_text import line, plain
from izer_bridge.web.language import Language
from izer_bridge.writing.message import SendingStage, WrittenMessage

_WRONG = frozenset({SendingStage.UNCERTAIN, SendingStage.FAILED, SendingStage.LAPSED})


@dataclass(frozen=True, slots=True)
class UnsentTexts:
    take_back: str
    taken_back: str
    stages: Mapping[SendingStage, str]


_TEXTS = {
    Language.TR: UnsentTexts(
        take_back="Geri al",
        taken_back="Geri alındı.",
        stages={
            SendingStage.QUEUED: "sırada",
            SendingStage.SENDING: "gönderiliyor",
            SendingStage.UNCERTAIN: "gitmiş olabilir: yeniden yazmadan önce telefona bakın",
            SendingStage.FAILED: "gönderilemedi: telefondan gönderin",
            SendingStage.CANCELLED: "gönderilmedi",
            SendingStage.LAPSED: "zamanında gönderilemedi",
        },
    ),
    Language.EN: UnsentTexts(
        take_back="Take back",
        taken_back="Taken back.",
        stages={
            SendingStage.QUEUED: "queued",
            SendingStage.SENDING: "being sent",
            SendingStage.UNCERTAIN: "may have been sent: look at the phone before you repeat it",
            SendingStage.FAILED: "not sent: send it from the phone",
            SendingStage.CANCELLED: "not sent",
            SendingStage.LAPSED: "could not be sent in time",
        },
    ),
}


def unsent(
    written: Sequence[WrittenMessage], zone: tzinfo, language: Language
) -> Iterator[h.Element]:
    """Each as a message of the shop's, with what became of it; a queued one may be taken back."""
    texts = _TEXTS[language]
    for one in written:
        stage = one.stage
        yield h.li(id=f"w{one.id}", class_=["said", "us", "unsent"])[
            h.span(".small.faint")[
                h.bdi[line(one.by)], f" · {one.created_at.astimezone(zone):%H:%M}"
            ],
            h.p[h.strong[line(one.file.name) or one.file.mimetype]] if one.file else None,
            h.p(".words")[plain(one.text)] if one.text else None,
            h.span(class_=["mark", "late" if stage in _WRONG else "calm"])[texts.stages[stage]],
            _take_back(one, texts) if stage is SendingStage.QUEUED else None,
        ]


def _take_back(one: WrittenMessage, texts: UnsentTexts) -> h.Element:
    return h.form(
        data_api=f"/v1/outbox/{one.id}", data_method="DELETE", data_done=texts.taken_back
    )[h.button[texts.take_back]]
