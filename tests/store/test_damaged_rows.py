"""A row that no longer says what was written is an error that says so, not a run with holes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from logbook.errors import StoreError
from logbook.store import open_reader
from tests.cli.books import add_run


@pytest.mark.parametrize("payload", ['{"epoch": 1', "[]", '{"train_loss": 0.5}', '{"epoch": 1, "train_loss": "low"}'])
def test_reading_a_damaged_payload_is_an_error_with_a_way_on(payload: str, tmp_path: Path) -> None:
    folder = tmp_path / ".logbook"
    add_run(folder, losses=(0.5, 0.3))
    with closing(sqlite3.connect(folder / "logbook.db")) as raw, raw:
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("UPDATE epoch SET payload = ? WHERE epoch = 1", (payload,))
    with open_reader(folder) as reader, pytest.raises(StoreError, match=r"EpochRecord is damaged.*fsck"):
        reader.run(1)
