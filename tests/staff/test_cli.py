"""`izer-bridge staff` and `izer-bridge login`, as an operator types them."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from izer_bridge.config.api import Api
from izer_bridge.staff.address import page_address
from tests.console.typed import typed


@pytest.fixture
def shop(tmp_path: Path, sqlite_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IZER_STORE__URL", f"sqlite:///{sqlite_store}")
    return tmp_path


@pytest.fixture
def sqlite_store(tmp_path: Path, sqlite_store: Path) -> Path:
    copy = tmp_path / "own.db"
    copy.write_bytes(sqlite_store.read_bytes())
    return copy


def members() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(typed("staff", "list", "--json").out)
    return found


@pytest.mark.usefixtures("shop")
def test_a_token_is_shown_once_and_nowhere_again() -> None:
    said = typed("staff", "add", "Ayşe Yılmaz")
    assert said.code == 0
    [token] = re.findall(r"^izer_staff_\S{43}$", said.out, re.MULTILINE)
    assert "izer-bridge login 'Ayşe Yılmaz'" in said.out
    listed = typed("staff", "list")
    assert "Ayşe Yılmaz" in listed.out
    assert token not in listed.out + json.dumps(members())
    [row] = members()
    assert (row["name"], row["role"], row["has_token"]) == ("Ayşe Yılmaz", "staff", True)


@pytest.mark.usefixtures("shop")
def test_who_is_revoked_may_be_let_in_again() -> None:
    typed("staff", "add", "Ayşe", "--role", "owner")
    assert typed("staff", "revoke", "ayşe").out.startswith("Ayşe is out")
    again = typed("staff", "revoke", "Ayşe")
    assert (again.code, "izer-bridge staff list" in again.err) == (2, True)
    assert typed("login", "Ayşe").code == 2
    assert [one["revoked_by"] for one in members()] == ["command line"]
    assert typed("staff", "add", "Ayşe").code == 0
    [ayse] = members()
    assert (ayse["role"], ayse["added_by"]) == ("staff", "command line")
    assert (ayse["revoked_at"], ayse["revoked_by"]) == (None, None)


@pytest.mark.parametrize(
    ("name", "role", "word"),
    [
        ("", "staff", "1 to 64"),
        ("\u200b\n", "staff", "1 to 64"),
        ("x" * 65, "staff", "1 to 64"),
        ("Owner", "owner", "bridge's own"),
        ("HTTP", "staff", "bridge's own"),
        ("ayşe", "staff", "there already"),
        ("Can", "boss", "staff, owner"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_a_name_is_one_persons_and_a_role_one_of_two(name: str, role: str, word: str) -> None:
    typed("staff", "add", "Ayşe")
    said = typed("staff", "add", name, "--role", role)
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert word in said.err
    assert len(members()) == 1


@pytest.mark.usefixtures("shop")
def test_a_link_leads_to_the_pages() -> None:
    said = typed("login", "--json")
    link = json.loads(said.out)
    address = urlsplit(link["link"])
    assert (link["name"], link["role"]) == ("owner", "owner")
    assert (address.netloc, address.path) == ("127.0.0.1:8100", "/login")
    assert len(parse_qs(address.query)["code"][0]) == 43
    assert "this machine alone" in typed("login").out
    assert typed("staff", "sessions").out == "No browser is logged in.\n"
    nobody = typed("staff", "end", "7")
    assert (nobody.code, "izer-bridge staff sessions" in nobody.err) == (2, True)


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "http://127.0.0.1:8100"),
        ({"host": "::1", "port": 81}, "http://[::1]:81"),
        ({"host": "0.0.0.0"}, "http://127.0.0.1:8100"),  # noqa: S104 - nothing listens
        (
            {"allowed_hosts": ["bridge.shop.example"], "trusted_proxies": ["127.0.0.1"]},
            "https://bridge.shop.example",
        ),
        ({"allowed_hosts": ["bridge.shop.example"]}, "http://127.0.0.1:8100"),
        (
            {"allowed_hosts": ["pano.local"], "tls_certificate": "a", "tls_key": "b"},
            "https://pano.local:8443",
        ),
    ],
)
def test_it_is_the_address_that_people_can_open(settings: dict[str, object], address: str) -> None:
    assert page_address(Api(**settings)) == address
