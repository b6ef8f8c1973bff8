"""Looks at every row that stands in no chain, and at every content: is it there, and is it what was written.

Each table is read once, in its order: a query a run would take most of the time.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator

from logbook.errors import DamagedError
from logbook.store import statements
from logbook.store.beginning import leaf_columns
from logbook.store.contents import unpacked_content
from logbook.store.naming import document_of, named_by_record, named_by_start
from logbook.store.packing import readable, unpacked_column
from logbook.store.schema import SEALED
from logbook.store.sealing import seal_of
from logbook_schemas.config.identity import flatten

__all__ = ["check_blobs", "check_configs", "check_seals", "counted", "last_given"]

Say = Callable[[str, int, int], None]


def check_seals(raw: sqlite3.Connection, say: Say) -> Iterator[str]:
    """Hold the rows that stand in no chain against their seals, and look for those that are gone."""
    for table in SEALED:
        say(f"rows of {table}", 0, 0)
        names, expected = statements.COLUMNS[table], 1
        sealed = ("id", *names)
        for key, seal, *values in raw.execute(f"SELECT id, seal, {readable(table, names)} FROM {table} ORDER BY id"):
            where = f"{table} row {key}"
            if key != expected:
                yield f"{where}: expected row {expected}; {counted(key - expected)} missing or added before it"
            if seal_of(table, sealed, (key, *values)) != seal:
                yield f"{where}: its content isn't what was written"
            expected = key + 1
        given = last_given(raw, table)
        if given != expected - 1:
            yield f"{table}: ends with row {expected - 1}, but the last that was written is row {given}"
    yield from _check_sequence(raw)


def _check_sequence(raw: sqlite3.Connection) -> Iterator[str]:
    """Look for what SQLite's table of the numbers given last has beside one row for each table."""
    there = [name for (name,) in raw.execute("SELECT name FROM sqlite_sequence")]
    for name in sorted({*there}, key=repr):
        if there.count(name) > 1 or name not in ("run", *SEALED):
            yield f"sqlite_sequence: has {counted(there.count(name))} for {name!r}, added to the file"


def last_given(raw: sqlite3.Connection, table: str) -> int:
    """Return the number that was given last in a table; 0 where none was."""
    row = raw.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return int(row[0]) if row else 0


def check_configs(raw: sqlite3.Connection, say: Say) -> Iterator[str]:
    """Hold each config against its hash, and its leaves against it."""
    (count,) = raw.execute("SELECT count(*) FROM config").fetchone()
    paths = dict(raw.execute("SELECT id, path FROM config_path ORDER BY id"))
    leaves = _leaves_by_config(raw, paths)
    used: set[str] = set()
    for place, (key, name, body) in enumerate(
        raw.execute(f"SELECT id, hash, {unpacked_column('config')} FROM config ORDER BY id")
    ):
        say("configs", place, count)
        there = leaves(key)
        used.update(there)
        found = "nothing: it can't be unpacked" if body is None else hashlib.sha256(body.encode()).hexdigest()
        if found != name:
            yield f"config {name}: its content hashes to {found}"
        elif there != {path: leaf_columns(leaf) for path, leaf in flatten(json.loads(body))}:
            yield f"config {name}: its settings, as they are searched, are not those of the config"
    for place, (key, path) in enumerate(paths.items(), 1):
        if path not in used or key != place:
            yield f"config_path row {key}: {path!r} is no setting of any config, or isn't where it was written"


def _leaves_by_config(raw: sqlite3.Connection, paths: dict[int, str]) -> Callable[[int], dict[str, object]]:
    """Return what gives the leaves of each config, asked for in the order of their numbers."""
    rows = raw.execute("SELECT config_id, path_id, kind, num, txt FROM config_leaf ORDER BY config_id")
    ahead = rows.fetchone()

    def leaves_of(config: int) -> dict[str, object]:
        nonlocal ahead
        found: dict[str, object] = {}
        while ahead is not None and ahead[0] <= config:
            if ahead[0] == config:
                found[paths.get(ahead[1], "")] = ahead[2:]
            ahead = rows.fetchone()
        return found

    return leaves_of


def check_blobs(raw: sqlite3.Connection, say: Say) -> Iterator[str]:
    """Hold each content against its hash; one that was redacted is its tombstone, and no other is."""
    redacted = dict(raw.execute("SELECT blob_hash, size FROM redaction"))
    named = _named(raw)
    (count,) = raw.execute("SELECT count(*) FROM blob").fetchone()
    for place, (name, codec, size, body) in enumerate(raw.execute("SELECT hash, codec, size, body FROM blob")):
        say("contents", place, count)
        named.pop(name, None)
        if name in redacted:
            if (codec, size, body) != ("raw", redacted.pop(name), b""):
                yield f"content {name}: was redacted, but its tombstone isn't what was written"
        elif damage := _damage_of(name, codec, size, body):
            yield f"content {name}: {damage}"
    for name in redacted:
        yield f"content {name}: was redacted, and its tombstone is missing"
    for name, (run, what) in named.items():
        yield f"content {name}: is missing; r{run} names it ({what})"


def _damage_of(name: str, codec: str, size: int, body: bytes) -> str | None:
    """Return what is wrong with a content."""
    try:
        content = unpacked_content(codec, size, body)
    except DamagedError as error:
        return f"can't be unpacked ({error})"
    found = hashlib.sha256(content).hexdigest()
    if found != name or len(content) != size:
        return f"{len(content)} bytes that hash to {found}; expected {size} bytes"
    return None


def _named(raw: sqlite3.Connection) -> dict[str, tuple[int, str]]:
    """Return, by hash, the contents that the rows name: one run that does, and as what."""
    named: dict[str, tuple[int, str]] = {}
    for run, text in raw.execute(f"SELECT id, {unpacked_column('run')} FROM run"):
        for what, name in named_by_start(document_of(text)):
            named.setdefault(name, (run, what))
    for run, text in raw.execute(f"SELECT run_id, {unpacked_column('record')} FROM record"):
        if text and 'blob"' in text:
            for what, name in named_by_record(document_of(text)):
                named.setdefault(name, (run, what))
    return named


def counted(rows: int) -> str:
    return f"{abs(rows)} row{'s' if abs(rows) != 1 else ''}"
