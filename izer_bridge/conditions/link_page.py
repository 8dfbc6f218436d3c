"""`/link`, drawn: the link with its QR code, what is wrong, what is missing, this machine.

Loads htpy, so import it within a handler.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

import htpy as h

from izer_bridge.conditions.desk import MOST, Overview
from izer_bridge.conditions.facts import DiskSpace
from izer_bridge.conditions.owner_texts import told
from izer_bridge.conditions.page_texts import HEALTH_TEXTS
from izer_bridge.domain.condition import Condition, ConditionName, Severity
from izer_bridge.domain.durations import in_two_units
from izer_bridge.domain.gap import GapReason
from izer_bridge.domain.link_state import NEEDS_PERSON, LinkState, LinkStatus
from izer_bridge.inbox.set_aside import AsideEvent
from izer_bridge.pipeline.store.dead_letters import DeadLetter
from izer_bridge.pipeline.store.gaps import GapRow
from izer_bridge.web.language import Language
from izer_bridge.whatsapp.link_file import LinkNote
from izer_bridge.whatsapp.qr_svg import qr_picture

_RESTING = frozenset({LinkState.QR_EXPIRED, LinkState.PASSKEY})
_OLD_BACKUP_SECONDS = 2 * 86_400


@dataclass(frozen=True, slots=True)
class LinkView:
    """The page for one reader at one moment. Only an owner sees the code, and may mend."""

    language: Language
    is_owner: bool
    zone: tzinfo
    now: datetime

    def whole(self, found: Overview, address: str) -> h.Node:
        """The page's content; what is `live` in it is had from `address`."""
        return [h.h1[HEALTH_TEXTS[self.language].title], self.live(found, address)]

    def live(self, found: Overview, address: str) -> h.Element:
        """Each of its parts is replaced when it differs. `data-now` is the clock of the code."""
        note = found.note
        said = HEALTH_TEXTS[self.language].states[LinkState(note.state)]
        now = str(_milliseconds(self.now))
        return h.div("#live", data_live=address, data_said=said, data_now=now)[
            self._link(note),
            self._left(note),
            self._wrong(found.health.conditions),
            self._gaps(found.gaps),
            self._letters(found.letters),
            self._events(found.events),
            self._machine(found),
        ]

    def _link(self, note: LinkNote) -> h.Element:
        texts, state = HEALTH_TEXTS[self.language], LinkState(note.state)
        seen = note.phone_seen_at
        return h.section("#link.card", tabindex="-1")[
            h.h2[texts.link],
            h.p[h.span(class_=["mark", "wide", _colour(state)])[texts.states[state]]],
            self._code(state, note.code) if note.code else None,
            state in _RESTING and self._button("/v1/link/codes", texts.fresh),
            h.p(".faint")[f"{texts.phone_seen}: {self._moment(seen)}"] if seen else None,
        ]

    def _left(self, note: LinkNote) -> h.Element:
        """It changes with each second, and must not have the code drawn anew."""
        if not (note.code and note.code_until and self.is_owner):
            return h.p("#left")
        until = str(_milliseconds(note.code_until))
        seconds = HEALTH_TEXTS[self.language].seconds
        return h.p("#left.card")[h.b(data_until=until), f" {seconds}"]

    def _code(self, state: LinkState, code: str) -> h.Element:
        texts = HEALTH_TEXTS[self.language]
        if not self.is_owner:
            return h.p[texts.owner_only]
        picture = qr_picture(code)
        return h.div(".qr")[
            state is LinkState.SCAN_AGAIN and h.p(".warning")[texts.again],
            h.svg(
                viewBox=f"0 0 {picture.side} {picture.side}",
                role="img",
                aria_label=texts.picture,
                shape_rendering="crispEdges",
            )[
                h.rect(width="100%", height="100%", fill="#fff"),
                h.path(d=picture.path, fill="#000"),
            ],
            h.p[texts.how],
            h.p(".faint")[texts.before],
        ]

    def _wrong(self, conditions: Sequence[Condition]) -> h.Element:
        texts = HEALTH_TEXTS[self.language]
        return h.section("#wrong.card", tabindex="-1")[
            h.h2[texts.wrong],
            h.ul(".plain")[map(self._condition, conditions)]
            if conditions
            else h.p[h.span(".mark.good")[texts.all_well]],
        ]

    def _condition(self, one: Condition) -> h.Element:
        """In Turkish with the operator's own sentence, which has the particulars, behind it."""
        texts = HEALTH_TEXTS[self.language]
        is_error = one.severity is Severity.ERROR
        label, colour = (texts.error, "late") if is_error else (texts.warning, "soon")
        title, so, do = told(one.name)
        if self.language is Language.EN:
            title, so, do = str(one.name).replace("_", " "), one.sentence, one.remedy
        return h.li[
            h.h3[h.span(f".mark.{colour}")[label], f" {title}", one.about and f" ({one.about})"],
            h.p[so],
            h.p[h.b[texts.what_to_do], f" {do}"],
            one.name is ConditionName.SENDING_STOPPED
            and self._button("/v1/sending/resume", texts.send_again, texts.sends, texts.sure_sends),
            h.p(".faint")[f"{texts.since}: {self._moment(one.since)}"] if one.since else None,
            self.language is not Language.EN
            and h.details(id=f"exactly-{one.name}-{one.about}")[
                h.summary[texts.exactly], h.p(lang="en")[f"{one.sentence} → {one.remedy}"]
            ],
        ]

    def _gaps(self, found: Sequence[GapRow] | None) -> h.Element:
        texts = HEALTH_TEXTS[self.language]

        def row(one: GapRow) -> h.Element:
            why = texts.reasons[GapReason(one.reason)]
            return h.tr[
                h.td(".name")[one.chat_name or one.chat],
                h.td(".name")[one.sender_name],
                h.td[why],
                h.td[self._moment(one.noticed_at)],
                h.td[self._button(f"/v1/gaps/{one.row_id}/close", texts.close, texts.closed)],
            ]

        heads = (texts.chat, texts.sender, texts.why, texts.when)
        return h.section("#gaps.card", tabindex="-1")[
            h.h2[texts.missing],
            self._listed(found, texts.nothing_missing)
            or (
                h.p(".faint")[texts.missing_what],
                _table(heads, map(row, (found or ())[:MOST])),
                self._more(found, "izer-bridge gaps"),
            ),
        ]

    def _letters(self, found: Sequence[DeadLetter] | None) -> h.Element:
        texts = HEALTH_TEXTS[self.language]

        def row(one: DeadLetter) -> h.Element:
            retry = f"/v1/dead-letters/{one.row_id}/retry"
            return h.tr[
                h.td(".name")[one.chat_name],
                h.td(".words", lang="en")[one.error],
                h.td(".number")[str(one.attempts)],
                h.td[self._moment(one.died_at)],
                h.td[self._button(retry, texts.retry, texts.retried)],
            ]

        heads = (texts.chat, texts.why, texts.tries, texts.when)
        return h.section("#letters.card", tabindex="-1")[
            h.h2[texts.dead],
            self._listed(found, texts.no_dead)
            or (
                h.p(".faint")[texts.dead_what],
                _table(heads, map(row, (found or ())[:MOST])),
                self._more(found, "izer-bridge dlq list"),
                self._all("/v1/dead-letters/retry"),
            ),
        ]

    def _events(self, found: Sequence[AsideEvent] | None) -> h.Element:
        texts = HEALTH_TEXTS[self.language]

        def row(one: AsideEvent) -> h.Element:
            retry = f"/v1/set-aside/{one.sequence}/retry"
            return h.tr[
                h.td[one.kind],
                h.td(".words", lang="en")[one.reason],
                h.td[self._moment(one.received_at)],
                h.td[self._button(retry, texts.retry, texts.retried)],
            ]

        return h.section("#events.card", tabindex="-1")[
            h.h2[texts.aside],
            self._listed(found, texts.no_aside)
            or (
                h.p(".faint")[texts.aside_what],
                _table((texts.kind, texts.why, texts.when), map(row, (found or ())[:MOST])),
                self._more(found, "izer-bridge dlq list"),
                self._all("/v1/set-aside/retry"),
            ),
        ]

    def _machine(self, found: Overview) -> h.Element:
        texts, health = HEALTH_TEXTS[self.language], found.health
        depth = health.inbox_depth
        waits = f" {texts.waits.format(count=depth)}" if depth else ""
        facts: list[tuple[str, h.Node]] = [
            (texts.store, self._works(health.is_store_ok)),
            (texts.inbox, (self._works(health.is_inbox_ok), waits)),
            *((f"{texts.disk} {one.place}", self._room(one)) for one in health.disks),
            (texts.backup, self._backup(found)),
            (texts.version, f"{health.version}, {self._span(texts.runs, health.uptime_seconds)}"),
        ]
        return h.section("#machine.card", tabindex="-1")[
            h.h2[texts.machine], h.dl[([h.dt[name], h.dd[fact]] for name, fact in facts)]
        ]

    def _works(self, is_well: bool) -> h.Element:
        texts = HEALTH_TEXTS[self.language]
        return h.span(".mark.good")[texts.works] if is_well else h.span(".mark.late")[texts.fails]

    def _room(self, disk: DiskSpace) -> str:
        free, total = self._gigabytes(disk.free), self._gigabytes(disk.total)
        return HEALTH_TEXTS[self.language].free.format(free=free, total=total)

    def _gigabytes(self, size: int) -> str:
        number = f"{size / 1e9:.1f} GB"
        return number.replace(".", ",") if self.language is Language.TR else number

    def _backup(self, found: Overview) -> h.Node:
        texts = HEALTH_TEXTS[self.language]
        if found.backup is None:
            return h.span(".mark.soon")[texts.no_backup]
        made_at = found.backup.made_at
        is_old = (self.now - made_at).total_seconds() > _OLD_BACKUP_SECONDS
        return h.span(class_="mark soon" if is_old else "mark good")[self._moment(made_at)]

    def _listed(self, found: Sequence[object] | None, none: str) -> h.Node:
        """Why nothing is listed; None if something is."""
        if found is None:
            return h.p(".warning")[HEALTH_TEXTS[self.language].unknown]
        return None if found else h.p(".faint")[none]

    def _more(self, found: Sequence[object] | None, command: str) -> h.Node:
        if found is None or len(found) <= MOST:
            return None
        return h.p(".faint")[HEALTH_TEXTS[self.language].more.format(count=MOST, command=command)]

    def _button(self, address: str, label: str, done: str = "", sure: str | None = None) -> h.Node:
        if not self.is_owner:
            return None
        return h.form(data_api=address, data_done=done, data_sure=sure)[
            h.button(id=f"button{address.replace('/', '-')}")[label]
        ]

    def _all(self, address: str) -> h.Node:
        texts = HEALTH_TEXTS[self.language]
        return self._button(address, texts.retry_all, texts.retried, texts.sure)

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%d.%m.%Y %H:%M}"

    def _span(self, words: str, seconds: float) -> str:
        return words.format(time=in_two_units(seconds, HEALTH_TEXTS[self.language].units))


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _colour(state: LinkState) -> str:
    if LinkStatus(state).is_linked:
        return "good"
    return "late" if state in NEEDS_PERSON else "soon"


def _table(heads: Sequence[str], rows: Iterator[h.Element]) -> h.Element:
    """The last column has the buttons."""
    return h.div(".scroll")[
        h.table[h.thead[h.tr[(h.th(scope="col")[one] for one in heads), h.td]], h.tbody[rows]]
    ]
