"""Backups in a loop while four processes record runs: each copy is whole, and of one moment."""

from __future__ import annotations

import os
import time

import pytest

from logbook.backing_up import back_up
from logbook.store import open_reader, open_writer
from logbook.store.verify import verify
from tests.store.making import python

SECONDS = 30 if os.environ.get("LOGBOOK_SOAK") else 4
WRITERS = 4
RECORDING = """
import hashlib, os, sys
from pathlib import Path
from logbook.store import live, open_writer
from logbook.store.checkpoint_files import checkpoint_hashes
from logbook.store.location import checkpoint_folder
from logbook_schemas.records.measures import EndRecord
from logbook_schemas.records.runs import JournalEntry
from tests.store.making import begin, epoch
folder = Path(sys.argv[1])
print("begun", flush=True)
with open_writer(folder) as writer:
    while not (folder / "stop").exists():
        content = os.urandom(2000)
        run = begin(writer, blobs={hashlib.sha256(content).hexdigest(): content})
        with live.hold(folder, run.uuid):
            place = checkpoint_folder(folder, run.uuid)
            place.mkdir(parents=True)
            for number in range(1, 8):
                writer.append_epoch(run.number, 1, epoch(number), os.urandom(500))
                (place / "new").write_bytes(b"PK\\x05\\x06" + bytes(16) + b"\\x88\\x13" + os.urandom(5000))
                (place / "new").replace(place / "last.pt")
            writer.add_journal(run.number, JournalEntry(kind="note", text="done"))
            end = EndRecord(status="finished", checkpoints=checkpoint_hashes(place))
            writer.end_attempt(run.number, 1, status="finished", end=end)
"""


@pytest.mark.timeout(3600)
def test_every_copy_of_a_logbook_in_use_is_whole(tmp_path):
    folder = tmp_path / "book"
    open_writer(folder).close()
    children = [python(RECORDING, folder) for _ in range(WRITERS)]
    for child in children:
        assert child.stdout.readline() == "begun\n"
    copies, until = [], time.monotonic() + SECONDS
    try:
        while time.monotonic() < until or len(copies) < 4:
            target = tmp_path / f"copy-{len(copies)}"
            done = back_up(str(target), checkpoints=len(copies) % 2 == 1, logbook=str(folder), tell=lambda *_: None)
            assert done.problems == ()
            assert done.remarks == ()
            beside = set() if len(copies) % 2 else {"no-checkpoints"}
            assert {path.name for path in target.iterdir()} - {"checkpoints"} == {"logbook.db", *beside}
            copies.append((target, done.runs))
    finally:
        (folder / "stop").touch()
        said = [child.communicate(timeout=60) for child in children]
    assert said == [("", "")] * WRITERS
    for target, runs in copies:
        assert verify(target) == []
        with open_reader(target) as reader:
            found = reader.runs()
            assert len(found) == runs
            # A commit is in the copy whole, and so are all before it.
            assert [run.number for run in found] == list(range(runs, 0, -1))
            for run in found:
                epochs = [one.epoch for one in reader.epochs(run.number)]
                assert epochs == list(range(1, len(epochs) + 1))
                assert (run.status == "finished") == (reader.run(run.number).end is not None)
    assert [runs for _, runs in copies] == sorted(runs for _, runs in copies)
    assert copies[-1][1] > copies[0][1]
    assert verify(folder) == []
    print(f"{len(copies)} copies while {copies[-1][1]} runs were recorded by {WRITERS} processes")
