"""The definitions of a file's tables, indexes, views and triggers: are they those that this release makes."""

from __future__ import annotations

import hashlib
import re
import sqlite3

from logbook.store.schema import SCHEMA_DIGEST

__all__ = ["Definitions", "are_ours", "definitions_of", "schema_digest"]

Definitions = dict[tuple[str, str], str]
"""What SQLite keeps of each definition, by its type and name, blanks apart."""

_SQLITES_OWN = (
    "type = 'table' AND name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4', 'search_text_data',"
    " 'search_text_idx', 'search_text_content', 'search_text_docsize', 'search_text_config')"
    " OR type = 'index' AND name LIKE 'sqlite!_autoindex!_%' ESCAPE '!' AND sql IS NULL"
)
"""What SQLite makes by itself. By their whole names: a trigger may be called `search_text_more`."""


def definitions_of(raw: sqlite3.Connection) -> Definitions:
    """Return the definitions of a file, less what SQLite makes by itself."""
    rows = raw.execute(
        f"SELECT type, name, tbl_name, sql FROM sqlite_master WHERE NOT ({_SQLITES_OWN}) ORDER BY type, name"
    )
    found: Definitions = {}
    for row in rows:
        # Two of one name are possible in a file that somebody meddled with.
        key = row[0], row[1]
        found[key] = found.get(key, "") + "|".join(re.sub(r"\s+", " ", str(text)) for text in row)
    return found


def schema_digest(raw: sqlite3.Connection) -> str:
    """Return what stands for all definitions of a file, blanks apart."""
    return hashlib.sha256("\n".join(definitions_of(raw).values()).encode()).hexdigest()


def are_ours(raw: sqlite3.Connection) -> bool:
    """Return whether the definitions are those of this release."""
    return schema_digest(raw) == SCHEMA_DIGEST
