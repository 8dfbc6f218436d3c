"""Whose fault an error is, and therefore what happens next."""


class BridgeError(Exception):
    """Base of every error that this project raises on purpose."""


class ConfigError(BridgeError):
    """The operator must change a setting; the process ends with exit code 78."""


class TransientError(BridgeError):
    """Trying again later may help.

    `retry_after_seconds` is what the other side asked for, when it asked.
    """

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class PermanentError(BridgeError):
    """Trying again cannot help; the work goes to the dead letters."""
