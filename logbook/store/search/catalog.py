"""What this store holds a name for: its settings' paths, its metrics, and how its text is indexed."""

from __future__ import annotations

import sqlite3
from functools import cached_property
from typing import Literal

__all__ = ["Catalog", "TextIndex"]

TextIndex = Literal["fts5", "plain", "none"]

_FEW = 1_000
"""What is at most as many is found at once; asking each run takes longer then, and less time where there are more."""

_MOST_NAMES = 5_000
"""A person's own configs may hold any number of paths; more than these are no help in a message."""


class Catalog:
    """Looks names up by index; only `paths` and `metrics`, asked for when an error is written, read a table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def path_id(self, path: str) -> int | None:
        found = self._connection.execute("SELECT id FROM config_path WHERE path = ?", (path,)).fetchone()
        return None if found is None else int(found[0])

    def has_metric(self, name: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM run_metric WHERE name = ? LIMIT 1", (name,)).fetchone()
        return found is not None

    def is_rare(self, select: str, parameters: tuple[object, ...]) -> bool:
        """Say whether a SELECT finds few rows; it is stopped as soon as it has found more."""
        counted = f"SELECT count(*) FROM (SELECT 1 FROM ({select}) LIMIT ?)"
        return int(self._connection.execute(counted, (*parameters, _FEW + 1)).fetchone()[0]) <= _FEW

    def paths(self) -> list[str]:
        rows = self._connection.execute("SELECT path FROM config_path ORDER BY path LIMIT ?", (_MOST_NAMES,))
        return [str(row[0]) for row in rows]

    def metrics(self) -> list[str]:
        rows = self._connection.execute("SELECT DISTINCT name FROM run_metric ORDER BY name LIMIT ?", (_MOST_NAMES,))
        return [str(row[0]) for row in rows]

    @cached_property
    def text_index(self) -> TextIndex:
        """How text is found: not every build of SQLite has FTS5, and a store may come from one that has."""
        found = self._connection.execute("SELECT sql FROM sqlite_master WHERE name = 'search_text'").fetchone()
        if found is None:
            return "none"
        if "fts5" not in str(found[0]).lower():
            return "plain"
        try:
            self._connection.execute("SELECT rowid FROM search_text LIMIT 0")
        except sqlite3.OperationalError:
            return "none"
        return "fts5"
