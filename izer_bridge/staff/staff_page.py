"""`/staff`, drawn: the form that lets somebody in, and all who may. Loads htpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import htpy as h

from izer_bridge.staff.device import device_name
from izer_bridge.staff.member import LONGEST_NAME, OpenSession, StaffRow
from izer_bridge.staff.texts import STAFF_TEXTS, StaffTexts
from izer_bridge.web.language import Language

# An open board is asked who it is every ten seconds.
_HERE = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class SeenMember:
    row: StaffRow
    last_seen: datetime | None
    sessions: Sequence[OpenSession]


@dataclass(frozen=True, slots=True)
class StaffView:
    """The page at one moment for the owner whose row is `reader`.

    If it `is_here_alone`, its links open on the bridge's own machine.
    """

    language: Language
    reader: int
    zone: tzinfo
    now: datetime
    members: Sequence[SeenMember]
    is_here_alone: bool

    @property
    def texts(self) -> StaffTexts:
        return STAFF_TEXTS[self.language]

    def whole(self, address: str) -> h.Node:
        """The page's content; what is `live` in it is had from `address`."""
        return [h.h1[self.texts.title], self._adding(), self._inviting(), self.live(address)]

    def live(self, address: str) -> h.Element:
        return h.div("#live", data_live=address)[
            h.ul("#members.plain.card", aria_label=self.texts.title)[
                map(self._member, self.members)
            ]
        ]

    def _adding(self) -> h.Element:
        texts = self.texts
        return h.form("#add.card", data_api="/v1/staff")[
            h.h2[texts.add],
            h.p(".faint")[texts.what],
            h.p(".warning")[texts.here_alone] if self.is_here_alone else None,
            h.p(".bar")[
                h.label[
                    f"{texts.name} ",
                    h.input(name="name", required=True, maxlength=LONGEST_NAME, autocomplete="off"),
                ],
                h.label[
                    f"{texts.role} ",
                    h.select(name="role")[
                        (h.option(value=role)[name] for role, name in texts.roles.items())
                    ],
                ],
                h.button(".main")[texts.add],
            ],
            h.p(".error", role="alert"),
            self._shown_once(),
        ]

    def _inviting(self) -> h.Element:
        """The members' buttons send it: what it shows must outlast their being drawn anew."""
        return h.form("#invite")[h.p(".error", role="alert"), self._shown_once()]

    def _shown_once(self) -> h.Element:
        return h.p(".once")[
            h.output(name="name"), f": {self.texts.once}", h.output(".words", name="link")
        ]

    def _member(self, one: SeenMember) -> h.Element:
        texts, row = self.texts, one.row
        is_in = row.revoked_at is None
        return h.li[
            h.div(".bar")[
                h.strong(".name")[row.name],
                h.span(".mark.calm")[texts.roles[row.role]],
                self._seen(one),
                h.span(".gap"),
                self._invite(row) if is_in else None,
                self._revoke(row) if is_in and row.id != self.reader else None,
            ],
            h.ul(".plain.small")[(self._session(it) for it in one.sessions)]
            if one.sessions
            else None,
        ]

    def _seen(self, one: SeenMember) -> h.Element:
        texts = self.texts
        if one.row.revoked_at is not None:
            return h.span(".mark")[texts.revoked.format(self._moment(one.row.revoked_at))]
        if one.last_seen is None:
            return h.span(".faint")[texts.never]
        if self.now - one.last_seen < _HERE:
            return h.span(".mark.good")[texts.here]
        return h.span(".faint")[texts.seen.format(self._moment(one.last_seen))]

    def _session(self, one: OpenSession) -> h.Element:
        texts = self.texts
        return h.li(".bar")[
            h.span(".words.faint")[device_name(one.device) or texts.browser],
            h.span(".faint")[texts.since.format(self._moment(one.created_at))],
            h.form(data_api=f"/v1/sessions/{one.id}", data_method="DELETE", data_done=texts.ended)[
                h.button(id=f"end-{one.id}")[texts.end]
            ],
        ]

    def _invite(self, row: StaffRow) -> h.Element:
        return h.button(id=f"invite-{row.id}", form="invite", data_api=f"/v1/staff/{row.id}/links")[
            self.texts.invite
        ]

    def _revoke(self, row: StaffRow) -> h.Element:
        texts = self.texts
        return h.form(
            data_api=f"/v1/staff/{row.id}",
            data_method="DELETE",
            data_done=texts.gone,
            data_sure=texts.sure.format(row.name),
        )[h.button(".danger", id=f"revoke-{row.id}")[texts.revoke]]

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%d.%m.%Y %H:%M}"
