"""The definitions of a file's tables, indexes, views and triggers: are they those that this release makes."""

from __future__ import annotations

import hashlib
import re
import sqlite3

from logbook.store.schema import SCHEMA_DIGEST

__all__ = ["are_ours", "schema_digest"]


def schema_digest(raw: sqlite3.Connection) -> str:
    """Return what stands for all definitions of a file, blanks apart."""
    rows = raw.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        " AND name NOT LIKE 'search!_text!_%' ESCAPE '!' ORDER BY type, name"
    )
    texts = "\n".join("|".join(re.sub(r"\s+", " ", str(text)) for text in row) for row in rows)
    return hashlib.sha256(texts.encode()).hexdigest()


def are_ours(raw: sqlite3.Connection) -> bool:
    """Return whether the definitions are those of this release."""
    return schema_digest(raw) == SCHEMA_DIGEST
