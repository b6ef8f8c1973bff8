"""Rows that stand in no run's chain carry a hash of their own: the seal. A content may be replaced by a tombstone.

`redaction` says which contents were removed, when, by whom and why; the journal may say that a checkpoint was
removed. SQLite can't change a CHECK, so the journal is made anew; its rows are copied as they are, and their hashes
still hold.
"""

from __future__ import annotations

import sqlite3

from alembic import op

from logbook.store.packing import unpacked
from logbook.store.sealing import seal_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_REDACTION = """
    CREATE TABLE redaction (
        id INTEGER NOT NULL PRIMARY KEY,
        at TEXT NOT NULL,
        blob_hash TEXT NOT NULL UNIQUE REFERENCES blob (hash),
        size INTEGER NOT NULL CHECK (size > 0),
        reason TEXT NOT NULL,
        author TEXT NOT NULL,
        row_format INTEGER NOT NULL,
        seal BLOB CHECK (seal IS NULL OR length(seal) = 32)
    )
    """
_JOURNAL = """
    CREATE TABLE new_journal (
        id INTEGER NOT NULL PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run (id),
        seq INTEGER NOT NULL CHECK (seq > 0),
        at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('note', 'tag', 'untag', 'outcome', 'suggestion', 'removal')),
        text TEXT NOT NULL,
        reason TEXT NOT NULL,
        author TEXT NOT NULL,
        row_format INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        UNIQUE (run_id, seq)
    )
    """
_SEALED = {
    "config": ("hash", "kind", "format", "body", "created_at", "row_format"),
    "version": ("name", "number", "recipe_hash", "config_id", "parent_id", "created_at", "row_format"),
    "ledger": ("run_id", "at", "rows", "head", "reason"),
    "saved_search": ("at", "name", "query", "sort", "columns", "author", "row_format"),
}
"""The tables that are sealed from now on, and what of a row its seal covers."""
_STATEMENTS = (
    _REDACTION,
    _JOURNAL,
    "INSERT INTO new_journal SELECT id, run_id, seq, at, kind, text, reason, author, row_format, hash FROM journal",
    "DROP TABLE journal",
    "ALTER TABLE new_journal RENAME TO journal",
    *(f"ALTER TABLE {table} ADD COLUMN seal BLOB CHECK (seal IS NULL OR length(seal) = 32)" for table in _SEALED),
    # Whoever migrates sets all triggers again when it is done.
    *(f"DROP TRIGGER IF EXISTS {table}_no_update" for table in _SEALED),
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    raw = op.get_bind().connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError(f"expected a sqlite3 connection, got {type(raw)}")
    for table, names in _SEALED.items():
        _seal(raw, table, names)


def _seal(raw: sqlite3.Connection, table: str, names: tuple[str, ...]) -> None:
    packed = "packed" if table == "config" else "NULL"
    for key, small, *values in raw.execute(f"SELECT id, {packed}, {', '.join(names)} FROM {table}").fetchall():
        if small is not None:
            text = unpacked("", small)
            if text is None:
                continue  # damaged: without a seal, `fsck` says so
            values[names.index("body")] = text
        raw.execute(f"UPDATE {table} SET seal = ? WHERE id = ?", (seal_of(table, names, values), key))
