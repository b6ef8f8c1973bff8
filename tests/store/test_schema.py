"""The tables: each insert-only by triggers or derived, as SQLModel defines them; each statement fits them."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing

import pytest

from logbook.store import open_reader, open_writer, queries, statements, tables
from logbook.store.definitions import schema_digest
from logbook.store.migrations.triggers import set_triggers, trigger_names
from logbook.store.packing import register
from logbook.store.redaction import redact
from logbook.store.schema import BOOKKEEPING, DERIVED, INSERT_ONLY, SCHEMA_DIGEST, VIEWS
from logbook.store.writer import Judged
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.judgements import JudgementRecord
from logbook_schemas.records.measures import DataRecord
from logbook_schemas.records.runs import JournalEntry
from logbook_schemas.records.searches import SavedSearch
from tests.store.making import begin, epoch, python


@pytest.fixture
def raw(tmp_path):
    """A plain connection, as a careless program would open it, to a store with a row in every table."""
    found = Finding(code="C1", name="one", severity="note", moment="config", message="")
    with open_writer(tmp_path) as writer:
        run = begin(writer, data=DataRecord(), findings=[found], blobs={hashlib.sha256(b"x").hexdigest(): b"x"}).number
        writer.append_epoch(run, 1, epoch(1))
        writer.add_journal(run, JournalEntry(kind="note", text="one"))
        writer.end_attempt(run, 1, status="finished")
        writer.save_search(SavedSearch(name="stuck", query="lr<1"))
        with open_reader(tmp_path) as reader:
            last = reader.last_row(run)
        assert writer.append_judgements([Judged(run, 1, last, JudgementRecord(), [found])]) == [run]
    redact(tmp_path, [hashlib.sha256(b"x").hexdigest()], author="me")
    with closing(sqlite3.connect(tmp_path / "logbook.db")) as connection:
        connection.execute("PRAGMA recursive_triggers=OFF")
        register(connection)
        yield connection


def test_every_table_is_insert_only_or_derived(raw):
    names = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    ours = {name for name in names if not name.startswith(("sqlite_", "search_text_"))}
    assert ours == {*INSERT_ONLY, *DERIVED, *BOOKKEEPING}
    assert not set(INSERT_ONLY) & set(DERIVED)
    assert {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'view'")} == set(VIEWS)
    triggers = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert triggers == {name for table in INSERT_ONLY for name in trigger_names(table)}


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_rows_of_the_record_cannot_be_changed_removed_or_replaced(raw, table):
    row = raw.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
    column = raw.execute(f"PRAGMA table_info({table})").fetchall()[-1][1]
    marks = ", ".join("?" * len(row))
    for statement, parameters in (
        (f"UPDATE {table} SET {column} = {column}", ()),
        (f"UPDATE OR REPLACE {table} SET {column} = {column}", ()),
        (f"DELETE FROM {table}", ()),
        (f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row),
        (f"REPLACE INTO {table} VALUES ({marks})", row),
        (f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT DO UPDATE SET {column} = {column}", row),
    ):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            raw.execute(statement, parameters)
    assert raw.execute(f"SELECT * FROM {table} LIMIT 1").fetchone() == row


def test_the_definitions_are_those_that_fsck_expects(raw):
    assert schema_digest(raw) == SCHEMA_DIGEST, "what it is now stands on the left"
    raw.execute("DROP INDEX run_config")
    assert schema_digest(raw) != SCHEMA_DIGEST


def test_a_content_becomes_nothing_but_its_own_tombstone_once_its_redaction_is_recorded(raw):
    name = hashlib.sha256(b"y").hexdigest()
    raw.execute(statements.INSERT["blob"], (name, "raw", 1, b"y"))
    tombstone = f"UPDATE blob SET body = x'', codec = 'raw' WHERE hash = '{name}'"
    with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
        raw.execute(tombstone)
    raw.execute(statements.INSERT["redaction"], (2, "now", name, 1, "", "", 1, bytes(32)))
    for change in ("body = x'00'", "size = 2, body = x''", "hash = upper(hash), body = x''"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            raw.execute(f"UPDATE blob SET {change} WHERE hash = ?", (name,))
    raw.execute(tombstone)
    assert raw.execute("SELECT size, body FROM blob WHERE hash = ?", (name,)).fetchone() == (1, b"")


def test_a_row_with_the_same_other_key_cannot_push_one_out(raw):
    names = (*statements.COLUMNS["epoch"], "packed")
    row = raw.execute(f"SELECT {', '.join(names)} FROM epoch").fetchone()
    with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
        raw.execute(statements.INSERT["epoch"].replace("INSERT", "INSERT OR REPLACE"), row)


def test_triggers_come_back_when_they_are_set_again(raw):
    raw.execute("DROP TRIGGER epoch_no_delete")
    set_triggers(raw)
    with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
        raw.execute("DELETE FROM epoch")


def test_every_statement_fits_the_tables(raw):
    texts = [
        *(text for module in (queries, statements) for text in vars(module).values() if _is_statement(text)),
        *statements.INSERT.values(),
    ]
    assert len(texts) > 60
    for text in texts:
        highest = max([int(number) for number in re.findall(r"\?(\d+)", text)], default=0) or text.count("?")
        raw.execute(f"EXPLAIN {text}", [None] * highest)


def _is_statement(text):
    return isinstance(text, str) and text.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"))


def test_tables_are_what_the_migrations_make(tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine
    from sqlmodel import SQLModel

    def is_ours(_thing, name, kind, *_rest):
        return kind != "table" or not name.startswith(("search_text", "alembic_"))

    open_writer(tmp_path).close()
    assert len(tables.__all__) == len(SQLModel.metadata.tables) == len({*INSERT_ONLY, *DERIVED}) - 1
    engine = create_engine(f"sqlite:///{tmp_path / 'logbook.db'}")
    with engine.connect() as connection:
        options = {"include_object": is_ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_the_tables_are_not_imported_where_nothing_is_due(tmp_path):
    open_writer(tmp_path).close()
    script = (
        "import sys; from pathlib import Path; from logbook.store import open_reader;"
        "open_reader(Path(sys.argv[1])).runs();"
        "print([name for name in ('sqlmodel', 'sqlalchemy', 'alembic', 'torch', 'logbook_schemas.config.run')"
        " if name in sys.modules])"
    )
    out, err = python(script, tmp_path).communicate()
    assert (out.strip(), err) == ("[]", "")
