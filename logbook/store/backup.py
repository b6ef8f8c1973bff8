"""Copies the database while it is in use: one moment of it, whole, and where each run then ended in the ledger."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from logbook.errors import StoreError
from logbook.store.chain import Chain
from logbook.store.engine import ReadConnection, WriteConnection
from logbook.store.failures import translated
from logbook.store.identifiers import utc_now
from logbook.store.inserting import insert
from logbook.store.location import database_path
from logbook.store.verify_chains import AT_BACKUP
from logbook.store.verify_checkpoints import EXPECTED

__all__ = ["copy_database", "expected_checkpoints", "note_backup", "sync"]

_PAGES = 1_024
"""What is copied between two looks at the progress: 4 MiB."""

_UNNOTED = (
    "SELECT run_id FROM summary WHERE status = 'running' OR NOT EXISTS (SELECT 1 FROM ledger"
    " WHERE ledger.run_id = summary.run_id AND ledger.rows = summary.rows AND ledger.head = summary.head)"
)
_NOTED = "SELECT 1 FROM ledger WHERE run_id = ? AND rows = ? AND head = ?"


def note_backup(folder: Path) -> int:
    """Note in the ledger where each run ends that has other rows than it noted last; return how many those are.

    Raises StoreError where the file can't be written.
    """
    with closing(WriteConnection(folder)) as connection:
        # Looked for before the transaction, which must not be long: what changes in between has a row too many.
        numbers = [number for (number,) in connection.raw.execute(_UNNOTED).fetchall()]
        count = 0
        with connection.transaction() as raw:
            for number in numbers:
                chain = Chain.to_add_to(raw, number)
                if raw.execute(_NOTED, (number, chain.seq + 1, chain.hash)).fetchone() is None:
                    insert(raw, "ledger", (number, utc_now(), chain.seq + 1, chain.hash, AT_BACKUP))
                    count += 1
    return count


def copy_database(folder: Path, target: Path, *, tell: Callable[[str, int, int], None]) -> None:
    """Copy the database into a folder, as it is at one moment, while others write; it is on disk when this returns.

    Raises StoreError where it can't be read or the copy can't be written.
    """
    path = database_path(target)
    source = ReadConnection(folder)
    try:
        raw = source.raw
        with translated(source.path):
            # Held throughout: else each commit of another process would begin the copy again.
            raw.execute("BEGIN")
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with translated(path), closing(sqlite3.connect(path, isolation_level=None)) as copy:
            raw.backup(copy, pages=_PAGES, progress=lambda _, left, of: tell("pages", of - left, of))
            # One file that needs no log beside it; whoever writes to the copy chooses anew.
            copy.execute("PRAGMA journal_mode=DELETE")
    except OSError as error:
        raise StoreError(f"the copy {path} can't be written: {error.strerror or error}") from error
    finally:
        source.close()
    sync(path)


def expected_checkpoints(folder: Path) -> dict[str, dict[str, str]]:
    """Return, by the UUID of each run that ended, the hashes of its checkpoints."""
    source = ReadConnection(folder)
    try:
        with translated(source.path):
            runs = source.raw.execute("SELECT id, uuid FROM run").fetchall()
            found = {uuid: source.raw.execute(EXPECTED, (number,)).fetchone() for number, uuid in runs}
    finally:
        source.close()
    return {uuid: json.loads(row[0]) for uuid, row in found.items() if row and row[0]}


def sync(path: Path) -> None:
    """Put a file, or the names in a folder, on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
