"""What a file's definitions have the program do that aren't ours: views that are read, triggers that writing sets off.

Whoever wrote the file may have put a view that never ends in the place of a table, or a trigger beside our own. Of a
file whose definitions are all ours nothing more is looked at; only for another one are ours made, to compare with.
Tables and indexes that somebody added are nobody's harm, as are triggers that are missing: `fsck` says so.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from logbook.errors import StoreError
from logbook.store.definitions import Definition, are_ours, definitions
from logbook.store.schema import BOOKKEEPING, DERIVED, INSERT_ONLY

__all__ = ["refuse_before_upgrade", "refuse_foreign_triggers", "refuse_foreign_views"]


_MENDED = "`logbook fsck --rebuild` puts ours in the place of one that has its name. "


def refuse_foreign_views(raw: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError where a view or virtual table stands in the place of what is ours: reading would obey it."""
    if not are_ours(raw):
        _refuse(path, list(_foreign_views(raw)))


def refuse_foreign_triggers(raw: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError where a trigger of another's stands on a table of ours: writing would set it off."""
    if not are_ours(raw):
        _refuse(path, list(_foreign_triggers(raw)), _MENDED)


def refuse_before_upgrade(raw: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError where a file of an earlier version has views or triggers that no version ever had, by name.

    What ours of then say isn't known any more: an upgrade reads none of our views, and begins by dropping our triggers.
    """
    from logbook.store.migrations.triggers import trigger_names

    tables = (*INSERT_ONLY, *DERIVED, *BOOKKEEPING)
    triggers = {name for table in tables for name in trigger_names(table)}
    found = []
    for kind, name, table, text in _as_compared(definitions(raw)):
        if kind == "trigger" and name not in triggers:
            found.append(f"a trigger {name} on {table}")
        elif name in tables and (kind == "view" or (_is_virtual(text) and name != "search_text")):
            found.append(f"a view {name}" if kind == "view" else f"a virtual table {name}")
    _refuse(path, found)


def _foreign_views(raw: sqlite3.Connection) -> Iterator[str]:
    ours = {name: (kind, text) for kind, name, _, text in _ours()}
    for kind, name, _, text in _as_compared(definitions(raw)):
        meant, ours_text = ours.get(name, (kind, text))
        if kind == "view" and (meant, ours_text) != (kind, text):
            yield f"a view {name}"
        elif kind == "table" and _is_virtual(text) and not _is_virtual(ours_text):
            yield f"a virtual table {name}"


def _foreign_triggers(raw: sqlite3.Connection) -> Iterator[str]:
    ours = {(name, table, text) for kind, name, table, text in _ours() if kind == "trigger"}
    tables = {name for kind, name, _, _ in _ours() if kind in ("table", "view")}
    for kind, name, table, text in _as_compared(definitions(raw)):
        if kind == "trigger" and table in tables and (name, table, text) not in ours:
            yield f"a trigger {name} on {table}"


def _is_virtual(text: str) -> bool:
    return text.upper().startswith("CREATE VIRTUAL")


def _refuse(path: Path, found: list[str], mended: str = "") -> None:
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise StoreError(
            f"the logbook {path} has {found[0]}{more} that logbook did not make; nothing of it was obeyed. {mended}"
            "Restore a backup, or, where you know what it is for, remove it with the program that made it"
        )


@functools.cache
def _ours() -> list[Definition]:
    """Return the definitions of a file as this release makes it."""
    from logbook.store import migrations

    return migrations.new_definitions()


def _as_compared(found: Iterable[Definition]) -> Iterator[Definition]:
    """Yield definitions with names as SQLite compares them."""
    for one in found:
        yield one._replace(name=one.name.lower(), table=one.table.lower())
