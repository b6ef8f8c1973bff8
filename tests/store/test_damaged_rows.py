"""A row that no longer says what was written is an error that says so, not a run with holes and not a traceback."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from logbook.errors import StoreError
from logbook.store import open_reader
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


def meddle(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "logbook.db")) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute(statement, values)
