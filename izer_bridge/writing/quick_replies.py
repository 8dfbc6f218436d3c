"""Quick replies: the shop's own words from the knowledge files, for a person to insert and edit."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from izer_bridge.domain.errors import ConfigError

if TYPE_CHECKING:
    from izer_bridge.agents.builtin.knowledge import Section
    from izer_bridge.agents.builtin.knowledge_files import Library

MOST = 200


@dataclass(frozen=True, slots=True)
class QuickReply:
    """The first of a section's questions, and its answer. `is_suggested`: it answers what was asked
    last, as far as that is certain.
    """

    title: str
    text: str = field(repr=False)
    language: str
    is_suggested: bool


class QuickReplies:
    """`folder` is agents_builtin.knowledge_dir; None: there are none.

    What reads it is loaded with the first question: a bridge whose agents are elsewhere needs none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._library: Library | None = None

    async def offered(self, asked: str, language: str | None) -> Sequence[QuickReply]:
        """In that language if there are any, else all; the suggested one first."""
        if self._folder is None:
            return ()
        from izer_bridge.agents.builtin.knowledge_files import Library

        if self._library is None:
            try:
                self._library = Library(self._folder)
            except ConfigError:
                return ()
        knowledge = await self._library.knowledge()
        return await asyncio.to_thread(
            _offered, knowledge.sections, knowledge.find(asked), language
        )


def _offered(
    sections: Iterable["Section"], suggested: "Section | None", language: str | None
) -> Sequence[QuickReply]:
    every = [
        QuickReply(one.questions[0], one.answer, _language_of(one), one is suggested)
        for one in sections
    ]
    known = [one for one in every if one.language == language or one.is_suggested]
    found = known if any(one.language == language for one in known) else every
    return sorted(found, key=lambda one: not one.is_suggested)[:MOST]


def _language_of(section: "Section") -> str:
    from izer_bridge.analysis.local.language import spoken_in
    from izer_bridge.analysis.local.words import read

    return spoken_in(read(section.whole).words).main
