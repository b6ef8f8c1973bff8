"""The past warns: the logbook may suggest an outcome, and knows where each recipe lies, so that the nearest are found.

The summary says whose the outcome that stands is. The places of recipes are derived from the configs (see `recipes`).

A suggestion is a row of the journal of a kind of its own, so that nobody takes it for what a person said. SQLite can't
change a CHECK, so the table is made anew; its rows are copied as they are, and their hashes still hold.
"""

from __future__ import annotations

import sqlite3

from alembic import op

from logbook.store.recipes import rebuild_recipes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JOURNAL = """
    CREATE TABLE new_journal (
        id INTEGER NOT NULL PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run (id),
        seq INTEGER NOT NULL CHECK (seq > 0),
        at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('note', 'tag', 'untag', 'outcome', 'suggestion')),
        text TEXT NOT NULL,
        reason TEXT NOT NULL,
        author TEXT NOT NULL,
        row_format INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        UNIQUE (run_id, seq)
    )
    """
_SETTING = "CREATE TABLE recipe_setting (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE)"
_PLACE = "CREATE TABLE recipe_place (version_id INTEGER NOT NULL PRIMARY KEY, places BLOB NOT NULL)"
_VERSION_BODIES = (
    "SELECT version.id, config.body FROM version JOIN config ON config.id = version.config_id ORDER BY version.id"
)
_STATEMENTS = (
    _SETTING,
    _PLACE,
    _JOURNAL,
    "INSERT INTO new_journal SELECT id, run_id, seq, at, kind, text, reason, author, row_format, hash FROM journal",
    "DROP TABLE journal",
    "ALTER TABLE new_journal RENAME TO journal",
    "ALTER TABLE summary ADD COLUMN outcome_by TEXT",
    "UPDATE summary SET outcome_by = 'person' WHERE outcome IS NOT NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    raw = op.get_bind().connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError(f"expected a sqlite3 connection, got {type(raw)}")
    rebuild_recipes(raw, _VERSION_BODIES)
