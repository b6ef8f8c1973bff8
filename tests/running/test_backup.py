"""Copies of a logbook: verified, a logbook each, never over anything."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from tests.running.conftest import checkpoints


def test_a_backup_is_a_logbook_and_says_what_it_leaves_out(trained, logbook):
    done = logbook("backup", "copy")
    assert done.status == 0, done.err
    assert "1 run" in done.out
    assert "the copy was verified" in done.out
    assert "without 2 checkpoints" in done.out
    assert logbook("fsck", "--logbook", "copy").status == 0
    mine, theirs = (logbook("show", "r1", "--json", *where).json for where in ([], ["--logbook", "copy"]))
    assert mine == theirs
    assert {path.name for path in (trained / "copy").iterdir()} == {"logbook.db", "no-checkpoints"}
    assert (trained / "copy").stat().st_mode & 0o777 == 0o700
    assert (trained / "copy" / "logbook.db").stat().st_mode & 0o777 == 0o600


def test_a_backup_with_checkpoints_predicts_as_the_logbook_does(trained, logbook):
    document = logbook("backup", "copy", "--checkpoints", "--json").json
    assert (document["runs"], document["checkpoints"], document["left_out"], document["problems"]) == (1, 2, 0, [])
    assert document["bytes"] > sum(path.stat().st_size for path in checkpoints(trained, "*.pt"))
    rows = trained / "rows.csv"
    rows.write_text("\n".join([",".join(str(one) for one in range(64))] * 2))
    here, there = (logbook("predict", "r1", str(rows), "--json", *where) for where in ([], ["--logbook", "copy"]))
    assert here.status == 0, here.err
    assert here.json["predictions"] == there.json["predictions"]
    assert logbook("fsck", "--logbook", "copy").status == 0


def test_a_copy_of_a_backup_goes_on_as_a_logbook(trained, logbook):
    logbook("backup", "copy", "--checkpoints")
    shutil.rmtree(trained / ".logbook")
    (trained / "copy").rename(trained / ".logbook")
    assert logbook("run", "cfg.json", "--again", "--quiet").status == 0
    assert logbook("fsck").status == 0
    assert len(logbook("ls", "--json").json["runs"]) == 2


def test_nothing_is_ever_written_over(trained, logbook):
    (trained / "there").mkdir()
    (trained / "there" / "precious").write_text("x")
    inside = [Path(logbook("backup", "there", "--json").json["path"]) for _ in range(3)]
    assert len({*inside}) == 3
    assert {path.parent for path in inside} == {trained / "there"}
    assert (trained / "there" / "precious").read_text() == "x"
    for target, said in (
        (inside[0], "a logbook already"),
        (trained / "cfg.json", "is there already"),
        (trained / "no" / "such", "there is no folder"),
        (trained / ".logbook", "a logbook already"),
    ):
        refused = logbook("backup", str(target))
        assert (refused.status, said in refused.err) == (2, True), refused.err
    assert list(trained.rglob("*.part")) == []


def test_a_backup_notes_each_run_that_changed_and_no_other(trained, logbook):
    assert logbook("backup", "--json").json["noted"] == 0  # the ledger has the end of its attempt
    logbook("note", "r1", "later")
    assert logbook("backup", "--json").json["noted"] == 1
    assert logbook("backup", "--json").json["noted"] == 0
    assert logbook("fsck").status == 0
    assert len(list((trained / ".logbook" / "backups").iterdir())) == 3


def test_a_note_that_goes_after_the_backup_is_missed(trained, logbook):
    logbook("note", "r1", "later")
    logbook("backup")
    with sqlite3.connect(trained / ".logbook" / "logbook.db") as raw:
        raw.execute("DROP TRIGGER journal_no_delete")
        (text,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'run_no_delete'").fetchone()
        raw.execute("DELETE FROM journal WHERE text = 'later'")
        raw.execute(text.replace("run_no_delete", "journal_no_delete").replace("ON run", "ON journal"))
        raw.execute("UPDATE summary SET rows = rows - 1, head = (SELECT hash FROM attempt_end)")
    found = logbook("fsck")
    assert found.status == 3
    assert "r1: the ledger has" in found.out


def test_a_backup_of_a_damaged_logbook_leaves_no_copy(trained, logbook):
    with sqlite3.connect(trained / ".logbook" / "logbook.db") as raw:
        raw.execute("DROP TRIGGER epoch_no_update")
        raw.execute("UPDATE epoch SET at = '2020' WHERE epoch = 2")
    done = logbook("backup", "copy")
    assert done.status == 3
    assert "doesn't say what was written" in done.err
    assert "logbook fsck" in done.err
    assert not (trained / "copy").exists()
    assert list(trained.glob(".*.part")) == []
