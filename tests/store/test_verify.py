"""What `verify` finds: every row that was changed, dropped or added behind the store's back, the last one too."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing, suppress

import pytest

from logbook.errors import DamagedError, StoreError
from logbook.store import open_reader, open_writer
from logbook.store.packing import register
from logbook.store.redaction import redact
from logbook.store.schema import DERIVED
from logbook.store.verify import rebuild, verify
from logbook_schemas.records.runs import JournalEntry
from logbook_schemas.records.searches import SavedSearch
from tests.store.making import attempt, begin, derived_rows, epoch, start_of_run


@pytest.fixture(scope="module", params=["ended", "crashed"])
def whole(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    with open_writer(folder) as writer:
        for _ in range(2):
            run = begin(writer, blobs={}).number
            for number in range(1, 4):
                writer.append_epoch(run, 1, epoch(number), b"series")
            if request.param == "ended":
                writer.end_attempt(run, 1, status="finished")
    assert verify(folder) == []
    return folder


@pytest.fixture
def book(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "book")


def _meddle(book, *meddling):
    """Change the file as somebody would who removes the triggers first and puts them back afterwards."""
    from logbook.store.migrations.triggers import set_triggers

    with closing(sqlite3.connect(book / "logbook.db", isolation_level=None)) as raw:
        register(raw)
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for statement in meddling:
            raw.execute(statement)
        set_triggers(raw)


@pytest.mark.parametrize(
    "meddling",
    [
        "UPDATE epoch SET packed = NULL, payload = replace(unpacked(payload, packed), '0.5', '0.4')"
        " WHERE run_id = 1 AND epoch = 2",
        "UPDATE epoch SET packed = NULL WHERE run_id = 1 AND epoch = 2",
        "UPDATE epoch SET packed = substr(packed, 1, length(packed) - 1) WHERE run_id = 1 AND epoch = 2",
        "UPDATE epoch SET packed = packed || x'00' WHERE run_id = 1 AND epoch = 2",
        "UPDATE epoch SET packed = x'ff' || substr(packed, 2) WHERE run_id = 1 AND epoch = 2",
        "UPDATE epoch SET packed = x'' WHERE run_id = 1 AND epoch = 2",
        "UPDATE epoch SET series = x'00' WHERE run_id = 2 AND epoch = 2",
        "UPDATE epoch SET at = '2020-01-01T00:00:00.000000Z' WHERE run_id = 1 AND epoch = 1",
        "UPDATE epoch SET id = 1 << 32 | 9, run_id = 1, seq = 9, attempt = 3 WHERE run_id = 2 AND epoch = 3",
        "UPDATE run SET seed = 5 WHERE id = 1",
        "DELETE FROM epoch WHERE run_id = 1 AND epoch = 2",
        "DELETE FROM epoch WHERE run_id = 1 AND epoch = 3",
        "DELETE FROM epoch WHERE run_id = 2 AND epoch = 3",
        "DELETE FROM attempt WHERE run_id = 1",
        "INSERT INTO epoch SELECT run_id << 32 | seq + 3, run_id, seq + 3, at, 5, phase, epoch, row_format,"
        " payload, series, hash, packed FROM epoch WHERE run_id = 2 AND epoch = 3",
        "UPDATE config SET packed = NULL, body = replace(unpacked(body, packed), '0.001', '0.002')",
        "UPDATE config SET packed = x'01'",
        "UPDATE summary SET rows = rows + 1 WHERE run_id = 2",
    ],
)
def test_meddling_is_found(book, meddling):
    _meddle(book, meddling)
    assert verify(book) != []


@pytest.mark.parametrize(
    ("meddling", "said"),
    [
        ("UPDATE summary SET best_value = 0.001 WHERE run_id = 1", "r1: what summary has"),
        ("UPDATE summary SET tags = ' fast ' WHERE run_id = 2", "r2: what summary has"),
        ("UPDATE summary SET first_finding = 'X999 no-such-thing' WHERE run_id = 1", "names 'X999 no-such-thing'"),
        ("UPDATE search_text SET hypothesis = 'another' WHERE rowid = 1", "r1: what search_text has"),
        ("UPDATE search_text_data SET block = zeroblob(length(block)) WHERE id > 10", "its index"),
        ("DELETE FROM search_text_docsize WHERE id = 2", "its index"),
        ("UPDATE recipe_place SET places = substr(places, 13)", "recipe_place 1: isn't where the config lies"),
        ("INSERT INTO metric_extent SELECT 7, 'val_loss', 'min', 1, 'number', 1, 'number', 1, 'number', 1", "has r7"),
    ],
)
def test_what_does_not_follow_from_the_rows_is_found_and_made_anew(book, meddling, said):
    _meddle(book, meddling)
    found = verify(book)
    assert any(said in line and "--rebuild" in line for line in found), found
    rebuild(book)
    assert verify(book) == []


@pytest.mark.parametrize(
    "meddling",
    [
        "UPDATE version SET created_at = '2020-01-01T00:00:00.000000Z'",
        "UPDATE version SET name = 'another'",
        "UPDATE config SET created_at = '2020-01-01T00:00:00.000000Z'",
        "UPDATE config_leaf SET num = num * 2 WHERE num IS NOT NULL",
        "UPDATE config_path SET path = 'optimizer.rate' WHERE path = 'optimizer.lr'",
        "UPDATE saved_search SET query = 'lr>1'",
        "DELETE FROM saved_search WHERE id = 1",
        "UPDATE redaction SET author = 'somebody'",
        "DELETE FROM redaction",
        "UPDATE blob SET body = x'00' WHERE body = x''",
        "UPDATE sqlite_sequence SET seq = 1",
        "UPDATE alembic_version SET version_num = '0004'",
    ],
)
def test_meddling_with_rows_in_no_chain_is_found(book, meddling):
    content = b"a secret"
    name = hashlib.sha256(content).hexdigest()
    with open_writer(book) as writer:
        writer.put_blobs({name: content})
        for query in ("lr<1", "lr<2"):
            writer.save_search(SavedSearch(name="stuck", query=query))
    redact(book, [name], author="me")
    assert verify(book) == []
    _meddle(book, meddling)
    assert verify(book) != []


def test_a_run_that_is_gone_with_everything_is_missed(book):
    _meddle(
        book,
        *(
            f"DELETE FROM {table} WHERE run_id = 2"
            for table in ("epoch", "attempt", "attempt_end", "ledger", "summary")
        ),
        "DELETE FROM run WHERE id = 2",
    )
    assert any("r2: the run is missing" in line for line in verify(book))


def test_a_missing_trigger_and_a_missing_ledger_row_are_found(tmp_path):
    with open_writer(tmp_path) as writer:
        begin(writer)
        writer.end_attempt(1, 1, status="finished")
    _meddle(tmp_path, "DELETE FROM ledger")
    assert any("ledger has 0" in line for line in verify(tmp_path))
    with closing(sqlite3.connect(tmp_path / "logbook.db")) as raw:
        raw.execute("DROP TRIGGER epoch_no_update")
    assert any("epoch_no_update" in line for line in verify(tmp_path))


@pytest.mark.parametrize(
    ("meddling", "said"),
    [
        ("CREATE TABLE search_text_more (x)", "table 'search_text_more': is none of the logbook's own"),
        ("CREATE VIEW mine AS SELECT 1", "view 'mine': is none of the logbook's own"),
        (
            "CREATE TRIGGER search_text_more AFTER INSERT ON epoch BEGIN DELETE FROM summary; END",
            "trigger 'search_text_more': is none of the logbook's own",
        ),
        (
            "INSERT INTO sqlite_master SELECT type, 'sqlite_more', tbl_name, rootpage, replace(sql, 'epoch_no_delete',"
            " 'sqlite_more') FROM sqlite_master WHERE name = 'epoch_no_delete'",
            "trigger 'sqlite_more': is none of the logbook's own",
        ),
        (
            "UPDATE sqlite_master SET sql = replace(sql, 'only ever added', 'added') WHERE name = 'epoch_no_delete'",
            "trigger epoch_no_delete: isn't defined as version",
        ),
        ("UPDATE sqlite_master SET sql = replace(sql, 'at TEXT', 'at BLOB') WHERE name = 'journal'", "table journal:"),
        ("DROP VIEW standing_finding", "view standing_finding: is missing"),
    ],
)
def test_what_is_defined_otherwise_is_named(book, meddling, said):
    with closing(sqlite3.connect(book / "logbook.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA writable_schema=ON")
        raw.execute(meddling)
    found = verify(book)
    assert any(line.startswith(said) for line in found), found


@pytest.mark.parametrize("table", [*DERIVED, "saved_search"])
def test_a_table_that_was_dropped_is_made_anew_where_it_is_derived(book, table):
    """With its indexes and triggers; what stood in a table of the record is gone."""
    with open_reader(book) as reader:
        before = derived_rows(reader)
    with closing(sqlite3.connect(book / "logbook.db")) as raw:
        raw.execute(f"DROP TABLE {table}")
        raw.execute("DROP VIEW standing_finding")
        raw.execute("DROP TRIGGER epoch_no_delete")
        raw.execute("DROP INDEX run_config")
    assert any(line.startswith(f"table {table}: is missing") for line in verify(book))
    rebuild(book)
    if table in DERIVED:
        assert verify(book) == []
        with open_reader(book) as reader:
            assert derived_rows(reader) == before
    else:
        assert verify(book)[0] == "index saved_search_name: is missing; `logbook fsck --rebuild` makes it anew"
        assert not any("epoch" in line or "standing_finding" in line for line in verify(book))


@pytest.mark.parametrize("table", ["epoch", "journal"])
def test_nothing_is_added_where_rows_at_the_end_are_gone(book, table):
    """What is added would stand in their places, and a summary that is made anew would end where they did."""
    with open_writer(book) as writer:
        writer.add_journal(1, JournalEntry(kind="note", text="one"))
        if table == "epoch":
            writer.append_epoch(1, 1, epoch(4))
            writer.append_epoch(1, 1, epoch(5))
    _meddle(book, f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table} WHERE run_id = 1)")
    with open_writer(book) as writer, pytest.raises(DamagedError, match="rows are gone, and nothing is added"):
        writer.add_journal(1, JournalEntry(kind="note", text="another"))
    with open_writer(book) as writer, pytest.raises(DamagedError, match="rows are gone, and nothing is added"):
        writer.append_epoch(1, 1, epoch(6))
    for _ in range(2):
        assert any("r1: ends after" in line for line in verify(book))
        rebuild(book)
    with open_writer(book) as writer:
        writer.add_journal(2, JournalEntry(kind="note", text="another run is as it was"))


def test_epochs_that_a_killed_run_lost_before_anybody_looked_are_missed_once_it_has_gone_on(tmp_path):
    with open_writer(tmp_path) as writer:
        run = begin(writer).number
        for number in range(1, 6):
            writer.append_epoch(run, 1, epoch(number))
    first_row = "SELECT hash FROM attempt"
    _meddle(tmp_path, "DELETE FROM epoch WHERE epoch > 3", f"UPDATE summary SET rows = 2, head = ({first_row})")
    with open_writer(tmp_path) as writer:
        count = writer.begin_attempt(run, attempt(resumed_from=5))
        writer.append_epoch(run, count, epoch(6))
        writer.end_attempt(run, count, status="finished")
    assert verify(tmp_path) == ["r1, attempt 2: goes on behind epoch 5, but epochs 4 to 5 are missing"]


def test_a_content_that_a_row_names_and_that_is_gone_is_missed(tmp_path):
    content = b"{}"
    name = hashlib.sha256(content).hexdigest()
    with open_writer(tmp_path) as writer:
        begin(writer, start=start_of_run(source_blob=name), blobs={name: content})
    assert verify(tmp_path) == []
    _meddle(tmp_path, "DELETE FROM blob")
    assert verify(tmp_path) == [f"content {name}: is missing; r1 names it (config as written)"]


def test_a_damaged_content_is_found(tmp_path):
    content = b"x" * 1000
    with open_writer(tmp_path) as writer:
        writer.put_blobs({hashlib.sha256(content).hexdigest(): content})
    assert verify(tmp_path) == []
    _meddle(tmp_path, "UPDATE blob SET body = x'789c00'")
    assert any("content" in line for line in verify(tmp_path))


def test_damaged_pages_are_findings_and_no_tracebacks(book):
    path = book / "logbook.db"
    whole = path.read_bytes()
    spoilt = 0
    for page in range(2, len(whole) // 4096, 3):
        path.write_bytes(whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :])
        # The pages that hold the tables' definitions: the file can't be opened at all.
        with suppress(StoreError):
            spoilt += verify(book) != []
    assert spoilt > 5


def test_what_is_derived_can_be_made_again(book):
    with open_writer(book) as writer:
        writer.add_journal(1, JournalEntry(kind="outcome", text="dead-end", reason="explodes"))
    with open_reader(book) as reader:
        before = derived_rows(reader)
    _meddle(book, "DELETE FROM summary", "DELETE FROM metric_extent", "DELETE FROM search_text")
    rebuild(book)
    with open_reader(book) as reader:
        assert derived_rows(reader) == before
    assert len(before["summary"]) == 2
    assert verify(book) == []
