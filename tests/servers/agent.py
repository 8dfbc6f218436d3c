"""An agent: `POST /process` on loopback."""

from typing import Any

from tests.servers.loopback import Loopback, Raw, Recorded, as_json

ANSWER = {"reply": "Merhaba", "confidence": 0.9}


class AgentServer(Loopback):
    """Answers `ANSWER` unless scripted otherwise; every request body is in `bodies`."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = ANSWER if answer is None else answer
        super().__init__("/process", self._default)

    @property
    def bodies(self) -> list[Any]:
        return [request.json for request in self.requests]

    def _default(self, _: Recorded) -> Raw:
        return as_json(self.answer)


def failing(status: int, **headers: str) -> Raw:
    """An error with a useless body; `Retry_After="3"` becomes the header `Retry-After`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Raw(b"<h1>no</h1>", "text/html", status, named)


def redirecting(url: str, status: int = 307) -> Raw:
    return Raw(b"", "text/plain", status, {"Location": url})


def huge(size: int) -> Raw:
    """A right answer of about `size` bytes."""
    return as_json({"reply": "x" * size})
