"""The definitions of a file's tables, indexes, views and triggers: are they those that this release makes."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from typing import NamedTuple

from logbook.store.schema import SCHEMA_DIGEST

__all__ = ["Definition", "are_ours", "definitions", "schema_digest"]

_SQLITES_OWN = (
    "type = 'table' AND name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4', 'search_text_data',"
    " 'search_text_idx', 'search_text_content', 'search_text_docsize', 'search_text_config')"
    " OR type = 'index' AND name LIKE 'sqlite!_autoindex!_%' ESCAPE '!' AND sql IS NULL"
)
"""What SQLite makes by itself. By their whole names: a trigger may be called `search_text_more`."""


class Definition(NamedTuple):
    """A table, index, view or trigger as SQLite keeps it, with one blank where there were more."""

    kind: str
    name: str
    table: str
    text: str


def definitions(raw: sqlite3.Connection) -> list[Definition]:
    """Return the definitions of a file by kind and name, less what SQLite makes by itself."""
    rows = raw.execute(
        f"SELECT type, name, tbl_name, sql FROM sqlite_master WHERE NOT ({_SQLITES_OWN}) ORDER BY type, name"
    )
    return [Definition(*(re.sub(r"\s+", " ", str(value)) for value in row)) for row in rows]


def schema_digest(raw: sqlite3.Connection) -> str:
    """Return what stands for all definitions of a file, blanks apart."""
    return hashlib.sha256("\n".join("|".join(one) for one in definitions(raw)).encode()).hexdigest()


def are_ours(raw: sqlite3.Connection) -> bool:
    """Return whether the definitions are those of this release."""
    return schema_digest(raw) == SCHEMA_DIGEST
