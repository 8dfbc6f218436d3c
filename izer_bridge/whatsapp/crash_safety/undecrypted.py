"""Message stanzas that have arrived and are not decrypted yet, indexed by sender and chat; pure.

Hundreds wait here in a burst, so none is searched for among all of them.
"""

from collections import defaultdict
from itertools import islice

from izer_bridge.whatsapp.library.log_lines import Stanza, StanzaSource


class Received:
    """At most this many, in order of arrival; beyond that the oldest is forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._came = 0
        self._all: dict[int, Stanza] = {}
        # Group messages by their chat, else by their sender: nothing else is known of all of them.
        self._places: defaultdict[tuple[bool, str], dict[int, None]] = defaultdict(dict)

    def add(self, one: Stanza) -> None:
        if len(self._all) >= self._most:
            self._take(next(iter(self._all)))
        self._all[self._came] = one
        self._places[_known_by(one)][self._came] = None
        self._came += 1

    def take(self, source: StanzaSource) -> Stanza | None:
        """The first that may be from the source; in a group preferably one naming its sender."""
        alone = self._places.get((False, source.sender), ())
        to_many = self._places.get((True, source.chat), ())
        named = (place for place in to_many if self._all[place].sender == source.sender)
        firsts = [place for found in (alone, named) for place in islice(found, 1)]
        places = firsts or [*islice(to_many, 1)]
        return self._take(min(places)) if places else None

    def _take(self, place: int) -> Stanza:
        one = self._all.pop(place)
        key = _known_by(one)
        del self._places[key][place]
        if not self._places[key]:
            del self._places[key]
        return one


def _known_by(one: Stanza) -> tuple[bool, str]:
    return (True, one.chat) if one.is_to_many else (False, one.sender)
