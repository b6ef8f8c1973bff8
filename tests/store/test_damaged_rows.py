"""A row that no longer says what was written is an error that says so, not a run with holes and not a traceback."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from logbook.errors import StoreError
from logbook.store import open_reader
from logbook.store.contents import LONGEST
from tests.cli.books import add_run, logbook, make_book


@pytest.mark.parametrize("payload", ['{"epoch": 1', "[]", '{"train_loss": 0.5}', '{"epoch": 1, "train_loss": "low"}'])
def test_reading_a_damaged_payload_is_an_error_with_a_way_on(payload: str, tmp_path: Path) -> None:
    folder = tmp_path / ".logbook"
    add_run(folder, losses=(0.5, 0.3))
    meddle(folder, "UPDATE epoch SET payload = ?, packed = NULL WHERE epoch = 1", payload)
    with open_reader(folder) as reader, pytest.raises(StoreError, match=r"EpochRecord is damaged.*fsck"):
        reader.run(1)


@pytest.mark.parametrize(
    ("table", "record", "command"),
    [
        ("config", "config", "show r3"),
        ("config", "config", "diff r1 r3"),
        ("config", "config", "log digits-mlp"),
        ("config", "config", "tried r3"),
        ("config", "config", "note r3 seen"),
        ("run", "StartOfRun", "show r3"),
        ("record", "DataRecord", "compare r1 r3"),
        ("epoch", "EpochRecord", "show r3"),
        ("epoch", "EpochRecord", "export --what epochs"),
        ("finding", "Finding", "show r3 --json"),
        ("finding", "Finding", "judge r3"),
    ],
)
def test_a_text_that_can_t_be_unpacked_is_said(table, record, command, tmp_path):
    folder = make_book(tmp_path / ".logbook")
    text = "body" if table == "config" else "payload"
    meddle(folder, f"UPDATE {table} SET packed = ?, {text} = ''", b"\xff\x00")
    done = logbook(*command.split(), cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert f"a stored {record} is damaged" in done.stderr
    assert "fsck" in done.stderr


# What no release writes, and no reader of ours foresees.
ODD = {
    "summary.uuid": ("UPDATE summary SET uuid = x'fffe'", "gc --dry-run"),
    "blob.body": ("UPDATE blob SET codec = 'raw', body = 'text'", "show r1 --code"),
    "attempt_end.seq": ("UPDATE attempt_end SET seq = 'x'", "note r1 x"),
    "recipe_place.version_id": ("UPDATE recipe_place SET version_id = 0 WHERE version_id = 1", "tried r1"),
    "config_path.path": ("UPDATE config_path SET path = x'ff' WHERE path = 'optimizer.lr'", "importance"),
    "summary.status": ("UPDATE summary SET status = '-1'", "check r1"),
    "epoch.packed": ("UPDATE epoch SET packed = -1 WHERE epoch = 1", "fsck --rebuild"),
    "version": ("DELETE FROM version WHERE id = 1", "fsck --rebuild --logbook .logbook"),
}


@pytest.mark.parametrize("place", ODD)
def test_a_value_that_nobody_foresaw_is_damage_and_no_traceback(place: str, tmp_path: Path) -> None:
    statement, command = ODD[place]
    folder = make_book(tmp_path / ".logbook")
    meddle(folder, "PRAGMA ignore_check_constraints=ON")
    meddle(folder, statement)
    done = logbook(*command.split(), cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "damaged" in done.stderr
    assert "fsck" in done.stderr
    assert logbook("fsck", cwd=tmp_path).returncode == 3


def test_a_mistake_of_ours_is_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_book(tmp_path / ".logbook")
    monkeypatch.setattr("logbook.answers.run_list", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        logbook("ls", cwd=tmp_path)


def test_what_is_whole_can_still_be_taken_out_run_by_run(tmp_path: Path) -> None:
    folder = make_book(tmp_path / ".logbook")
    meddle(folder, "UPDATE epoch SET payload = '', packed = ? WHERE run_id = 1 AND epoch = 2", b"\xff\x00")
    assert "r1, row" in logbook("fsck", cwd=tmp_path).stdout
    assert logbook("export", "r1", "--what", "epochs", cwd=tmp_path).returncode == 3
    for run, epochs in (("r2", 2), ("r3", 2)):
        done = logbook("export", run, "--what", "epochs", cwd=tmp_path)
        assert (done.returncode, done.stdout.count(f"{run},train")) == (0, epochs)
    for what in ("runs", "settings", "journal", "findings"):
        assert logbook("export", "--what", what, cwd=tmp_path).returncode == 0, what


@pytest.mark.parametrize(("size", "unpacked"), [(5, 50_000_000), (10**10, LONGEST + 1)])
def test_a_content_that_unpacks_to_more_than_was_written_is_not_read(tmp_path, size, unpacked):
    """A stranger's logbook may hold a few kilobytes that would fill any memory."""
    folder = make_book(tmp_path / ".logbook")
    bomb = zlib.compressobj(1)
    body = b"".join([*(bomb.compress(bytes(min(1 << 20, unpacked - at))) for at in range(0, unpacked, 1 << 20))])
    meddle(folder, "UPDATE blob SET codec = 'zlib', size = ?, body = ?", size, body + bomb.flush())
    limit = ("prlimit", f"--as={1_200_000_000}") if shutil.which("prlimit") else ()
    for words in (["show", "r1", "--code"], ["fsck"]):
        done = subprocess.run(
            [*limit, sys.executable, "-m", "logbook_cli", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 3
        assert "unpack" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def meddle(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "logbook.db")) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute(statement, values)
