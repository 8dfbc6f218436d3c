"""An upper estimate of a text's tokens. It shortens no text.

Tokenisers' own tables are megabytes that would have to be downloaded. tokens.toml has the pieces
that o200k and cl100k both know and that customers' words mostly consist of; the rest of a word
counts almost letter by letter, and anything else one token per byte, which no encoding exceeds.
"""

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

# A token is counted for at most this many characters.
MOST_CHARACTERS = 12
_SPACE = "_"
_REMEMBERED = 1 << 12
# Two adjacent letters are nearly always one token, but the tokeniser chooses which two.
_LETTER = 0.8
_DIGITS = 3

_PIECE = re.compile(
    r'(?P<frame>","|"\],|\[")'
    r"|(?P<word> ?[^\W\d_]{1,40})"
    r"|(?P<digits>[0-9]+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)


def estimated_tokens(text: str) -> float:
    """At least as many tokens as common tokenisers make of a chat, or of any text in JSON."""
    count = 0.0
    for match in _PIECE.finditer(text):
        piece = match.group()
        if match.lastgroup == "word":
            count += _of_word(piece)
        elif match.lastgroup == "digits":
            count += -(-len(piece) // _DIGITS)
        else:
            count += 1 if match.lastgroup == "frame" else len(piece.encode())
    return count


@lru_cache(_REMEMBERED)
def _of_word(word: str) -> float:
    """The fewest pieces that make up a word with the space before it."""
    pieces, longest = _pieces()
    least = [0.0]
    for end in range(1, len(word) + 1):
        ways = [least[end - 1] + _of_letter(word, end - 1)]
        ways += [
            least[begin] + 1
            for begin in range(max(0, end - longest), end)
            if word[begin:end] in pieces
        ]
        least.append(min(ways))
    return least[-1]


def _of_letter(word: str, place: int) -> float:
    """A letter in no piece; it shares a token only among others of its kind."""
    letter = word[place]
    if not letter.isascii():
        return len(letter.encode())
    is_amid = letter.islower() and word[max(0, place - 1)].isascii()
    return _LETTER if is_amid else 1


@cache
def _pieces() -> tuple[frozenset[str], int]:
    """The pieces, and the length of the longest."""
    text = (files(__package__) / "tokens.toml").read_text("utf-8")
    pieces = frozenset(
        piece.replace(_SPACE, " ") for piece in tomllib.loads(text)["pieces"].split()
    )
    return pieces, max(map(len, pieces))
