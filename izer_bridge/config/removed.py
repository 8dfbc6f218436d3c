"""Keys of earlier versions, and what applies instead, for operators who still set one."""

from fnmatch import fnmatchcase

_HOLDS = {
    "store.allow_plaintext": "end store.url with ?allow_plaintext=true",
    "api.requests_at_once": "1000 requests of one address are taken at once",
    "whatsapp.device_name": 'the phone lists the bridge as "İzer Bridge"',
    "whatsapp.hold_receipts": "receipts are always held until the message is on the disk",
    "whatsapp.undo_at_risk": "what a crash put at risk is always decrypted once more",
    "whatsapp.gate": "held receipts and decrypting once more protect every message",
    "analysis.context_messages": "20 messages of the chat are seen",
    "analysis.again_every_seconds": "it is looked every 60 seconds",
    "worker": "a lease lasts 60 seconds longer than the slowest message takes",
    "media.download": "set media.max_mb = 0 to keep no files",
    "media.transcribe": 'set media.transcription_model = "" to transcribe nothing',
    "media.describe": 'set media.description_model = "" to describe nothing',
    "agents.*.max_concurrent": "16 calls to an agent are under way at most",
    "agents.*.breaker_failures": "5 failures in a row pause an agent",
    "agents.*.breaker_pause_seconds": "an agent that failed is paused for 30 seconds",
    "agents_builtin.host": "start `izer-bridge agents` with --host",
    "agents_builtin.ports": "start `izer-bridge agents` with --first-port",
    "reply.min_confidence": "an agent less sure than 0.6 makes a draft",
    "reply.max_age_minutes": "a message older than 30 minutes is not answered by itself",
    "reply.draft_minutes": "a draft lapses after 12 hours",
    "reply.notices_per_hour": "the shop's own people get at most 60 notices an hour",
    "reply.breaker_minutes": "sending rests for 12 hours where WhatsApp names no time",
    "retention.at_hour": "old rows go at 3 o'clock",
}


def what_holds(key: str) -> str | None:
    """In a sentence that follows the key; None for a key that never existed."""
    for pattern, holds in _HOLDS.items():
        if fnmatchcase(key, pattern):
            return f"it is no longer a setting; remove it: {holds}"
    return None
