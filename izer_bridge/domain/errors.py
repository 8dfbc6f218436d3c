"""Whose fault an error is, and therefore what happens next."""

from izer_bridge.domain.cost import Usage


class BridgeError(Exception):
    """Base of every error that this project raises on purpose."""


class ConfigError(BridgeError):
    """The operator must change a setting; the process ends with exit code 78."""


class UsageError(ConfigError):
    """A command's argument is wrong, or what it names is not there; the exit code is 2."""


class TransientError(BridgeError):
    """A later attempt may succeed.

    `retry_after_seconds` is what the other side asked for, if it did; `usage` is what the failed
    attempt cost.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after_seconds: float | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.usage = usage


class DamagedStoreError(TransientError):
    """A person must restore a backup; until then new data is kept elsewhere."""


class UnpreparedStoreError(TransientError):
    """The store's tables are not yet those of this version: the bridge makes them at its start."""


class UnpaidError(TransientError):
    """The other side wants money first; a retry helps once a person has paid."""


class NotCalledError(TransientError):
    """Nobody was called, so this was no attempt; `retry_after_seconds` is when to ask again."""


class PermanentError(BridgeError):
    """A retry cannot help; the work goes to the dead letters.

    `usage` is what the failed attempt cost.
    """

    def __init__(self, message: str, *, usage: Usage | None = None) -> None:
        super().__init__(message)
        self.usage = usage


class SetupError(PermanentError):
    """Nothing helps until the operator changes a setting; then everything may."""


class GoneError(PermanentError):
    """The other side wants nothing more at all, until the operator says otherwise."""
