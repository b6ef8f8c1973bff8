"""The definitions of a file's tables, indexes, views and triggers: are they those that this release makes."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator

from logbook.store.schema import SCHEMA_DIGEST

__all__ = ["are_ours", "definitions", "schema_digest"]


def definitions(raw: sqlite3.Connection) -> Iterator[tuple[str, str, str, str]]:
    """Yield kind, name, table and text of each definition of a file, blanks apart and names as SQLite compares them."""
    for kind, name, table, text in raw.execute(_DEFINITIONS):
        yield kind, name.lower(), table.lower(), re.sub(r"\s+", " ", str(text))


def schema_digest(raw: sqlite3.Connection) -> str:
    """Return what stands for all definitions of a file, blanks apart."""
    texts = "\n".join("|".join(re.sub(r"\s+", " ", str(text)) for text in row) for row in raw.execute(_DEFINITIONS))
    return hashlib.sha256(texts.encode()).hexdigest()


def are_ours(raw: sqlite3.Connection) -> bool:
    """Return whether the definitions are those of this release."""
    return schema_digest(raw) == SCHEMA_DIGEST


_DEFINITIONS = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    " AND name NOT LIKE 'search!_text!_%' ESCAPE '!' ORDER BY type, name"
)
