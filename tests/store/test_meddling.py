"""Each table, row by row and column by column, as somebody with `sqlite3` changes it who puts the triggers back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress

import pytest

from logbook.judging import judge_runs
from logbook.store import open_writer
from logbook.store.backup import note_backup
from logbook.store.schema import BOOKKEEPING, DERIVED, INSERT_ONLY, SEALED
from logbook.store.verify import verify_rows
from logbook_schemas.records.runs import JournalEntry
from logbook_schemas.records.searches import SavedSearch
from tests.store.flipping import make_whole

TABLES = (*INSERT_ONLY, *DERIVED, *BOOKKEEPING, "sqlite_sequence")
_CHANGES = {
    "text": ("'x' || {0}", "CAST({0} AS BLOB)", "NULL"),
    "integer": ("{0} + 1", "{0} + 1000", "NULL"),
    "real": ("{0} + 1e-9", "NULL"),
    "blob": ("CAST(substr({0}, 1, length({0}) / 2) || x'00' || substr({0}, length({0}) / 2 + 2) AS BLOB)", "NULL"),
    "null": ("1", "'x'"),
}
"""What each kind of value is changed to. Not its last byte: where texts are packed, some bits of that say nothing."""
_OTHERS = ("uuid", "words", "path", "name", "hash", "blob_hash")
"""Columns of keys: a row that is added can't have the same."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A logbook with rows in every table, the newest of which no attempt's end has noted."""
    folder = make_whole(tmp_path_factory.mktemp("whole"))
    judge_runs(every=True, logbook=str(folder))
    with open_writer(folder) as writer:
        writer.add_journal(3, JournalEntry(kind="note", text="the last word"))
        writer.save_search(SavedSearch(name="stuck", query="lr<0.1"))
    note_backup(folder)
    assert verify_rows(folder) == []
    return folder / "logbook.db"


def _changed(whole, folder, *statements):
    """Change a copy behind the logbook's back; return whether anything was changed."""
    shutil.copyfile(whole, folder / "logbook.db")
    with closing(sqlite3.connect(folder / "logbook.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA synchronous=OFF")
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        raw.execute("BEGIN")
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        before = raw.total_changes
        with suppress(sqlite3.IntegrityError):  # the tables themselves refuse some
            for statement in statements:
                raw.execute(statement)
        is_changed = raw.total_changes > before
        for _, definition in triggers:
            raw.execute(definition)
        raw.execute("COMMIT")
    return is_changed


def _meddlings(raw, table):
    """Yield statements: each column of the first and the last row changed, both dropped, all dropped, one added."""
    columns = raw.execute(f"PRAGMA table_info({table})").fetchall()
    keys = [row[1] for row in columns if row[5]] or ["rowid"]
    # What is derived is compared as a whole: its last row stands for the others.
    for direction in ("", " DESC") if table in INSERT_ONLY else (" DESC",):
        ordered = ", ".join(f"{key}{direction}" for key in keys)
        where = f"({', '.join(keys)}) = (SELECT {', '.join(keys)} FROM {table} ORDER BY {ordered} LIMIT 1)"
        yield f"DELETE FROM {table} WHERE {where}"
        for _, name, *_ in columns:
            (kind,) = raw.execute(f"SELECT typeof({name}) FROM {table} WHERE {where}").fetchone()
            for change in _CHANGES[kind]:
                new = change.format(name)
                yield f"UPDATE {table} SET {name} = {new} WHERE {where} AND {name} IS NOT {new}"
    yield f"DELETE FROM {table}"
    values = [
        f"(SELECT max({name}) + 1 FROM {table})"
        if name in ("id", "seq", "number", "version_id", "path_id") or (key and name == "run_id")
        else f"'0' || substr({name}, 2)"
        if name in _OTHERS
        else name
        for _, name, *_, key in columns
    ]
    yield f"INSERT INTO {table} SELECT {', '.join(values)} FROM {table} ORDER BY {ordered} LIMIT 1"


@pytest.mark.parametrize("table", TABLES)
def test_no_row_of_any_table_is_changed_dropped_or_added_unseen(whole, tmp_path, table):
    with closing(sqlite3.connect(whole)) as raw:
        statements = list(_meddlings(raw, table))
    found = {one: verify_rows(tmp_path) for one in statements if _changed(whole, tmp_path, one)}
    assert [one for one, problems in found.items() if not problems] == []
    assert {"UPDATE", "DELETE"} <= {one.split()[0] for one in found}
    assert len(found) > 3


@pytest.mark.parametrize("table", SEALED)
def test_rows_that_change_places_are_found(whole, tmp_path, table):
    with closing(sqlite3.connect(whole)) as raw:
        (rows,) = raw.execute(f"SELECT count(*) FROM {table}").fetchone()
    turned = (f"UPDATE {table} SET id = -id", f"UPDATE {table} SET id = id + {rows + 1}")
    assert _changed(whole, tmp_path, *turned)
    problems = verify_rows(tmp_path)
    assert rows == 1 or any(line.startswith(f"{table} row {rows}: its content isn't what") for line in problems)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sqlite_sequence WHERE name = 'saved_search'",
        "DELETE FROM blob WHERE hash = (SELECT min(hash) FROM blob WHERE body <> x'')",
        "UPDATE journal SET id = id + 100",
        "DELETE FROM search_text_data WHERE id = 1",
        "UPDATE search_text_idx SET pgno = pgno + 1",
        "UPDATE search_text_content SET c1 = c1 || ' and more'",
    ],
)
def test_what_stands_beside_the_rows_is_held_against_them(whole, tmp_path, statement):
    assert _changed(whole, tmp_path, statement), statement
    assert verify_rows(tmp_path) != []
