"""Link and health under `/v1`, over both stores and a real inbox: staff see, owners mend."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from izer_bridge.conditions.api import HealthOperations
from izer_bridge.domain.condition import ConditionName, error
from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.kept_backup import KeptBackup
from izer_bridge.domain.link_state import LinkState
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.web.access import Access
from tests.conditions.mending import CODE, HOSTILE, STAFF_SECRET, Mended, StaffAlone
from tests.store.ledgers import Clock
from tests.web.operations import serving
from tests.web.running_api import Answer, Api

TOKEN = "0123456789abcdef0123456789abcdef"
OWNER, STAFF = ({"Authorization": f"Bearer {secret}"} for secret in (TOKEN, STAFF_SECRET))
_MENDING = (
    "/v1/link/codes",
    "/v1/gaps/1/close",
    "/v1/dead-letters/1/retry",
    "/v1/dead-letters/retry",
    "/v1/set-aside/1/retry",
    "/v1/set-aside/retry",
)


@pytest.fixture
async def mended(ledger: SqlLedger, tmp_path: Path) -> AsyncIterator[Mended]:
    inbox = SqliteInbox(tmp_path / "inbox.db")
    yield Mended(ledger, inbox, tmp_path)
    inbox.close()


@pytest.fixture
async def api(mended: Mended) -> AsyncIterator[Api]:
    access = Access(SecretStr(TOKEN), people=StaffAlone())
    async with serving(HealthOperations(mended.desk).all(), access) as api:
        yield api


async def got(api: Api, path: str, who: Mapping[str, str] = OWNER) -> Answer:
    return await api.request("GET", path, headers=who)


async def done(api: Api, path: str, who: Mapping[str, str] = OWNER) -> Answer:
    return await api.request("POST", path, headers=who)


@pytest.mark.attack("staff or a stranger takes the code, and the account with it")
async def test_only_the_owner_sees_the_code(api: Api, mended: Mended) -> None:
    mended.show_code()
    assert (await got(api, "/v1/link")).json["code"] == CODE
    seen = await got(api, "/v1/link", STAFF)
    assert (seen.json["state"], seen.json["code"]) == ("scan_qr_code", None)
    assert CODE not in str(seen)
    assert seen.headers["Cache-Control"] == "no-store"
    assert (await got(api, "/v1/link", {})).status == 401


async def test_a_code_that_is_over_is_not_shown(api: Api, mended: Mended) -> None:
    mended.show_code()
    mended.note = replace(mended.note, code_until=datetime.now(UTC))
    link = (await got(api, "/v1/link")).json
    assert (link["code"], link["code_until"]) == (None, None)


@pytest.mark.parametrize("state", [LinkState.CONNECTED, LinkState.LOGGED_OUT])
async def test_the_links_state_is_told(api: Api, mended: Mended, state: LinkState) -> None:
    mended.note = replace(mended.note, state=str(state), sentence="So it is.")
    link = (await got(api, "/v1/link", STAFF)).json
    assert (link["state"], link["sentence"]) == (str(state), "So it is.")
    assert link["is_linked"] is (state is LinkState.CONNECTED)


async def test_fresh_codes_are_asked_for(api: Api, mended: Mended) -> None:
    assert (await done(api, "/v1/link/codes")).status == 204
    assert mended.renewed == 1


async def test_health_is_told_with_the_newest_backup(api: Api, mended: Mended) -> None:
    full = error(ConditionName.DISK_FULL, "the disk is full", "make room")
    mended.health.value = replace(mended.health.value, conditions=[full])
    health = (await got(api, "/v1/health", STAFF)).json
    assert (health["status"], health["backup"]) == ("degraded", None)
    assert [one["name"] for one in health["conditions"]] == ["disk_full"]
    made_at = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
    mended.backup = KeptBackup(made_at, 1_000)
    backup = (await got(api, "/v1/health", STAFF)).json["backup"]
    assert backup == {"made_at": "2026-03-01T03:00:00Z", "size": 1_000}


async def test_what_is_missing_and_failed_is_listed_without_words(api: Api, mended: Mended) -> None:
    await mended.fill()
    answers = [
        await got(api, f"/v1/{name}", STAFF) for name in ("gaps", "dead-letters", "set-aside")
    ]
    [gap], [letter], [event] = (answer.json["items"] for answer in answers)
    assert (gap["id"], gap["message_id"], gap["reason"]) == (1, "3EB0000009", "at_risk")
    assert (letter["id"], letter["chat_name"]) == (1, HOSTILE)
    assert letter["error"] == "the agent refused it (400)"
    assert (event["id"], event["kind"]) == (1, "DataError 1264")
    assert "gizli" not in str([answer.json for answer in answers])


async def test_lists_come_in_pages(api: Api, mended: Mended) -> None:
    for kind in ("a", "b", "c"):
        mended.inbox.append([(17, b"x")])
        mended.inbox.set_aside(mended.inbox.pending(1)[0], kind, "why")
    first = (await got(api, "/v1/set-aside?limit=2")).json
    rest = (await got(api, f"/v1/set-aside?limit=2&cursor={first['next_cursor']}")).json
    assert [one["kind"] for one in (*first["items"], *rest["items"])] == ["a", "b", "c"]
    assert rest["next_cursor"] is None


async def test_each_is_mended_once(api: Api, mended: Mended) -> None:
    await mended.fill()
    for path in ("/v1/gaps/1/close", "/v1/dead-letters/1/retry", "/v1/set-aside/1/retry"):
        assert (await done(api, path)).status == 204
        again = await done(api, path)
        assert (again.status, "1" in again.json["detail"]) == (404, True)
    assert mended.worked == 1
    assert mended.inbox.take_back() == 1
    assert len(await mended.ledger.claim(5)) == 1
    assert [(await got(api, f"/v1/{name}")).json["items"] for name in ("gaps", "dead-letters")] == [
        [],
        [],
    ]


async def test_all_are_tried_again(api: Api, mended: Mended) -> None:
    await mended.fill()
    assert (await done(api, "/v1/dead-letters/retry")).json == {"count": 1}
    assert (await done(api, "/v1/set-aside/retry")).json == {"count": 1}
    assert (await done(api, "/v1/set-aside/retry")).json == {"count": 0}
    assert mended.inbox.take_back() == 1


@pytest.mark.parametrize("path", _MENDING)
async def test_staff_mend_nothing(api: Api, mended: Mended, path: str) -> None:
    await mended.fill()
    refused = await done(api, path, STAFF)
    assert (refused.status, refused.content_type) == (403, "application/problem+json")
    assert (mended.renewed, mended.worked, mended.inbox.take_back()) == (0, 0, 0)
    assert len((await got(api, "/v1/gaps")).json["items"]) == 1


async def test_a_backup_that_cannot_be_looked_for_hides_nothing_else(
    api: Api, mended: Mended
) -> None:
    mended.disk_error = TransientError("the disk does not answer")
    health = await got(api, "/v1/health")
    assert (health.status, health.json["backup"]) == (200, None)


async def test_the_page_reads_the_last_days_alone_and_the_list_all(
    mended: Mended, clock: Clock
) -> None:
    await mended.fill()
    assert len(await mended.desk.mending.lately_dead(5)) == 1
    clock.forward(8 * 86_400)
    assert len(await mended.desk.mending.lately_dead(5)) == 0
    assert len(await mended.desk.mending.dead_letters(5)) == 1
