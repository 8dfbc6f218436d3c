"""Why something is not written: the errors that the routes translate."""

from izer_bridge.domain.errors import BridgeError
from izer_bridge.writing.decide import WhyUnwritten


class NotAllowedError(BridgeError):
    """Nothing may be written there now, or the message can no longer be taken back.

    `why` is None if no page needs to say it in its own words.
    """

    def __init__(self, sentence: str, why: WhyUnwritten | None = None) -> None:
        super().__init__(sentence)
        self.why = why


class UnfitFileError(BridgeError):
    """It is no file that is sent."""


class NotTheSameError(BridgeError):
    """Another message was written under the same key."""
