"""Checkpoints are held against the record, and removed by a stated policy: on runs that were really trained."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from logbook.store.live import hold
from tests.running.conftest import checkpoints, write_config


def test_the_record_has_the_hash_of_each_checkpoint_and_fsck_holds_them_to_it(trained, logbook):
    end = logbook("show", "r1", "--json").json["end"]
    assert sorted(end["checkpoints"]) == ["best", "last"]
    (last,), (best,) = checkpoints(trained, "last.pt"), checkpoints(trained, "best.pt")
    content = bytearray(last.read_bytes())
    content[len(content) // 2] ^= 1
    last.write_bytes(content)
    best.unlink()
    found = logbook("fsck", "--json")
    assert found.status == 3
    told = found.json["problems"]
    assert len(told) == 2
    assert "r1: its best checkpoint" in told[0]
    assert "is missing, and `logbook gc` didn't remove it" in told[0]
    assert "r1: its last checkpoint" in told[1]
    assert "isn't what was written" in told[1]
    copy = logbook("backup", "copy", "--checkpoints", "--json")
    assert copy.status == 3
    assert len(copy.json["problems"]) == 2
    assert logbook("ls", "--logbook", "copy").status == 0


def test_a_checkpoint_in_the_place_of_another_is_found(trained, logbook):
    logbook("run", "cfg.json", "--again", "--set", "training.seed=1", "--quiet")
    one, two = checkpoints(trained, "last.pt")
    shutil.copyfile(one, two)
    assert len(logbook("fsck", "--json").json["problems"]) == 1


def test_the_checkpoint_of_a_killed_run_is_held_against_its_own_checksums(folder, logbook):
    write_config(folder, {"training": {"epochs": 100_000}})
    command = [sys.executable, "-m", "logbook_cli", "run", "cfg.json"]
    child = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    for line in child.stderr:
        if line.startswith("epoch      3/"):
            break
    while not checkpoints(folder, "last.pt"):
        pass
    assert logbook("fsck").status == 0  # while it goes on
    running = logbook("gc", "--keep", "none")
    assert "kept: it is running" in running.out
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert logbook("fsck").status == 0
    (last,) = checkpoints(folder, "last.pt")
    content = bytearray(last.read_bytes())
    content[len(content) // 3] ^= 4
    last.unlink()
    last.write_bytes(content)
    found = logbook("fsck")
    assert found.status == 3
    assert "its last checkpoint" in found.out
    assert "is damaged" in found.out


def test_a_run_whose_newest_epochs_are_gone_does_not_go_on_behind_them(trained, logbook):
    """Killed, and its rows dropped before anybody looked: only its checkpoint knows of them."""
    with closing(sqlite3.connect(trained / ".logbook" / "logbook.db")) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        (last,) = raw.execute("SELECT max(seq) FROM epoch").fetchone()
        for table in ("attempt_end", "ledger", "journal"):
            raw.execute(f"DELETE FROM {table}")
        for table in ("epoch", "record", "finding"):
            raw.execute(f"DELETE FROM {table} WHERE seq >= ?", (last,))
        raw.execute("UPDATE summary SET status = 'running', rows = 1, head = (SELECT hash FROM run)")
    done = logbook("resume", "r1")
    assert done.status == 3
    assert "epochs behind it, but 1 of them, the first of them epoch" in done.err
    with closing(sqlite3.connect(trained / ".logbook" / "logbook.db")) as raw:
        assert raw.execute("SELECT count(*) FROM attempt").fetchone() == (1,)


def test_by_default_gc_removes_no_whole_checkpoint(trained, logbook):
    (last,) = checkpoints(trained, "last.pt")
    half = last.with_name(".last.pt.tmp")
    half.write_bytes(b"half")
    stranger = last.parent.parent / "01234567-0000-7000-8000-000000000000"
    stranger.mkdir()
    (stranger / "last.pt").write_bytes(b"unrecorded")
    tried = logbook("gc", "--dry-run", "--json").json
    assert (tried["done"], tried["bytes"]) == (False, 14)
    assert half.exists()
    done = logbook("gc", "--json").json
    assert (done["policy"], done["bytes"]) == ("--keep best,last", 14)
    assert [one["run"] for one in done["runs"]] == ["r1", ""]
    assert not half.exists()
    assert not stranger.exists()
    assert len(checkpoints(trained, "*.pt")) == 2
    assert logbook("gc", "--json").json["runs"] == []
    assert logbook("show", "r1", "--json").json["journal"] == []


def test_what_gc_removed_is_no_loss_and_each_command_says_why_it_is_gone(trained, logbook):
    (last,) = checkpoints(trained, "last.pt")
    size = last.stat().st_size
    before = logbook("show", "r1", "--json").json
    done = logbook("gc", "r1", "--keep", "best", "--json").json
    assert (done["bytes"], done["runs"][0]["removed"]) == (size, ["last"])
    assert not last.exists()
    assert logbook("fsck").status == 0
    assert "removal: the last checkpoint by gc r1 --keep best" in logbook("show", "r1").out
    after = logbook("show", "r1", "--json").json
    assert {key: value for key, value in after.items() if key != "journal"} == {
        key: value for key, value in before.items() if key != "journal"
    }
    gone = logbook("predict", "r1", "cfg.json", "--checkpoint", "last")
    assert gone.status == 4
    assert "it was removed on 20" in gone.err
    assert "gc r1 --keep best" in gone.err
    rows = trained / "rows.csv"
    rows.write_text(",".join(["1"] * 64))
    assert logbook("predict", "r1", str(rows)).status == 0
    logbook("gc", "--keep", "none")
    assert not last.parent.exists()
    assert logbook("fsck").status == 0


def test_a_run_that_can_be_resumed_keeps_what_it_goes_on_from_unless_told(folder, logbook):
    write_config(folder, {"training": {"epochs": 4}})
    broken = (folder / "cfg.json").read_text()
    (folder / "stop.py").write_text(
        "import os, signal\n"
        "def stop():\n"
        "    calls = []\n"
        "    def metric(outputs, targets):\n"
        "        calls.append(1)\n"
        "        if len(calls) == 2: os.kill(os.getpid(), signal.SIGTERM)\n"
        "        return 1.0\n"
        "    return metric\n"
    )
    config = {**json.loads(broken), "metrics": [{"kind": "python", "target": "stop:stop"}]}
    (folder / "cfg.json").write_text(json.dumps(config))
    assert logbook("run", "cfg.json", "--quiet").status == 143
    assert logbook("show", "r1", "--json").json["status"] == "interrupted"
    kept = logbook("gc", "--keep", "none")
    assert "kept: it is interrupted and goes on from its last checkpoint" in kept.out
    assert len(checkpoints(folder, "last.pt")) == 1
    assert logbook("fsck").status == 0
    logbook("gc", "--keep", "none", "--unfinished")
    assert checkpoints(folder, "*.pt") == []
    resumed = logbook("resume", "r1")
    assert "has no last checkpoint: it was removed on 20" in resumed.err
    assert "begins again from the start" in resumed.err


def test_gc_looks_only_at_the_runs_that_the_policy_names(trained, logbook):
    logbook("run", "cfg.json", "--again", "--quiet")
    assert logbook("gc", "--keep", "none", "--older-than", "1d", "--json").json["runs"] == []
    assert logbook("gc", "--keep", "none", "--outcome", "dead-end", "--json").json["runs"] == []
    logbook("outcome", "r2", "dead-end", "--because", "no use")
    done = logbook("gc", "--keep", "none", "--outcome", "dead-end", "--older-than", "0s", "--json").json
    assert [(one["run"], one["removed"]) for one in done["runs"]] == [("r2", ["best", "last"])]
    assert len(checkpoints(trained, "*.pt")) == 2


def test_a_run_that_is_held_is_left_alone(trained, logbook):
    uuid = logbook("show", "r1", "--json").json["uuid"]
    with hold(trained / ".logbook", uuid):
        assert "kept: it is running" in logbook("gc", "--keep", "none").out
    assert len(checkpoints(trained, "*.pt")) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--keep", "worst"], "--keep takes best, last, best,last or none, got 'worst'"),
        (["--older-than", "30"], "--older-than takes a span such as 30d"),
        (["--older-than", "9e9y"], "--older-than takes a span"),
        (["--older-than", "99999999y"], "beyond the calendar"),
        (["--outcome", "dead"], "did you mean 'dead-end'?"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_told(trained, logbook, words, said):
    done = logbook("gc", *words)
    assert (done.status, said in done.err) == (2, True), done.err
