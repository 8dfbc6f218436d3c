"""Names of the replaced system's `.env`: not read, and not silently ignored."""

from pathlib import Path

from izer_bridge.config.replaced import not_read

OLD = """\
# MySQL
DB_HOST=localhost
export DB_USER=shop
DB_PASSWORD = "s3cret"
DB_NAME=izer_webhook_system
PORT=8100
OPENAI_API_KEY=sk-old
"""


def test_each_name_of_the_file_is_named_with_what_stands_in_its_place(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(OLD, "utf-8")
    said = not_read({}, tmp_path)
    assert [one.split(" in .env ")[0] for one in said] == [
        "DB_HOST, DB_NAME, DB_PASSWORD, DB_USER",
        "OPENAI_API_KEY",
        "PORT",
    ]
    assert "store.url (IZER_STORE__URL=mysql://USER:PASSWORD@HOST:3306/NAME)" in said[0]
    assert "OPENAI_API_KEY_FILE" in said[1]
    assert "api.port (IZER_API__PORT)" in said[2]
    assert "s3cret" not in " ".join(said)
    assert "sk-old" not in " ".join(said)


def test_a_key_that_is_read_is_not_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-old\n", "utf-8")
    assert not_read({"OPENAI_API_KEY": "sk-old"}, tmp_path) == []


def test_a_port_alone_may_be_anybodys(tmp_path: Path) -> None:
    assert not_read({"PORT": "80", "HOME": "/root"}, tmp_path) == []
    [database, port] = not_read({"PORT": "80", "DB_NAME": "shop"}, tmp_path)
    assert database.startswith("DB_NAME in the environment is not read")
    assert port.startswith("PORT in the environment is not read")


def test_what_is_no_such_file_names_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert not_read({}, tmp_path) == []
    assert not_read({}, tmp_path / "gone") == []
