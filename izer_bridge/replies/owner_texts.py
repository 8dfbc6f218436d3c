"""The Turkish texts about drafts for the owner on WhatsApp; pure."""

from collections.abc import Sequence
from datetime import time

from izer_bridge.domain.correspondent import Correspondent
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.quoted_text import excerpt, paragraphs
from izer_bridge.domain.sendable_text import LONGEST_TEXT
from izer_bridge.replies.decide import WRITTEN_AGAIN
from izer_bridge.replies.owner_verdict import OwnerVerdict

_HOW = (
    'Bu mesajı "Yanıtla" ile cevaplayın: 1 = gönder, 0 = iptal ya da göndermek istediğiniz metin. '
    "👍 ve 👎 de olur."
)
ASK_TO_QUOTE = (
    'Hangi taslak? Lütfen taslak mesajını "Yanıtla" ile cevaplayın: 1 = gönder, 0 = iptal ya da '
    "göndermek istediğiniz metin."
)
NO_DRAFT_OPEN = "Onay bekleyen taslak yok."
NOT_A_DRAFT = "Bu bildirim bir taslak değil. Müşteriye yazmak için onun sohbetini açın."
ONLY_TEXT = "Taslağa yalnızca yazıyla karar verebilirsiniz: 1, 0 ya da göndermek istediğiniz metin."
UNKNOWN_QUOTE = "Yanıtladığınız mesajın taslağı bulunamadı."
UNSENDABLE = (
    "Bu metin gönderilemez: boş veya çok uzun olamaz, HTML veya görünmez karakter içeremez. "
    "Taslak hâlâ onayınızı bekliyor."
)

_INVALID = "artık geçerli değil. Gönderilmedi."
_OVER = {
    OutboxState.APPROVED: "zaten onaylandı, gönderiliyor.",
    OutboxState.SENDING: "zaten onaylandı, gönderiliyor.",
    OutboxState.SENT: "zaten gönderildi.",
    OutboxState.UNCERTAIN: "onaylandı ama gönderilip gönderilmediği belli değil; sohbete bakın.",
    OutboxState.CLOSED: "zaten kapatıldı.",
    OutboxState.FAILED: "gönderilemedi.",
    OutboxState.REFUSED: "zaten reddedildi, gönderilmedi.",
    OutboxState.LAPSED: _INVALID,
    OutboxState.CANCELLED: _INVALID,
    OutboxState.RENEWED: _INVALID,
}
# By the store's reason why a draft ended.
_WHY = {
    "a person has answered": "dükkândan biri yazdı",
    "the chat is paused": "bu sohbet duraklatıldı",
    WRITTEN_AGAIN: "müşteri yeniden yazdı",
    "the message was edited or deleted": "müşteri mesajını değiştirdi ya da sildi",
    "its message is gone": "müşterinin mesajı artık yok",
    "it waited too long": "çok uzun süre onay bekledi",
}


def announcement(
    draft_id: int,
    who: Correspondent,
    asked: Sequence[str],
    proposal: str,
    quoted: str = "",
    *,
    renewed: Sequence[int] = (),
    is_pressing: bool = False,
) -> list[str]:
    """A draft with all that it answers, and how to decide it; two messages if one is too short.

    `quoted` is the message that the customer's last one answers, `renewed` are the drafts that this
    one replaces. A pressing one warns of danger.
    """
    sign, title = ("🚨", "ACİL taslak") if is_pressing else ("✏️", "Taslak")
    before = ", ".join(map(str, renewed))
    head = [
        f"{sign} {title} {draft_id}: {who}",
        *([f"Müşteri yeniden yazdı: artık Taslak {before} değil, bu geçerli."] if before else []),
        *_asked(who, asked, quoted),
        "",
        "Önerilen yanıt:",
    ]
    shown = paragraphs(proposal, LONGEST_TEXT)
    whole = "\n".join([*head, shown, "", _HOW])
    if len(whole) <= LONGEST_TEXT:
        return [whole]
    first, rest = _cut(shown, LONGEST_TEXT - len("\n".join(head)) - 1)
    return [
        "\n".join([*head, first]),
        "\n".join([f"{sign} {title} {draft_id}, önerilen yanıtın devamı:", rest, "", _HOW]),
    ]


def _cut(text: str, longest: int) -> tuple[str, str]:
    """Between two words, if there are any."""
    at = max(text.rfind(" ", 0, longest), text.rfind("\n", 0, longest))
    at = at if at > longest // 2 else longest
    return text[:at].rstrip(), text[at:].lstrip()


def _asked(who: Correspondent, asked: Sequence[str], quoted: str) -> list[str]:
    shown = [f"«{excerpt(one) or '(yazısız mesaj)'}»" for one in asked]
    lines = [
        who.in_group,
        f"Müşteri: {shown[0]}" if len(shown) == 1 else "Müşterinin mesajları:",
        *(shown if len(shown) > 1 else ()),
        f"Alıntıladığı mesaj: «{excerpt(quoted)}»" if quoted else "",
    ]
    return [line for line in lines if line]


def call(who: Correspondent, asked: Sequence[str], quoted: str = "") -> str:
    """A customer whom an agent leaves to a person without a proposal."""
    return "\n".join(
        [
            f"✋ Sizin bakmanız gerekiyor: {who}",
            *_asked(who, asked, quoted),
            "Önerilen bir yanıt yok; lütfen müşterinin sohbetine yazın.",
        ]
    )


def confirmed(draft_id: int, verdict: OwnerVerdict, not_before: time | None = None) -> str:
    """Confirms a decision; `not_before` is the end of the quiet hours that delay it."""
    match verdict:
        case OwnerVerdict.REFUSE:
            return f"✓ Taslak {draft_id} iptal edildi, gönderilmeyecek."
        case OwnerVerdict.APPROVE:
            done = f"✓ Taslak {draft_id} onaylandı"
        case OwnerVerdict.CORRECT:
            done = f"✓ Taslak {draft_id} yerine yazdığınız metin onaylandı"
    if not_before is None:
        return f"{done}, gönderiliyor."
    return f"{done}; sessiz saatler bitince (saat {not_before:%H:%M}) gönderilecek."


def decided_otherwise(
    draft_id: int, state: OutboxState, why: str | None = None, renewed_as: int | None = None
) -> str:
    """For a person whose decision about a draft is not possible; `why` is the store's reason."""
    if state is OutboxState.DRAFT:
        return f"Müşteri bu arada yeniden yazdı; Taslak {draft_id} yenileniyor. Gönderilmedi."
    if renewed_as is not None:
        return (
            f"Müşteri yeniden yazdı: artık Taslak {draft_id} değil, Taslak {renewed_as} geçerli. "
            "Gönderilmedi; lütfen yeni taslağın mesajını yanıtlayın."
        )
    over = _OVER[state]
    if over == _INVALID and why in _WHY:
        over = f"artık geçerli değil: {_WHY[why]}. Gönderilmedi."
    return f"Taslak {draft_id} {over}"
