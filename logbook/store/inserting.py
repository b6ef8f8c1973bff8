"""The one way a row gets into a table: as `statements.COLUMNS` says it, its text packed where the table's texts are."""

from __future__ import annotations

import sqlite3

from logbook.store import statements
from logbook.store.packing import TEXT_COLUMN, stored
from logbook.store.schema import SEALED
from logbook.store.sealing import seal_of

__all__ = ["insert"]


def insert(raw: sqlite3.Connection, table: str, row: tuple[object, ...]) -> int:
    """Insert a row, whose values stand in the order of `statements.COLUMNS`; returns its rowid."""
    key: tuple[int, ...] = ()
    seal: tuple[bytes, ...] = ()
    if table in SEALED:
        key = raw.execute(statements.NEXT_ID[table]).fetchone()
        seal = (seal_of(table, ("id", *statements.COLUMNS[table]), (*key, *row)),)
    place = _TEXT_PLACE.get(table)
    if place is not None:
        text, small = stored(table, str(row[place]))
        row = (*row[:place], text, *row[place + 1 :], small)
    return raw.execute(statements.INSERT[table], (*key, *row, *seal)).lastrowid or 0


_TEXT_PLACE = {table: statements.COLUMNS[table].index(column) for table, column in TEXT_COLUMN.items()}
