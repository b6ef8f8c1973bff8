"""The definitions of a file's tables, indexes, views and triggers: are they those that this release makes."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator

from logbook.store.schema import SCHEMA_DIGEST

__all__ = ["Definitions", "are_ours", "definitions", "definitions_of", "schema_digest"]

Definitions = dict[tuple[str, str], str]
"""Each definition by its kind and name: kind, name, table and text, blanks apart."""


def definitions(raw: sqlite3.Connection) -> Iterator[tuple[str, str, str, str]]:
    """Yield kind, name, table and text of each definition of a file, blanks apart and names as SQLite compares them."""
    for kind, name, table, text in raw.execute(_DEFINITIONS):
        yield kind, name.lower(), table.lower(), re.sub(r"\s+", " ", str(text))


def definitions_of(raw: sqlite3.Connection) -> Definitions:
    """Return the definitions of a file by kind and name, as its digest has them."""
    found: Definitions = {}
    for row in raw.execute(_DEFINITIONS):
        # Two of one name are possible in a file that somebody meddled with.
        key = row[0], row[1]
        found[key] = found.get(key, "") + "|".join(re.sub(r"\s+", " ", str(text)) for text in row)
    return found


def schema_digest(raw: sqlite3.Connection) -> str:
    """Return what stands for all definitions of a file, blanks apart."""
    texts = "\n".join("|".join(re.sub(r"\s+", " ", str(text)) for text in row) for row in raw.execute(_DEFINITIONS))
    return hashlib.sha256(texts.encode()).hexdigest()


def are_ours(raw: sqlite3.Connection) -> bool:
    """Return whether the definitions are those of this release."""
    return schema_digest(raw) == SCHEMA_DIGEST


_DEFINITIONS = """
    SELECT type, name, tbl_name, sql FROM sqlite_master WHERE NOT (
        type = 'table' AND name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4', 'search_text_data',
            'search_text_idx', 'search_text_content', 'search_text_docsize', 'search_text_config')
        OR type = 'index' AND name LIKE 'sqlite!_autoindex!_%' ESCAPE '!' AND sql IS NULL
    ) ORDER BY type, name
"""
"""All but what SQLite makes by itself, by its whole name: a trigger may well be called `search_text_more`."""
