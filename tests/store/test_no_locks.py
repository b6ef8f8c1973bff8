"""Places without locks or without shared memory: the logbook falls back where that is safe, and says so."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.store.forbidding import FLOCK, LOCKS, SHARED_MEMORY, Rule, forbidding, needs_filter
from tests.store.making import python

CONFIG = {
    "name": "iris",
    "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
    "model": {"hidden": [8]},
    "training": {"epochs": 2, "device": "cpu"},
}
MAKE = """
import sys
from pathlib import Path
from logbook.store import open_writer
from tests.store.making import begin, epoch
with open_writer(Path(sys.argv[1])) as writer:
    run = begin(writer).number
    writer.append_epoch(run, 1, epoch(1))
"""
HOLD = """
import os, subprocess, sys
from pathlib import Path
from logbook.errors import StoreError
from logbook.store import live, open_reader, open_writer
from tests.store.making import begin, epoch
folder = Path(sys.argv[1])
look = "import sys; from pathlib import Path; from logbook.store import open_reader\\n"
look += "with open_reader(Path(sys.argv[1])) as reader: print(reader.summary(1).status, flush=True)"
with open_writer(folder) as writer:
    run = begin(writer)
    child = os.fork()
    if child == 0:
        with live.hold(folder, run.uuid):
            subprocess.run([sys.executable, "-c", look, str(folder)], check=True)
            try:
                with live.hold(folder, run.uuid):
                    pass
            except StoreError as error:
                print("another process" in str(error), flush=True)
            os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
subprocess.run([sys.executable, "-c", look, str(folder)], check=True)
with live.hold(folder, run.uuid):
    print(live.is_alive(folder, run.uuid), flush=True)
print([path.name for path in (folder / "live").iterdir()])
"""
LOGBOOK = [sys.executable, "-m", "logbook_cli"]


@needs_filter
@pytest.mark.parametrize(
    ("rule", "says"),
    [(SHARED_MEMORY, "the write-ahead log can't be used"), (FLOCK, "files can't be locked as usual")],
    ids=["no-shared-memory", "no-flock"],
)
def test_a_run_falls_back_to_the_rollback_journal_and_says_so(tmp_path: Path, rule: Rule, says: str) -> None:
    (tmp_path / "cfg.json").write_text(json.dumps(CONFIG))
    done = forbidding([rule], [*LOGBOOK, "run", "cfg.json"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(says) == 1
    assert not (tmp_path / ".logbook" / "logbook.db-wal").exists()
    shown = forbidding([rule], [*LOGBOOK, "show", "r1", "--json"], tmp_path)
    assert json.loads(shown.stdout)["status"] == "finished"
    assert list((tmp_path / ".logbook" / "live").iterdir()) == []
    assert forbidding([rule], [*LOGBOOK, "fsck"], tmp_path).returncode == 0


@needs_filter
def test_without_any_locks_nothing_is_written_and_the_reason_is_said(tmp_path: Path) -> None:
    (tmp_path / "cfg.json").write_text(json.dumps(CONFIG))
    done = forbidding([FLOCK, LOCKS], [*LOGBOOK, "run", "cfg.json"], tmp_path)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("error: files can't be locked where")
    assert "--logbook" in done.stderr.splitlines()[-1]
    assert not (tmp_path / ".logbook" / "logbook.db").exists()


@needs_filter
def test_without_any_locks_a_logbook_made_elsewhere_is_not_called_busy(tmp_path: Path) -> None:
    book = tmp_path / "book"
    assert python(MAKE, book).communicate() == ("", "")
    for words in (["ls"], ["note", "r1", "x"], ["fsck"]):
        done = forbidding([FLOCK, LOCKS], [*LOGBOOK, *words, "--logbook", str(book)], tmp_path)
        assert done.returncode == 3
        assert "no file can be locked there" in done.stderr
        assert "Copy the whole folder to a local disk" in done.stderr


@needs_filter
def test_a_logbook_made_elsewhere_is_read_and_written_without_shared_memory(tmp_path: Path) -> None:
    book = tmp_path / "book"
    assert python(MAKE, book).communicate() == ("", "")
    words = ["--logbook", str(book)]
    listed = forbidding([SHARED_MEMORY], [*LOGBOOK, "ls", "--json", *words], tmp_path)
    assert json.loads(listed.stdout)["runs"][0]["status"] == "crashed", listed.stderr
    noted = forbidding([SHARED_MEMORY], [*LOGBOOK, "note", "r1", "carried over", *words], tmp_path)
    assert noted.returncode == 0, noted.stderr
    shown = forbidding([SHARED_MEMORY], [*LOGBOOK, "show", "r1", *words], tmp_path)
    assert "carried over" in shown.stdout
    # Back where memory can be shared, the log is used again.
    assert python(MAKE, book).communicate() == ("", "")
    listed = forbidding([], [*LOGBOOK, "ls", "--json", *words], tmp_path)
    assert len(json.loads(listed.stdout)["runs"]) == 2


@needs_filter
def test_who_is_alive_is_known_without_locks(tmp_path: Path) -> None:
    done = forbidding([FLOCK], [sys.executable, "-c", HOLD, str(tmp_path / "book")], Path(__file__).parents[2])
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["running", "True", "crashed", "True", "[]"]
