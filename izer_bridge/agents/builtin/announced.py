"""What stands for a medium before the words that came with it. Pure."""

import re

# As a medium is announced before its caption.
_ANNOUNCED = re.compile(r"^\[(?:[^\]\n]{1,80})\]\s*")
_PICTURE = re.compile(r"\[(?:image|video)\b")


def said_in(announced: str) -> str:
    """The words after a medium's announcement; the whole text if there is none."""
    return _ANNOUNCED.sub("", announced, count=1) or announced


def shows_picture(announced: str) -> bool:
    """Whether a picture or a film came with it."""
    return bool(_PICTURE.match(announced))
