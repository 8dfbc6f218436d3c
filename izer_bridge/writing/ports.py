"""What writing needs to know of the link."""

from typing import Protocol


class LinkNow(Protocol):
    """`account` is the linked number, None before the first linking."""

    @property
    def account(self) -> str | None: ...

    @property
    def is_ready(self) -> bool: ...
