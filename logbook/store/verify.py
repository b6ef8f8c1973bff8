"""Holds the whole record against its own hashes, and makes again what is derived from it."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from logbook.errors import StoreError
from logbook.store import derived, statements
from logbook.store.chain import BEFORE_FIRST, row_hash
from logbook.store.engine import ReadConnection, WriteConnection
from logbook.store.failures import translated
from logbook.store.migrations.triggers import trigger_names
from logbook.store.opening import prepare_to_read
from logbook.store.packing import TEXT_COLUMN, unpacked_column
from logbook.store.recipes import rebuild_recipes
from logbook.store.schema import CHAINED, DERIVED, INSERT_ONLY

__all__ = ["rebuild", "verify"]


def verify(folder: Path, *, progress: Callable[[int, int, str], None] = lambda *_: None) -> list[str]:
    """Return everything that is wrong with a logbook, one line each; empty where all is as it was written.

    `progress` is told how many of how many runs are done, once it comes to them: what takes longest.
    Raises NotFoundError where there is no logbook, StoreError where the file can't be opened at all.
    """
    prepare_to_read(folder)
    connection = ReadConnection(folder)
    try:
        raw = connection.raw
        problems: list[str] = []
        for check in (_check_file, _check_triggers, _check_configs, _check_blobs):
            problems += _run_check(check.__name__, check(raw), connection.path)
        problems += _run_check(_check_chains.__name__, _check_chains(raw, progress), connection.path)
        problems += _run_check(_check_ledger.__name__, _check_ledger(raw), connection.path)
        return problems
    finally:
        connection.close()


def rebuild(folder: Path) -> None:
    """Make the derived tables again from the rows, in one transaction; what is derived of a lost run goes."""
    prepare_to_read(folder)
    connection = WriteConnection(folder)
    try:
        with connection.transaction() as raw:
            for table in DERIVED:
                raw.execute(f"DELETE FROM {table}")
            for (run_id,) in raw.execute(statements.RUN_IDS).fetchall():
                derived.rebuild_run(raw, run_id)
            rebuild_recipes(raw)
    finally:
        connection.close()


def _run_check(name: str, problems: Iterator[str], path: Path) -> list[str]:
    """Collect what a check finds; a page that can't be read is a finding too, and ends only this check."""
    found: list[str] = []
    try:
        with translated(path):
            found.extend(problems)
    except (StoreError, sqlite3.Error, UnicodeDecodeError, TypeError) as error:
        found.append(f"{name.removeprefix('_check_')}: {error}")
    return found


def _check_file(raw: sqlite3.Connection) -> Iterator[str]:
    for (line,) in raw.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"file: {line}"
    for table, row, parent, _ in raw.execute("PRAGMA foreign_key_check"):
        yield f"{table} row {row}: refers to a row of {parent} that isn't there"


def _check_triggers(raw: sqlite3.Connection) -> Iterator[str]:
    there = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    for table in INSERT_ONLY:
        for name in trigger_names(table):
            if name not in there:
                yield f"{table}: the trigger {name} that keeps its rows from being changed is missing"


def _check_configs(raw: sqlite3.Connection) -> Iterator[str]:
    for name, body in raw.execute(f"SELECT hash, {unpacked_column('config')} FROM config"):
        found = "nothing: it can't be unpacked" if body is None else hashlib.sha256(body.encode()).hexdigest()
        if found != name:
            yield f"config {name}: its content hashes to {found}"


def _check_blobs(raw: sqlite3.Connection) -> Iterator[str]:
    for name, codec, size, body in raw.execute("SELECT hash, codec, size, body FROM blob"):
        try:
            content = zlib.decompress(body) if codec == "zlib" else body
        except zlib.error as error:
            yield f"content {name}: can't be unpacked ({error})"
            continue
        found = hashlib.sha256(content).hexdigest()
        if found != name or len(content) != size:
            yield f"content {name}: {len(content)} bytes that hash to {found}; expected {size} bytes"


def _check_chains(raw: sqlite3.Connection, progress: Callable[[int, int, str], None]) -> Iterator[str]:
    numbers = {run_id for (run_id,) in raw.execute(statements.RUN_IDS)}
    # A run whose own row is gone still shows by what refers to it.
    for table in (*CHAINED[1:], "summary", "ledger"):
        numbers.update(run_id for (run_id,) in raw.execute(f"SELECT DISTINCT run_id FROM {table}"))
    numbers.update(range(1, _highest(raw) + 1))
    for done, run_id in enumerate(sorted(numbers)):
        progress(done, len(numbers), "runs")
        yield from _check_chain(raw, run_id)


def _highest(raw: sqlite3.Connection) -> int:
    row = raw.execute("SELECT seq FROM sqlite_sequence WHERE name = 'run'").fetchone()
    return int(row[0]) if row else 0


def _check_chain(raw: sqlite3.Connection, run_id: int) -> Iterator[str]:
    """Follow one run from its first row to where the summary says that it ends.

    The summary of a run that has no end may lack its newest epochs (see `settling`): there it says what comes before.
    """
    summary = raw.execute("SELECT rows, head, status FROM summary WHERE run_id = ?", (run_id,)).fetchone()
    previous, expected = BEFORE_FIRST, 0
    covered, beyond = previous, 0
    for seq, table, values, stored in _rows(raw, run_id):
        where = f"r{run_id}, row {seq} ({table})"
        if seq != expected:
            yield f"{where}: expected row {expected}; {_count(seq - expected)} missing or added before it"
        elif row_hash(previous, table, values) != stored:
            yield f"{where}: its content isn't what was written, or isn't where it was written"
        previous, expected = stored, seq + 1
        if summary is not None and seq < summary[0]:
            covered = stored
        else:
            beyond += table != "epoch" or summary is None or summary[2] != "running"
    if expected == 0:
        yield f"r{run_id}: the run is missing"
    elif summary is None:
        yield f"r{run_id}: has no summary; `logbook fsck --rebuild` makes it"
    elif expected >= summary[0] and not beyond:
        if covered != summary[1]:
            yield f"r{run_id}: row {summary[0] - 1} isn't the one that was written there"
    else:
        yield f"r{run_id}: ends after {_count(expected)}, but {_count(summary[0])} were written"


def _rows(raw: sqlite3.Connection, run_id: int) -> list[tuple[int, str, tuple[object, ...], bytes]]:
    """Return the rows of a run in their order, as `(seq, table, hashed values, hash)`."""
    found = []
    for table in CHAINED:
        names = statements.COLUMNS[table]
        key = "id" if table == "run" else "run_id"
        place = names.index("seq")
        read = ", ".join(unpacked_column(table) if name == TEXT_COLUMN.get(table) else name for name in names)
        for row in raw.execute(f"SELECT {read} FROM {table} WHERE {key} = ?", (run_id,)):
            found.append((row[place], table, row[:-1], row[-1]))
    return sorted(found, key=lambda row: row[:2])


def _check_ledger(raw: sqlite3.Connection) -> Iterator[str]:
    """Compare what the ledger noted at each attempt's end with the rows that are there now."""
    ends = dict(raw.execute("SELECT run_id, count(*) FROM attempt_end GROUP BY run_id"))
    noted: dict[int, int] = {}
    for run_id, rows, head in raw.execute("SELECT run_id, rows, head FROM ledger ORDER BY id").fetchall():
        noted[run_id] = noted.get(run_id, 0) + 1
        hashes = {seq: stored for seq, _, _, stored in _rows(raw, run_id)}
        if hashes.get(rows - 1) != head:
            yield f"r{run_id}: the ledger has {_count(rows)} with another end than the rows there now"
    for run_id in sorted(ends.keys() | noted.keys()):
        if ends.get(run_id, 0) != noted.get(run_id, 0):
            yield f"r{run_id}: {ends.get(run_id, 0)} attempts ended, but the ledger has {noted.get(run_id, 0)}"


def _count(rows: int) -> str:
    return f"{abs(rows)} row{'s' if abs(rows) != 1 else ''}"
