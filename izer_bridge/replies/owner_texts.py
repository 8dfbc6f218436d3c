"""What the owner reads about drafts on WhatsApp, in Turkish; pure."""

from izer_bridge.domain.correspondent import Correspondent
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.quoted_text import excerpt, paragraphs

# With all around it the notice stays under WhatsApp's and the outbox's limit.
_LONGEST_PROPOSAL = 3_000

ASK_TO_QUOTE = (
    'Hangi taslak? Lütfen taslak mesajını "Yanıtla" ile cevaplayın: 1 = gönder, 0 = iptal ya da '
    "göndermek istediğiniz metin."
)
NO_DRAFT_OPEN = "Onay bekleyen taslak yok."
NOT_A_DRAFT = "Bu bildirim bir taslak değil. Müşteriyi yanıtlamak için onun sohbetine yazın."
ONLY_TEXT = "Taslak için yalnızca yazı geçerlidir: 1, 0 ya da göndermek istediğiniz metin."
UNKNOWN_QUOTE = "Yanıtladığınız mesajın taslağı bulunamadı."
UNSENDABLE = (
    "Bu metin gönderilemez: boş, çok uzun, HTML içeren ya da görünmez karakterli olamaz. "
    "Taslak hâlâ onay bekliyor."
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
}
# As the store writes down why a draft ended.
_WHY = {
    "a person has answered": "dükkândan biri yazdı",
    "the chat is paused": "bu sohbet duraklatıldı",
    "the customer has written again": "müşteri yeniden yazdı",
    "the message was edited or deleted": "müşteri mesajını değiştirdi ya da sildi",
    "its message is gone": "müşterinin mesajı artık yok",
    "it waited too long": "çok uzun süre onay bekledi",
}


def announcement(
    draft_id: int,
    who: Correspondent,
    asked: str,
    proposal: str,
    quoted: str = "",
    *,
    is_pressing: bool = False,
) -> str:
    """A draft with its context, and how to decide it; `quoted` is what the customer answers.

    A pressing one warns of danger.
    """
    shown = paragraphs(proposal, _LONGEST_PROPOSAL)
    if len(shown) < len(proposal.strip()):
        shown += f"\n(Devamı: izer-bridge drafts show {draft_id})"
    head = "🚨 ACİL taslak" if is_pressing else "✏️ Taslak"
    return "\n".join(
        [
            f"{head} {draft_id}: {who}",
            *_asked(who, asked, quoted),
            "",
            "Önerilen yanıt:",
            shown,
            "",
            'Bu mesajı "Yanıtla" ile cevaplayın: 1 = gönder, 0 = iptal ya da göndermek '
            "istediğiniz metin. 👍 ve 👎 de olur.",
        ]
    )


def _asked(who: Correspondent, asked: str, quoted: str) -> list[str]:
    lines = [
        who.in_group,
        f"Müşteri: «{excerpt(asked) or '(yazısız mesaj)'}»",
        f"Alıntıladığı mesaj: «{excerpt(quoted)}»" if quoted else "",
    ]
    return [line for line in lines if line]


def call(who: Correspondent, asked: str, quoted: str = "") -> str:
    """A customer whom an agent leaves to a person without proposing anything."""
    return "\n".join(
        [
            f"✋ Sizin bakmanız gerekiyor: {who}",
            *_asked(who, asked, quoted),
            "Önerilen bir yanıt yok; lütfen müşterinin sohbetine yazın.",
        ]
    )


def decided_otherwise(draft_id: int, state: OutboxState, why: str | None = None) -> str:
    """To somebody who decides a draft that is not open any more; `why` is the store's reason."""
    over = _OVER[state]
    if over == _INVALID and why in _WHY:
        over = f"artık geçerli değil: {_WHY[why]}. Gönderilmedi."
    return f"Taslak {draft_id} {over}"
