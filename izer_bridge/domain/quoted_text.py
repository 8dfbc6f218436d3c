"""A stranger's words as they may appear inside the bridge's own message: short, on one line."""

from izer_bridge.domain.plain_text import is_shown

LONGEST = 300
_DOTS = "…"
# Text that looks like a tag or an entity would keep the whole message from being sent.
_HARMLESS = {"<": "‹", ">": "›", "&": "＆"}


def excerpt(text: str, longest: int = LONGEST) -> str:
    """`text` on one line, without control characters, cut at a word if it is too long."""
    line = " ".join("".join(map(_visible, text)).split())
    if len(line) <= longest:
        return line
    # Including the next character: if that ends a word, the word is whole.
    at_word = line[:longest].rpartition(" ")[0]
    return (at_word if len(at_word) > longest // 2 else line[: longest - 1]) + _DOTS


def paragraphs(text: str, longest: int) -> str:
    """`text` with its lines, without hidden characters, cut if it is too long."""
    kept = "\n".join("".join(map(_visible, line)).rstrip() for line in text.strip().splitlines())
    return kept if len(kept) <= longest else kept[: longest - 1] + _DOTS


def _visible(sign: str) -> str:
    """Direction marks could make a notice say something else."""
    return _HARMLESS.get(sign, sign) if is_shown(sign) else " "
