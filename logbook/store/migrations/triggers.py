"""The triggers that make a table insert-only. Every migration puts them all back, from the tables as they then are."""

from __future__ import annotations

import sqlite3

from logbook.store.schema import INSERT_ONLY

__all__ = ["set_triggers", "trigger_names"]


def trigger_names(table: str) -> tuple[str, str, str]:
    """Return the names of a table's three triggers."""
    return f"{table}_no_update", f"{table}_no_delete", f"{table}_no_replace"


def set_triggers(connection: sqlite3.Connection) -> None:
    """Refuse UPDATE, DELETE and INSERT OR REPLACE on every insert-only table; the caller's transaction is used.

    One change is let through: a content whose redaction is recorded may become a tombstone (see `redaction`).

    A REPLACE removes the old row without a DELETE trigger where `recursive_triggers` is off, so a third trigger
    refuses any insert whose key stands already.
    """
    for table in INSERT_ONLY:
        no_update, no_delete, no_replace = trigger_names(table)
        for name in (no_update, no_delete, no_replace):
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        allowed = f" WHEN NOT ({_TOMBSTONE})" if table == "blob" else ""
        connection.execute(f"CREATE TRIGGER {no_update} BEFORE UPDATE ON {table}{allowed} BEGIN {_refusal(table)} END")
        connection.execute(f"CREATE TRIGGER {no_delete} BEFORE DELETE ON {table} BEGIN {_refusal(table)} END")
        connection.execute(
            f"CREATE TRIGGER {no_replace} BEFORE INSERT ON {table}"
            f" WHEN {' OR '.join(_key_stands(table, key) for key in _keys(connection, table))}"
            f" BEGIN {_refusal(table)} END"
        )


_TOMBSTONE = (
    "OLD.body <> x'' AND NEW.hash = OLD.hash AND NEW.size = OLD.size AND NEW.codec = 'raw' AND NEW.body = x''"
    " AND EXISTS (SELECT 1 FROM redaction WHERE blob_hash = OLD.hash AND size = OLD.size)"
)


def _refusal(table: str) -> str:
    return f"SELECT RAISE(ABORT, 'the rows of {table} are the record: they are only ever added');"


def _key_stands(table: str, key: tuple[str, ...]) -> str:
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    return f"EXISTS (SELECT 1 FROM {table} WHERE {same})"


def _keys(connection: sqlite3.Connection, table: str) -> list[tuple[str, ...]]:
    """Return the columns of each unique key of a table, its primary key first."""
    primary = sorted((row[5], row[1]) for row in connection.execute(f"PRAGMA table_info({table})") if row[5])
    keys = [tuple(name for _, name in primary)]
    for row in connection.execute(f"PRAGMA index_list({table})").fetchall():
        columns = tuple(part[2] for part in connection.execute(f"PRAGMA index_info({row[1]})"))
        if row[2] and columns not in keys:
            keys.append(columns)
    return keys
