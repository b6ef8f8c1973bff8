"""Rows that stand in no chain have numbers that are given once: the one given last is kept, and the seal covers it.

So a row that is dropped from the end of its table is missed, and no two rows can change places: of the saved searches
of one name the newest stands, and a run names its config and version by their numbers. SQLite can't add AUTOINCREMENT
to a table, so each is made anew. A row whose seal doesn't hold keeps it, and `fsck` goes on saying so.
"""

from __future__ import annotations

import sqlite3

from alembic import op

from logbook.store.packing import unpacked
from logbook.store.sealing import seal_of

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SEALED = {
    "config": ("hash", "kind", "format", "body", "created_at", "row_format"),
    "version": ("name", "number", "recipe_hash", "config_id", "parent_id", "created_at", "row_format"),
    "ledger": ("run_id", "at", "rows", "head", "reason"),
    "saved_search": ("at", "name", "query", "sort", "columns", "author", "row_format"),
    "redaction": ("at", "blob_hash", "size", "reason", "author", "row_format"),
}
"""The tables, and what of a row its seal covers beside its number."""
_KEY = "id INTEGER NOT NULL PRIMARY KEY"


def upgrade() -> None:
    raw = op.get_bind().connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError(f"expected a sqlite3 connection, got {type(raw)}")
    for table, names in _SEALED.items():
        _number(raw, table)
        _seal(raw, table, names)


def _number(raw: sqlite3.Connection, table: str) -> None:
    """Make a table anew, with the same rows and indexes, whose numbers are given once."""
    (definition,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    indexes = raw.execute(
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY name",
        (table,),
    ).fetchall()
    columns = definition.partition("(")[2]
    raw.execute(f"CREATE TABLE new_{table} ({columns.replace(_KEY, f'{_KEY} AUTOINCREMENT', 1)}")
    raw.execute(f"INSERT INTO new_{table} SELECT * FROM {table} ORDER BY id")
    raw.execute(f"DROP TABLE {table}")
    raw.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
    for (index,) in indexes:
        raw.execute(index)


def _seal(raw: sqlite3.Connection, table: str, names: tuple[str, ...]) -> None:
    packed = "packed" if table == "config" else "NULL"
    rows = raw.execute(f"SELECT id, seal, {packed}, {', '.join(names)} FROM {table}").fetchall()
    for key, seal, small, *values in rows:
        if small is not None:
            values[names.index("body")] = unpacked("", small)
        if seal == seal_of(table, names, values):
            new = seal_of(table, ("id", *names), (key, *values))
            raw.execute(f"UPDATE {table} SET seal = ? WHERE id = ?", (new, key))
