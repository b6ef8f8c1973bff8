"""What of a file is defined otherwise than in a new logbook, one of which is made in memory to compare with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from logbook.store.definitions import are_ours, definitions_of
from logbook.store.schema import DERIVED, SCHEMA_VERSION

__all__ = ["differing_definitions", "restore_definitions"]

_ORDER = ("table", "index", "view", "trigger")
"""A table takes its indexes with it when it is dropped, and they come back after it."""


def differing_definitions(raw: sqlite3.Connection) -> Iterator[str]:
    """Say what is missing, altered or somebody else's."""
    from logbook.store import migrations

    there, ours = definitions_of(raw), migrations.new_definitions()
    for kind, name in sorted({*there, *ours}):
        mended = "" if kind == "table" and name not in DERIVED else "; `logbook fsck --rebuild` makes it anew"
        if (kind, name) not in ours:
            yield f"{kind} {name!r}: is none of the logbook's own, and was added to the file"
        elif (kind, name) not in there:
            yield f"{kind} {name}: is missing{mended}"
        elif there[kind, name] != ours[kind, name]:
            yield f"{kind} {name}: isn't defined as version {SCHEMA_VERSION} defines it{mended}"


def restore_definitions(raw: sqlite3.Connection) -> None:
    """Define anew what is missing or altered, but for tables of the record, whose rows can't be made again.

    The caller's transaction is used. What is somebody else's stays: it may be of use to them.
    """
    from logbook.store import migrations

    if are_ours(raw):
        return
    ours = migrations.new_definitions()
    for kind, name in sorted(ours, key=lambda key: _ORDER.index(key[0])):
        there = definitions_of(raw)
        _, _, table, definition = ours[kind, name].split("|", 3)
        if there.get((kind, name)) == ours[kind, name] or (kind == "table" and name not in DERIVED):
            continue
        if kind in ("index", "trigger") and ("table", table) not in there:
            continue
        if (kind, name) in there:
            raw.execute(f'DROP {kind} "{name}"')
        raw.execute(definition)
