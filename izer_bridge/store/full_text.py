"""The full-text index over `search_words`: SQLite's FTS5, or the server's FULLTEXT.

On a server it is an index of the table, compressed where that can be. On SQLite it is a table
beside it, `search_index`, which contains no text and is told of every change. It follows from
`search_words`, so no backup holds it, and `make` builds it again. Neither kind is used with the
parser's own idea of a word: both get words that are folded and marked already (`search/words.py`).
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    bindparam,
    column,
    delete,
    insert,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.exc import IntegrityError

from izer_bridge.domain.errors import TransientError
from izer_bridge.store.bulk import put_all
from izer_bridge.store.dialects import trouble_of
from izer_bridge.store.sqlite_copy import SEARCH_INDEX as INDEX
from izer_bridge.store.tables import search_words, stale_words

_WORDS, _STALE = search_words.c, stale_words.c
_MAKE = (
    f"CREATE VIRTUAL TABLE {INDEX} USING fts5("
    "words, content='search_words', content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
)
# InnoDB writes a row for each word again whenever it has collected some hundred messages. These
# rows resemble each other and lie in pages that are half empty. MySQL, which alone reads the
# comment, would leave a table in the file that all shared when it was made.
_COMPRESS = """
ALTER TABLE search_words /*!80000 TABLESPACE=innodb_file_per_table */
ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=4
"""
# Neither the file that all tables share nor pages above the usual size can be compressed. The
# options are what was asked for, so a server that takes no notice of them is asked once.
_COULD_COMPRESS = """
SELECT @@innodb_file_per_table AND @@innodb_page_size <= 16384 AND NOT EXISTS (
    SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE()
    AND table_name = 'search_words' AND create_options LIKE '%%COMPRESSED%%')
"""
_COMMAND = f"INSERT INTO {INDEX} ({INDEX}) VALUES "  # noqa: S608 (a name of ours)
_TAKE_OUT = text(
    f"INSERT INTO {INDEX} ({INDEX}, rowid, words) "  # noqa: S608 (a name of ours)
    "SELECT 'delete', id, words FROM search_words WHERE id IN :ids AND words <> ''"
).bindparams(bindparam("ids", expanding=True))
_PUT_IN = text(f"INSERT INTO {INDEX} (rowid, words) VALUES (:id, :words)")  # noqa: S608
_FOUND = table(INDEX, column("rowid", BigInteger))
_MATCH = text("MATCH (words) AGAINST (:asked IN BOOLEAN MODE)")


def make(connection: Connection) -> None:
    """Create SQLite's index if it is missing, from the words that are there; compress a server's.

    A server's words of before are let go, and read again from the messages beside other work: it
    would take minutes to copy them, in which nothing starts.
    """
    if not _is_sqlite(connection):
        if connection.exec_driver_sql(_COULD_COMPRESS).scalar():
            connection.exec_driver_sql("TRUNCATE TABLE search_words")
            connection.exec_driver_sql(_COMPRESS)
    elif not _is_there(connection):
        connection.exec_driver_sql(_MAKE)
        connection.exec_driver_sql(f"{_COMMAND} ('rebuild')")


def put(connection: Connection, words: Mapping[int, str]) -> None:
    """Make these the words of the messages with these row ids.

    Raises TransientError if one of the messages is gone meanwhile.
    """
    take_out(connection, words)
    try:
        put_all(connection, search_words, [{"id": key, "words": one} for key, one in words.items()])
    except IntegrityError as error:
        if trouble_of(error) is not None:
            raise
        raise TransientError("a message was removed while its words were read") from error
    if _is_sqlite(connection):
        filled = [{"id": key, "words": said} for key, said in words.items() if said]
        if filled:
            connection.execute(_PUT_IN, filled)


def take_out(connection: Connection, row_ids: Collection[int]) -> None:
    """Take messages' words out of SQLite's index, before their rows change or go."""
    if row_ids and _is_sqlite(connection) and _is_there(connection):
        connection.execute(_TAKE_OUT, {"ids": sorted(row_ids)})


def mark_stale(connection: Connection, row_ids: Collection[int]) -> None:
    """Have the words of these messages read again: a row has changed that had been read."""
    if row_ids:
        rows = [{"message_row_id": row_id} for row_id in sorted(row_ids)]
        connection.execute(insert(stale_words), rows)


def stale(connection: Connection, most: int) -> dict[int, int]:
    """The message row ids of the first marks, by the marks' ids."""
    query = select(_STALE.id, _STALE.message_row_id).order_by(_STALE.id).limit(most)
    return {row.id: row.message_row_id for row in connection.execute(query)}


def read_again(connection: Connection, marks: Sequence[int]) -> None:
    if marks:
        connection.execute(delete(stale_words).where(_STALE.id.in_(marks)))


def sweep(connection: Connection) -> None:
    """Leave nothing in the index of words that were taken out; takes as long as the index is big.

    Until then both kinds only note that a message is gone.
    """
    if not _is_sqlite(connection):
        connection.exec_driver_sql("OPTIMIZE TABLE search_words").all()
    elif _is_there(connection):
        connection.exec_driver_sql(f"{_COMMAND} ('optimize')")


def matching(connection: Connection, beginnings: Sequence[str]) -> Select[int]:
    """The ids of the rows of `search_words` that have a word with each of these beginnings.

    Raises TransientError on SQLite while the bridge has not yet made the index.
    """
    query = select(_WORDS.id)
    if not _is_sqlite(connection):
        asked = " ".join(f"+{one}*" for one in beginnings)
        return query.where(_MATCH.bindparams(asked=asked))
    if not _is_there(connection):
        raise TransientError("the search index waits for `izer-bridge run`, which makes it")
    asked = " AND ".join(f'"{one}"*' for one in beginnings)
    found = select(_FOUND.c.rowid).where(literal_column(INDEX).op("MATCH")(asked))
    return query.where(_WORDS.id.in_(found))


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _is_there(connection: Connection) -> bool:
    asked = "SELECT 1 FROM sqlite_master WHERE name = ?"
    return connection.exec_driver_sql(asked, (INDEX,)).first() is not None
