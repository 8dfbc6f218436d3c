"""Builds the HTTP interface: its server, who may ask, the pages, and what each room answers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from izer_bridge.api import application
from izer_bridge.board.wiring import build_board
from izer_bridge.conditions.api import HealthOperations
from izer_bridge.conditions.desk import HealthDesk
from izer_bridge.conditions.metrics import Meters
from izer_bridge.conditions.page import LinkPage
from izer_bridge.config import Config
from izer_bridge.conversations.api import ConversationOperations
from izer_bridge.conversations.wiring import ConversationParts
from izer_bridge.media.api import MediaOperations
from izer_bridge.media.files import MediaFiles
from izer_bridge.people.wiring import people_operations
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.webhook_intake import HttpIntake
from izer_bridge.replies.api import DraftRoutes
from izer_bridge.replies.drafts_api import DraftOperations
from izer_bridge.replies.wiring import reply_policy
from izer_bridge.reports.api import ReportRoutes
from izer_bridge.reports.ports import StatsSource
from izer_bridge.reports.wiring import report_source
from izer_bridge.search.api import SearchOperations
from izer_bridge.search.pages import ReadingPages
from izer_bridge.staff.address import page_address
from izer_bridge.staff.api import StaffOperations
from izer_bridge.staff.known import KnownStaff
from izer_bridge.staff.login import LoginPages
from izer_bridge.staff.page import StaffPage
from izer_bridge.staff.store.members import SqlStaff
from izer_bridge.trials.label_api import LabelOperations
from izer_bridge.web.operation import V1
from izer_bridge.web.server import PortState, Server
from izer_bridge.web.store import SqlAnswers
from izer_bridge.web.wiring import build_access, build_tls
from izer_bridge.writing.api import WritingOperations
from izer_bridge.writing.files import SendableFiles
from izer_bridge.writing.offer_api import OfferOperations
from izer_bridge.writing.ports import LinkNow
from izer_bridge.writing.quick_api import QuickOperations
from izer_bridge.writing.quick_replies import QuickReplies
from izer_bridge.writing.store.asked import SqlQuestions
from izer_bridge.writing.store.offered import SqlOffering
from izer_bridge.writing.store.written import SqlWriting

# The HTTP server waits this long for a request's end, and again after it has cancelled it: together
# with the grace under the 10 s that the service manager is promised.
_API_STOP_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class BehindTheInterface:
    """What the routes ask. `to_send` hints that there may be something to send."""

    ledger: SqlLedger
    files: MediaFiles
    intake: HttpIntake
    desk: HealthDesk
    counts: StatsSource
    meters: Meters
    boards: ConversationParts
    link: LinkNow
    to_send: Callable[[], None]


def build_server(config: Config, behind: BehindTheInterface, port: PortState) -> Server:
    """Raises ConfigError for a token or a certificate that cannot be used."""
    ledger = behind.ledger
    staff = SqlStaff(ledger.store, ledger.clock)
    known = KnownStaff(staff, time.monotonic)
    knowledge = config.agents_builtin.knowledge_dir
    there = page_address(config.api)
    quick = QuickReplies(Path(knowledge) if knowledge else None)
    app = application(
        behind.intake,
        behind.desk.health,
        behind.counts,
        build_access(config, known),
        drafts=DraftRoutes(ledger.drafts(), behind.to_send),
        v1=_v1(config, behind, StaffOperations(staff, known, there), quick),
        pages=(
            build_board(config, ledger.store, behind.boards, ledger.drafts(), quick),
            LoginPages(staff, known),
            StaffPage(staff, known, config.shop.zone, there),
            LinkPage(behind.desk, config.shop.zone),
            ReadingPages(ledger.store, config.shop.zone),
            _reports(config, ledger),
        ),
        meters=behind.meters,
        most_file_bytes=config.media.most_bytes or 0,
    )
    return Server(
        app,
        config.api.host,
        config.api.port,
        stop_seconds=_API_STOP_SECONDS,
        port_state=port,
        tls=build_tls(config),
    )


def _v1(
    config: Config, behind: BehindTheInterface, staff: StaffOperations, quick: QuickReplies
) -> V1:
    """What each room lets programs and pages ask; one line a room."""
    ledger, boards = behind.ledger, behind.boards
    offering = SqlOffering(ledger.store, ledger.clock, reply_policy(config))
    writing = SqlWriting(ledger.store, ledger.clock, reply_policy(config))
    sendable = SendableFiles(behind.files, config.media.most_bytes or 0)
    operations = (
        *staff.all(),
        *ConversationOperations(boards.desk, boards.changed, ledger.clock).all(),
        *DraftOperations(ledger.drafts(), behind.to_send).all(),
        *WritingOperations(writing, sendable, behind.link, behind.to_send).all(),
        *QuickOperations(quick, SqlQuestions(ledger.store)).all(),
        *LabelOperations(ledger.store, ledger.clock).all(),
        *SearchOperations(ledger.store).all(),
        *_reports(config, ledger).all(),
        *MediaOperations(ledger.media(), behind.files).all(),
        *HealthOperations(behind.desk).all(),
        *people_operations(config, ledger.store).all(),
        *OfferOperations(offering).all(),
    )
    return V1(operations, SqlAnswers(ledger.store, ledger.clock))


def _reports(config: Config, ledger: SqlLedger) -> ReportRoutes:
    return ReportRoutes(report_source(config, ledger.store, ledger.clock))
