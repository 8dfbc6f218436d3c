"""Why something is not written: the errors that the routes translate."""

from izer_bridge.domain.errors import BridgeError


class NotAllowedError(BridgeError):
    """Nothing may be written there now, or the message can no longer be taken back."""


class UnfitFileError(BridgeError):
    """It is no file that is sent."""


class NotTheSameError(BridgeError):
    """Another message was written under the same key."""
