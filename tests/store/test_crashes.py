"""Processes that die, collide and fork: nothing that was acknowledged is lost, and nobody is told of a lock."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time

import pytest

from logbook.errors import StoreError
from logbook.store import live, open_reader, open_writer
from logbook.store.location import lock_path
from logbook.store.lock import WriteLock
from logbook.store.verify import verify
from tests.store.forbidding import SHARED_MEMORY, forbid, needs_filter
from tests.store.making import begin, epoch, python

ROUNDS = 50 if os.environ.get("LOGBOOK_SOAK") else 6
APPENDER = """
import sys
from pathlib import Path
from logbook.store import live, open_writer
from tests.store.making import begin, epoch
with open_writer(Path(sys.argv[1])) as writer:
    run = begin(writer)
    with live.hold(Path(sys.argv[1]), run.uuid):
        print(run.number, flush=True)
        for number in range(1, 100_000):
            writer.append_epoch(run.number, 1, epoch(number), b"steps")
            print(number, flush=True)
"""

DIES_IN_COMMIT = """
import os, sqlite3, sys
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("PRAGMA journal_mode=TRUNCATE")
if sys.argv[2] == "foreign":
    raw.execute("PRAGMA application_id=7")
raw.execute("PRAGMA cache_size=1")
raw.execute("BEGIN IMMEDIATE")
raw.execute("CREATE TABLE half (body BLOB)")
for _ in range(20):
    raw.execute("INSERT INTO half VALUES (randomblob(20000))")
os.kill(os.getpid(), 9)
"""
"""More than the cache holds: part of it is in the file before the commit."""

DIES_AT = """
import os, sys
from pathlib import Path
from logbook.store import engine, open_writer
from tests.store.making import begin, epoch
import sqlite3

class Dying(sqlite3.Connection):
    left = int(sys.argv[2])
    def execute(self, *arguments):
        Dying.left -= 1
        if Dying.left == 0:
            os.kill(os.getpid(), 9)
        return super().execute(*arguments)

connect = sqlite3.connect
sqlite3.connect = lambda *arguments, **options: connect(*arguments, **{**options, "factory": Dying})
with open_writer(Path(sys.argv[1])) as writer:
    run = begin(writer)
    print(run.number, flush=True)
    writer.append_epoch(run.number, 1, epoch(1))
    print(1, flush=True)
    writer.end_attempt(run.number, 1, status="finished")
    print("end", flush=True)
print("whole", flush=True)
"""


@pytest.mark.parametrize(
    "refused",
    [pytest.param([], id="log"), pytest.param([SHARED_MEMORY], id="rollback-journal", marks=needs_filter)],
)
def test_every_acknowledged_epoch_survives_a_kill(tmp_path, refused):
    """Of the kills with a rollback journal most come in the middle of a commit, which is then taken back."""
    open_writer(tmp_path).close()
    chance = random.Random(7)
    for round_ in range(ROUNDS):
        child = python(APPENDER, tmp_path, preexec_fn=lambda: forbid(refused) if refused else None)
        run = int(child.stdout.readline())
        time.sleep(chance.uniform(0.0, 0.15))
        child.kill()
        # Not `communicate`, which passes over what `readline` has taken into its buffer.
        acknowledged = len(child.stdout.read().splitlines())
        child.communicate()
        with open_reader(tmp_path) as reader:
            epochs = [record.epoch for record in reader.epochs(run)]
            assert epochs == list(range(1, len(epochs) + 1)), round_
            assert acknowledged <= len(epochs) <= acknowledged + 1
            assert reader.summary(run).epochs == len(epochs)
            assert reader.summary(run).status == "crashed"
    assert verify(tmp_path) == []


@pytest.mark.parametrize("owner", ["ours", "foreign"])
def test_half_a_commit_is_taken_back_in_a_file_of_ours_alone(tmp_path, owner):
    with open_writer(tmp_path) as writer:
        begin(writer)
    python(DIES_IN_COMMIT, tmp_path / "logbook.db", owner).communicate()
    files = {path: path.read_bytes() for path in tmp_path.glob("logbook.db*")}
    assert len(files[tmp_path / "logbook.db-journal"]) > 1000
    if owner == "ours":
        with open_reader(tmp_path) as reader:
            assert len(reader.runs()) == 1
        assert verify(tmp_path) == []
    else:
        with pytest.raises(StoreError, match="a process died in the middle of a commit"):
            open_reader(tmp_path)
        assert {path: path.read_bytes() for path in tmp_path.glob("logbook.db*")} == files


def test_a_death_at_any_statement_leaves_all_or_nothing(tmp_path):
    open_writer(tmp_path / "fresh").close()
    steps = [*range(10, 20), *range(20, 90, 8), 10_000]
    for step in steps:
        folder = shutil.copytree(tmp_path / "fresh", tmp_path / str(step))
        out, err = python(DIES_AT, folder, step).communicate()
        said = out.split()
        with open_writer(folder) as writer:
            writer.put_blobs({})
        assert verify(folder) == [], step
        with open_reader(folder) as reader:
            runs = reader.runs()
            assert len(runs) >= (len(said) > 0), (step, err)
            assert sum(run.epochs for run in runs) >= (len(said) > 1)
            assert [run.status for run in runs] in ([], ["crashed"], ["finished"])
    assert said[-1] == "whole"


def test_six_processes_open_a_fresh_folder_at_once(tmp_path):
    script = """
import sys
from pathlib import Path
from logbook.store import open_writer
sys.stdin.read(1)
open_writer(Path(sys.argv[1])).close()
print("opened")
"""
    for round_ in range(2):
        children = [python(script, tmp_path / str(round_), stdin=-1) for _ in range(6)]
        for child in children:
            child.stdin.write("x")
            child.stdin.flush()
        assert [child.communicate() for child in children] == [("opened\n", "")] * 6
        assert verify(tmp_path / str(round_)) == []


def test_eight_processes_begin_runs_and_append_at_once(tmp_path):
    script = """
import sys
from pathlib import Path
from logbook.store import open_writer
from tests.store.making import begin, epoch
with open_writer(Path(sys.argv[1])) as writer:
    for _ in range(3):
        run = begin(writer).number
        for number in range(1, 16):
            writer.append_epoch(run, 1, epoch(number))
        writer.end_attempt(run, 1, status="finished")
"""
    children = [python(script, tmp_path) for _ in range(8)]
    assert [child.communicate() for child in children] == [("", "")] * 8
    with open_reader(tmp_path) as reader:
        runs = reader.runs()
        assert [run.number for run in runs] == list(range(24, 0, -1))
        assert len({run.words for run in runs}) == len({run.uuid for run in runs}) == 24
        assert {run.epochs for run in runs} == {15}
    assert verify(tmp_path) == []


def test_two_writers_of_one_run_keep_one_chain(tmp_path):
    with open_writer(tmp_path) as one, open_writer(tmp_path) as other:
        run = begin(one).number
        for number in range(1, 9):
            (one if number % 3 else other).append_epoch(run, 1, epoch(number))
    with open_reader(tmp_path) as reader:
        assert reader.summary(run).epochs == 8
    assert verify(tmp_path) == []


def test_a_writer_that_waits_in_vain_says_who_holds_the_logbook(tmp_path):
    from logbook.store.lock import WriteLock

    path = tmp_path / "write.lock"
    holder, waiter = WriteLock(path), WriteLock(path, patience_seconds=0.05)
    with holder, pytest.raises(StoreError, match=f"busy: held by pid {os.getpid()}"):
        waiter.__enter__()
    with waiter:
        pass
    holder.close()
    waiter.close()


def test_a_forked_child_cannot_use_the_connection_and_does_no_harm(tmp_path):
    with open_writer(tmp_path) as writer, open_reader(tmp_path) as reader:
        run = begin(writer)
        writer.append_epoch(run.number, 1, epoch(1))
        assert len(reader.epochs(run.number)) == 1
        with live.hold(tmp_path, run.uuid):
            child = os.fork()
            if child == 0:
                refusals = 0
                for use in (lambda: writer.append_epoch(run.number, 1, epoch(2)), lambda: reader.runs()):
                    try:
                        use()
                    except StoreError as error:
                        refusals += "was forked from" in str(error)
                os._exit(refusals)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
            assert reader.summary(run.number).status == "running"
            writer.append_epoch(run.number, 1, epoch(2))
        assert len(reader.epochs(run.number)) == 2
    assert verify(tmp_path) == []


def test_a_thread_that_forks_closes_no_connection_that_another_waits_with(tmp_path):
    """A pool of processes replaces its workers from a thread of its own."""
    with open_writer(tmp_path) as writer:
        run = begin(writer)
        lock = WriteLock(lock_path(tmp_path))
        appending = threading.Thread(target=writer.append_epoch, args=(run.number, 1, epoch(1)))
        with lock:
            appending.start()
            time.sleep(0.1)
            child = os.fork()
            if child == 0:
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        appending.join()
        lock.close()
        writer.append_epoch(run.number, 1, epoch(2))
    with open_reader(tmp_path) as reader:
        assert [one.epoch for one in reader.epochs(run.number)] == [1, 2]


def test_a_child_that_outlives_its_run_does_not_keep_it_alive(tmp_path):
    script = """
import os, sys, time
from pathlib import Path
from logbook.store import live
with live.hold(Path(sys.argv[1]), "some-run"):
    child = os.fork()
    if child == 0:
        print(os.getpid(), flush=True)
    time.sleep(30)
"""
    child = python(script, tmp_path)
    orphan = int(child.stdout.readline())
    assert live.is_alive(tmp_path, "some-run")
    child.kill()
    child.wait()
    assert not live.is_alive(tmp_path, "some-run")
    os.kill(orphan, signal.SIGKILL)
    child.communicate()


def test_a_run_cannot_be_held_twice(tmp_path):
    with live.hold(tmp_path, "run"), pytest.raises(StoreError, match="another process"), live.hold(tmp_path, "run"):
        pass
    assert not live.is_alive(tmp_path, "run")


def test_a_long_reader_does_not_hold_up_the_writer(tmp_path):
    with open_writer(tmp_path) as writer, open_reader(tmp_path) as reader:
        run = begin(writer).number
        with reader.connection():
            assert reader.epochs(run) == ()
            writer.append_epoch(run, 1, epoch(1))
            assert reader.epochs(run) == ()
        assert len(reader.epochs(run)) == 1
