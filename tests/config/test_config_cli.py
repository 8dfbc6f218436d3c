"""`izer-bridge config`, and the document that is generated from the settings."""

import json
import re
from pathlib import Path

import pytest

from izer_bridge.config.document import document
from tests.console.typed import typed

ROOT = Path(__file__).parents[2]
FILE = """
[store]
url = "mysql://shop:very-secret@db.example:3306/shop?ssl_key=/private"
[whatsapp]
proxy = "socks5://me:very-secret@proxy.example:1080"
[events]
targets = [{ name = "chat", url = "https://hooks.example/very-secret", secrets = ["one"] }]
[vip]
numbers = ["0555 111 22 33"]
[[vip.customers]]
number = "+905551112244"
name = "Ayşe"
[reply.chats]
"0555 111 22 55" = "off"
"77701234567@lid" = "off"
[openai.prices."gpt-4.1"]
input = 1
cached_input = 1
output = 1
"""


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IZER_API__PORT", "8200")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("ONE", f"whsec_{'A' * 32}")
    Path("config.toml").write_text(FILE, "utf-8")


def shown() -> dict[str, tuple[object, str]]:
    said = typed("config", "show", "--json")
    assert said.code == 0
    return {one["key"]: (one["value"], one["source"]) for one in json.loads(said.out)}


def test_each_setting_is_shown_with_where_it_comes_from() -> None:
    found = shown()
    assert found["api.port"] == (8200, "environment")
    assert found["store.url"] == ("mysql://…@db.example:3306/…", "file")
    assert found["log.level"] == ("info", "default")
    assert found["openai.prices.gpt-4.1.input"][1] == "file"


def test_neither_passwords_nor_customers_are_shown() -> None:
    for said in (typed("config", "show"), typed("config", "show", "--json")):
        assert "very-secret" not in said.out
        assert "private" not in said.out
        assert "5551112" not in said.out.replace(" ", "")
        assert "77701234567" not in said.out
    assert "https://hooks.example/…" in typed("config", "show").out
    assert shown()["vip.numbers"] == (["…33"], "file")


def test_right_settings_are_said_to_be_right(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "config.toml: right" in typed("config", "check").out
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    document = json.loads(typed("config", "check", "--json").out)
    assert (document["ok"], document["openai_key"]) == (True, True)
    assert {"api.port", "store.url"} <= set(document["set"])


def test_settings_of_the_replaced_system_are_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8100\n", "utf-8")
    assert "! PORT in .env is not read; instead: api.port" in typed("config", "check").out
    [hint] = json.loads(typed("config", "check", "--json").out)["not_read"]
    assert "IZER_API__PORT" in hint


def test_a_secret_that_cannot_be_read_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY_FILE", "/nowhere/key")
    said = typed("config", "check")
    assert (said.code, len(said.err.splitlines())) == (78, 1)


@pytest.mark.parametrize(
    "section",
    [
        '[api]\nwebhook_secrets = ["none"]',
        '[[events.targets]]\nname = "crm"\nurl = "https://crm.example"\nsecrets = ["none"]',
        '[agents.chef]\nurl = "https://chef.example"\nsecrets = ["none"]',
        '[escalation]\nwebhook_url = "https://alarm.example"',
        '[escalation.email]\nto = ["a@b.example"]\nsender = "c@b.example"\nhost = "b"\nuser = "c"',
    ],
)
def test_a_secret_that_a_start_would_miss_is_found(section: str) -> None:
    Path("config.toml").write_text(section, "utf-8")
    said = typed("config", "check")
    assert (said.code, len(said.err.splitlines())) == (78, 1)


def test_a_folder_of_knowledge_that_a_start_would_miss_is_found() -> None:
    Path("config.toml").write_text('[agents_builtin]\nknowledge_dir = "none"', "utf-8")
    said = typed("config", "check")
    assert (said.code, len(said.err.splitlines())) == (78, 1)
    assert "agents_builtin.knowledge_dir" in said.err


def test_the_document_stays_one_that_is_read() -> None:
    """A value that nobody tunes is a constant beside its use; a new key replaces an old one."""
    written = (ROOT / "docs/configuration.md").read_text("utf-8")
    assert len(re.findall(r"^\*\*`", written, re.MULTILINE)) <= 92


def test_the_document_is_what_the_program_prints() -> None:
    """To update it: make docs."""
    written = (ROOT / "docs/configuration.md").read_text("utf-8")
    assert written == document((ROOT / "config.toml").read_text("utf-8"))
