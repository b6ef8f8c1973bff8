"""What of a file is defined otherwise than in a new logbook, one of which is made in memory to compare with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from logbook.store.definitions import Definition, are_ours, definitions
from logbook.store.schema import DERIVED, SCHEMA_VERSION

__all__ = ["differing_definitions", "restore_definitions"]

_ORDER = ("table", "index", "view", "trigger")
"""A table takes its indexes with it when it is dropped, and they come back after it."""


def differing_definitions(raw: sqlite3.Connection) -> Iterator[str]:
    """Say what is missing, altered or somebody else's."""
    from logbook.store import migrations

    there, ours = _by_name(definitions(raw)), _by_name(migrations.new_definitions())
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
    for one in sorted(migrations.new_definitions(), key=lambda one: _ORDER.index(one.kind)):
        there = _by_name(definitions(raw))
        found = there.get((one.kind, one.name))
        if found == [one] or (one.kind == "table" and one.name not in DERIVED):
            continue
        if one.kind in ("index", "trigger") and ("table", one.table) not in there:
            continue
        if found:
            raw.execute(f'DROP {one.kind} "{one.name}"')
        raw.execute(one.text)


def _by_name(found: Iterable[Definition]) -> dict[tuple[str, str], list[Definition]]:
    """Return definitions by kind and name, two of which are possible in a file that somebody meddled with."""
    named: dict[tuple[str, str], list[Definition]] = {}
    for one in found:
        named.setdefault((one.kind, one.name), []).append(one)
    return named
