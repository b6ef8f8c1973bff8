"""Holds the whole record against its own hashes, and makes again what is derived from it.

All rows are read in one transaction, so that a logbook in use is verified as it was at one moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from logbook.errors import StoreError
from logbook.store import derived, statements
from logbook.store.acting import refuse_foreign_triggers
from logbook.store.definitions import are_ours
from logbook.store.engine import ReadConnection, WriteConnection
from logbook.store.failures import translated
from logbook.store.opening import prepare_to_read
from logbook.store.recipes import rebuild_recipes
from logbook.store.restoring import differing_definitions, restore_definitions
from logbook.store.schema import DERIVED, SCHEMA_VERSION
from logbook.store.verify_chains import check_chains
from logbook.store.verify_checkpoints import check_checkpoints
from logbook.store.verify_derived import check_derived
from logbook.store.verify_rows import check_blobs, check_configs, check_seals

__all__ = ["Tell", "rebuild", "verify", "verify_checkpoints", "verify_rows"]

Tell = Callable[[str, int, int], None]
"""Told what is being looked at, how many of them are done, and of how many; 0 where nobody has counted."""


def verify(folder: Path, *, tell: Tell | None = None) -> list[str]:
    """Return everything that is wrong with a logbook, one line each; empty where all is as it was written.

    Raises NotFoundError where there is no logbook, StoreError where the file can't be opened at all.
    """
    return [*verify_rows(folder, tell=tell), *verify_checkpoints(folder, tell=tell)]


def verify_rows(folder: Path, *, tell: Tell | None = None) -> list[str]:
    """Return what is wrong with the file of a logbook; its checkpoints, which lie beside it, aren't looked at."""
    say = tell or _silence
    with _moment(folder) as (raw, path):
        problems: list[str] = []
        for check in (_check_file, _check_schema, check_seals, check_configs, check_blobs, check_chains):
            problems += _run_check(check.__name__, check(raw, say), path)
        # What is derived of damaged rows is damaged too: that would be said twice.
        return problems or _run_check("derived", check_derived(raw, say), path)


def verify_checkpoints(folder: Path, *, tell: Tell | None = None) -> list[str]:
    """Return which checkpoints are missing, altered or damaged."""
    with _moment(folder) as (raw, path):
        return _run_check("checkpoints", check_checkpoints(raw, folder, tell or _silence), path)


def rebuild(folder: Path, *, tell: Tell | None = None) -> None:
    """Make the derived tables again from the rows, in one transaction; what is derived of a lost run goes.

    Where the rows of a run end says its summary alone, until the ledger notes it: that rows are gone is still said.
    """
    prepare_to_read(folder)
    connection = WriteConnection(folder, mends_triggers=True)
    say = tell or _silence
    try:
        with connection.transaction() as raw:
            before = _ends(raw)
            restore_definitions(raw)
            refuse_foreign_triggers(raw, connection.path)
            _empty_derived(raw)
            numbers = [number for (number,) in raw.execute(statements.RUN_IDS)]
            for place, number in enumerate(numbers):
                say("runs", place, len(numbers))
                derived.rebuild_run(raw, number)
            rebuild_recipes(raw)
            _keep_losses(raw, before)
    finally:
        connection.close()


def _keep_losses(raw: sqlite3.Connection, before: list[tuple[int, int, bytes]]) -> None:
    """Let the summaries of runs that lost rows say what they said of their end."""
    for run_id, rows, head in before:
        chain = raw.execute(statements.COVERED, (run_id,)).fetchone()
        # With the head of the rows that are there, it is the count that is damaged.
        if chain is not None and rows > chain[0] and head != chain[1]:
            raw.execute(statements.SET_HEAD, (rows, head, run_id))


def _ends(raw: sqlite3.Connection) -> list[tuple[int, int, bytes]]:
    """Return where each run ends by its summary; nothing where that table is gone."""
    with suppress(sqlite3.OperationalError):
        return raw.execute("SELECT run_id, rows, head FROM summary").fetchall()
    return []


def _empty_derived(raw: sqlite3.Connection) -> None:
    """Remove all that is derived; the index of the full-text search, which may be damaged, is dropped and made."""
    for table in DERIVED:
        if table == "search_text":
            (definition,) = raw.execute(statements.SEARCH_TEXT).fetchone()
            raw.execute("DROP TABLE search_text")
            raw.execute(definition)
        else:
            raw.execute(f"DELETE FROM {table}")


@contextmanager
def _moment(folder: Path) -> Iterator[tuple[sqlite3.Connection, Path]]:
    """A connection that reads the logbook as it is at one moment, and the path of its file."""
    prepare_to_read(folder)
    connection = ReadConnection(folder)
    try:
        with translated(connection.path):
            connection.raw.execute("BEGIN")
        yield connection.raw, connection.path
    finally:
        connection.close()


def _silence(_what: str, _done: int, _of: int) -> None: ...


def _run_check(name: str, problems: Iterator[str], path: Path) -> list[str]:
    """Collect what a check finds; what can't be read is a finding too, and ends only this check.

    Damage may put anything into a row: text where a number belongs, a number beyond what SQLite or Python take.
    """
    found: list[str] = []
    try:
        with translated(path):
            found.extend(problems)
    except (StoreError, sqlite3.Error, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        found.append(f"{name.removeprefix('_').removeprefix('check_')}: {error or type(error).__name__}")
    return found


def _check_file(raw: sqlite3.Connection, say: Tell) -> Iterator[str]:
    say("pages", 0, 0)
    for (line,) in raw.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"file: {line}"
    for table, row, parent, _ in raw.execute("PRAGMA foreign_key_check"):
        yield f"{table} row {row}: refers to a row of {parent} that isn't there"


def _check_schema(raw: sqlite3.Connection, _: Tell) -> Iterator[str]:
    if not are_ours(raw):
        yield from differing_definitions(raw)
    versions = [version for (version,) in raw.execute("SELECT version_num FROM alembic_version")]
    if versions != [f"{SCHEMA_VERSION:04}"]:
        yield f"alembic_version: says {', '.join(map(str, versions)) or 'nothing'}, expected {SCHEMA_VERSION:04}"
