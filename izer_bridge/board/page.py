"""The board's page and its fragments: list, counts, and the conversation that is open."""

from collections.abc import Sequence
from dataclasses import dataclass

import htpy as h
from aiohttp import web

from izer_bridge.board.pane import OpenConversation, pane
from izer_bridge.board.pane_texts import PANE_TEXTS
from izer_bridge.board.rows import Reader, milliseconds, row
from izer_bridge.board.texts import BoardTexts
from izer_bridge.conversations.conversation import (
    UNANSWERED,
    ConversationStatus,
    ListedConversation,
    StatusCounts,
)
from izer_bridge.web.page import page
from izer_bridge.web.static_files import address


@dataclass(frozen=True, slots=True)
class ShownList:
    """Part of a list; `status` None: all who wait for the shop. `following` is a cursor."""

    status: ConversationStatus | None
    conversations: Sequence[ListedConversation]
    following: str | None

    @property
    def statuses(self) -> Sequence[str]:
        return [str(one) for one in ([self.status] if self.status else sorted(UNANSWERED))]


def board_page(
    request: web.Request,
    shown: ShownList,
    counts: StatusCounts,
    opened: OpenConversation | None,
    reader: Reader,
) -> web.Response:
    texts = reader.texts
    return page(
        request,
        texts.title,
        h.div("#board", class_="opened" if opened else None)[
            lists(shown, counts, reader),
            h.div("#beside")[pane(opened, reader) if opened else None],
            _unopened(texts),
        ],
        h.audio("#bell", src=address("bell.wav"), preload="none"),
        h.noscript[h.p(".warning")[texts.needs_script]],
        _help(texts),
        why_not=PANE_TEXTS[reader.language].why_not,
    )


def lists(shown: ShownList, counts: StatusCounts, reader: Reader) -> h.Element:
    """What the script reads anew after it was away."""
    texts = reader.texts
    return h.div("#lists")[
        h.h1[texts.title], _filters(shown, counts, texts), _listing(shown, reader)
    ]


def _listing(shown: ShownList, reader: Reader) -> h.Element:
    texts = reader.texts
    minute, hour, day = texts.units
    return h.div(
        "#list",
        tabindex="-1",
        data_now=str(milliseconds(reader.now)),
        data_statuses=" ".join(shown.statuses),
        data_left=texts.left,
        data_late=texts.late,
        data_units=f"{minute} {hour} {day}",
    )[
        # Filled by the script, with news that sorts behind the rows below.
        h.ul("#latest.rows", aria_label=texts.latest),
        h.ul("#rows.rows", aria_label=texts.list_name)[
            (row(one, reader) for one in shown.conversations)
        ],
        h.p("#nobody.faint")[texts.nobody],
        h.a("#more.button", href=f"/?{_query(shown)}after={shown.following}")[texts.more]
        if shown.following
        else None,
    ]


def _query(shown: ShownList) -> str:
    return f"status={shown.status}&" if shown.status else ""


def _filters(shown: ShownList, counts: StatusCounts, texts: BoardTexts) -> h.Element:
    """Each with how many there are; `data-count` says of which statuses, for the script."""
    waiting = sum(counts.by_status.get(one, 0) for one in UNANSWERED)
    every: list[tuple[ConversationStatus | None, str, str, int]] = [
        (None, texts.open, " ".join(sorted(UNANSWERED)), waiting)
    ]
    every += [
        (one, name, str(one), counts.by_status.get(one, 0)) for one, name in texts.statuses.items()
    ]
    return h.nav("#filters.bar", aria_label=texts.filters)[
        (
            h.a(
                f"#show-{one or 'open'}.button",
                href=f"/?status={one}" if one else "/",
                aria_current="page" if one is shown.status else None,
            )[
                f"{name} ",
                # Nobody counts all that was ever done.
                h.span(".mark", data_count=counted)[str(count)]
                if one is not ConversationStatus.DONE
                else None,
            ]
            for one, name, counted, count in every
        ),
        h.span("#late.mark.late", data_text=texts.late_count, hidden=not counts.breached)[
            texts.late_count.format(counts.breached)
        ],
    ]


def _unopened(texts: BoardTexts) -> h.Element:
    """What stands beside the list while no conversation is open."""
    return h.div("#unopened")[
        h.p(".faint")[texts.choose],
        h.p[h.label[h.input("#sound", type="checkbox", data_remembered="off"), f" {texts.sound}"]],
        h.button("#keys", type="button")[texts.keys],
    ]


def _help(texts: BoardTexts) -> h.Element:
    """Whoever speaks to the computer must be able to turn single keys off."""
    keys = ((h.dt[h.kbd[key]], h.dd[what]) for key, what in texts.key_list.items())
    return h.dialog("#help", aria_labelledby="help-name")[
        h.h2("#help-name")[texts.keys],
        h.label[
            h.input("#shortcuts", type="checkbox", data_remembered="on"), f" {texts.single_keys}"
        ],
        h.dl[keys],
        h.form(method="dialog")[h.button[texts.close]],
    ]
