"""Summaries that are behind their run's rows: nobody sees one, and those of dead runs are written once."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest

from logbook.store import live, open_reader, open_writer, writer
from logbook.store.location import lock_path
from logbook.store.lock import WriteLock
from logbook.store.verify import rebuild, verify
from logbook_schemas.records.runs import JournalEntry
from tests.store.making import attempt, begin, config, derived_rows, epoch, python
from tests.store.mounting import in_mount, needs_mount

EPOCHS = 6
KILLED = """
import os, sys
from pathlib import Path
from logbook.store import live, open_writer, writer as module
from tests.store.making import begin, epoch
# However slow this machine is: only the first epoch gets to the summary.
module.SUMMARY_SECONDS = 60.0
writer = open_writer(Path(sys.argv[1]))
run = begin(writer)
with live.hold(Path(sys.argv[1]), run.uuid):
    for number in range(1, 7):
        writer.append_epoch(run.number, 1, epoch(number))
    os.kill(os.getpid(), 9)
"""


@pytest.fixture(autouse=True)
def _one_summary_a_minute(monkeypatch):
    monkeypatch.setattr(writer, "SUMMARY_SECONDS", 60.0)


@pytest.fixture
def killed(tmp_path):
    """A logbook with a finished run, better than the second one's first epoch, which was killed after six."""
    folder = tmp_path / "book"
    with open_writer(folder) as other:
        run = begin(other, config(optimizer={"kind": "adam", "lr": 0.01})).number
        other.append_epoch(run, 1, epoch(1, val_loss=0.6))
        other.end_attempt(run, 1, status="finished")
    child = python(KILLED, folder)
    child.communicate()
    assert child.returncode == -9
    assert stored(folder, 2) == (1, 3.0), "the summary isn't behind: nothing is tested"
    return folder


def stored(folder, number):
    """Return how many epochs and which best value the summary has, as its row says."""
    with closing(sqlite3.connect(f"file:{folder}/logbook.db?mode=ro", uri=True)) as raw:
        return raw.execute("SELECT epochs, best_value FROM summary WHERE run_id = ?", (number,)).fetchone()


def holds_for_all_epochs(folder):
    """Assert that every way of asking for the second run takes its last epoch into account."""
    with open_reader(folder) as reader:
        assert (reader.summary(2).epochs, reader.summary(2).best_value) == (EPOCHS, 0.5)
        assert [run.epochs for run in reader.runs()] == [EPOCHS, 1]
        assert [run.last_val_loss for run in reader.runs(name="digits-mlp", limit=1)] == [0.5]
        assert reader.run(2).summary.best_epoch == EPOCHS
        for query in ("val_loss<0.55", "accuracy.last>0.8", f"epochs_done={EPOCHS}", "best=0.5", "not best>0.5"):
            assert [run.number for run in reader.search(query)] == [2], query
        assert [run.number for run in reader.search("val_loss.first>2")] == [2]
        assert [run.number for run in reader.search("val_loss<9", sort="best")] == [2, 1]
        assert reader.resolve("best:digits-mlp") == 2


def test_a_run_that_was_killed_has_all_its_epochs_and_is_settled_once(killed):
    holds_for_all_epochs(killed)
    assert stored(killed, 2) == (EPOCHS, 0.5)
    with open_reader(killed) as reader:
        settled = derived_rows(reader)
    rebuild(killed)
    with open_reader(killed) as reader:
        assert derived_rows(reader) == settled
    assert verify(killed) == []


def test_what_is_settled_is_not_settled_again_beside_a_longer_run(killed):
    with open_writer(killed) as other:
        longer = begin(other, config(training={"seed": 2})).number
        for number in range(1, 3 * EPOCHS):
            other.append_epoch(longer, 1, epoch(number))
        other.end_attempt(longer, 1, status="finished")
    open_reader(killed).close()
    with open_reader(killed) as reader, reader.connection() as raw:
        assert [reader.summary(number).epochs for number in (2, longer)] == [EPOCHS, 3 * EPOCHS - 1]
        assert raw.execute("SELECT name FROM temp.sqlite_master").fetchall() == [], "laid over what is up to date"


def test_opening_to_write_settles_too(killed):
    open_writer(killed).close()
    assert stored(killed, 2) == (EPOCHS, 0.5)


def test_a_busy_lock_holds_no_reader_up_and_hides_no_epoch(killed):
    lock = WriteLock(lock_path(killed))
    with lock:
        began = time.monotonic()
        holds_for_all_epochs(killed)
        assert time.monotonic() - began < 5
    lock.close()
    assert stored(killed, 2) == (1, 3.0)


def test_another_programs_lock_holds_no_reader_up(killed):
    with closing(sqlite3.connect(killed / "logbook.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        holds_for_all_epochs(killed)
        assert time.monotonic() - began < 5
    assert stored(killed, 2) == (1, 3.0)


@needs_mount
@pytest.mark.parametrize(
    "prepare",
    [
        'mount --bind "FOLDER" "FOLDER" && mount -o remount,ro,bind "FOLDER"',
        'cp -r "FOLDER" "FOLDER.copy" && mount -t tmpfs -o size=600k tmpfs "FOLDER" &&'
        ' cp "FOLDER.copy"/logbook.db* "FOLDER" && { head -c 600k /dev/zero > "FOLDER/ballast" || true; } 2>/dev/null',
    ],
    ids=["read-only", "full"],
)
def test_a_place_where_nothing_can_be_written_answers_all_the_same(killed, prepare):
    script = """
import sys
from pathlib import Path
from tests.store.test_settling import holds_for_all_epochs, stored
holds_for_all_epochs(Path(sys.argv[1]))
print(stored(Path(sys.argv[1]), 2))
"""
    assert in_mount(prepare, script, killed) == "(1, 3.0)\n"


def test_a_run_that_lives_is_read_as_it_stands_and_left_alone(tmp_path):
    with open_writer(tmp_path) as adding:
        run = begin(adding)
        with live.hold(tmp_path, run.uuid), open_reader(tmp_path) as reader:
            for number in range(1, 5):
                adding.append_epoch(run.number, 1, epoch(number))
                assert reader.summary(run.number).epochs == number
                assert [one.number for one in reader.search(f"val_loss={3.0 / number}")] == [1]
                assert reader.summary(run.number).status == "running"
            assert stored(tmp_path, 1) == (1, 3.0)
            before = derived_rows(reader)
    assert stored(tmp_path, 1) == (4, 0.75)
    with open_reader(tmp_path) as reader:
        assert derived_rows(reader) == before


def test_all_of_a_transaction_is_of_one_moment(tmp_path):
    with open_writer(tmp_path) as adding, open_reader(tmp_path) as reader:
        begin(adding)
        for number in (1, 2):
            adding.append_epoch(1, 1, epoch(number))
        with reader.connection():
            assert reader.summary(1).epochs == 2
            adding.append_epoch(1, 1, epoch(3))
            assert reader.summary(1).epochs == len(reader.epochs(1)) == 2
        assert reader.summary(1).epochs == len(reader.epochs(1)) == 3


@pytest.mark.parametrize("same", [True, False], ids=["the same writer", "another one"])
def test_whatever_is_added_brings_the_summary_up_to_date_first(tmp_path, same):
    with open_writer(tmp_path) as adding, open_writer(tmp_path) as another:
        begin(adding)
        number = 0
        for add in (
            lambda chosen: chosen.add_journal(1, JournalEntry(kind="note", text="falls")),
            lambda chosen: chosen.begin_attempt(1, attempt(resumed_from=4)),
            lambda chosen: chosen.end_attempt(1, 2, status="finished"),
        ):
            for _ in range(2):
                number += 1
                adding.append_epoch(1, 2 if number > 4 else 1, epoch(number))
            add(adding if same else another)
            assert stored(tmp_path, 1) == (number, 3.0 / number)
            assert verify(tmp_path) == []


def test_a_damaged_row_leaves_the_summary_as_it_is(killed):
    _meddle(killed, "UPDATE epoch SET payload = '[]', packed = NULL WHERE run_id = 2 AND epoch = 4")
    with open_reader(killed) as reader:
        assert [run.epochs for run in reader.runs()] == [1, 1]
    assert any("r2, row 5 (epoch)" in line for line in verify(killed))


def test_being_behind_is_no_damage(killed):
    assert verify(killed) == []
    assert stored(killed, 2) == (1, 3.0)


@pytest.mark.parametrize(
    "meddling",
    [
        "DELETE FROM epoch WHERE run_id = 2 AND epoch = 1",
        "DELETE FROM epoch WHERE run_id = 2 AND epoch = 3",
        "DELETE FROM epoch WHERE run_id = 2",
        "DELETE FROM attempt WHERE run_id = 2",
        "UPDATE summary SET head = zeroblob(32) WHERE run_id = 2",
        "UPDATE summary SET status = 'finished' WHERE run_id = 2",
    ],
)
def test_meddling_with_what_a_summary_covers_is_found_where_it_is_behind(killed, meddling):
    _meddle(killed, meddling)
    assert any(line.startswith("r2") for line in verify(killed))


def _meddle(folder, statement):
    with closing(sqlite3.connect(folder / "logbook.db", isolation_level=None)) as raw:
        for trigger in ("epoch_no_update", "epoch_no_delete", "attempt_no_delete"):
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute(statement)
