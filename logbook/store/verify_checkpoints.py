"""Holds the checkpoints on disk against what the record says of them.

A run that ended has the hash of each in its end record. One that was killed, or that an older release trained, has
none: its files are held against the checksums within them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from logbook.errors import StoreError
from logbook.store import live
from logbook.store.checkpoint_files import WHICH, checkpoint_file, damage_of, file_hash
from logbook.store.engine import connect_for_reading
from logbook.store.location import checkpoint_folder, database_path, has_checkpoints
from logbook.store.packing import unpacked_column

__all__ = ["EXPECTED", "REMOVED", "check_checkpoints"]

EXPECTED = (
    f"SELECT json_extract({unpacked_column('record')}, '$.checkpoints') FROM record WHERE run_id = ?1"
    " AND moment = 'end' AND seq > (SELECT max(seq) FROM attempt WHERE run_id = ?1) ORDER BY seq DESC LIMIT 1"
)
"""The hashes of a run's checkpoints, where its newest attempt has an end that tells them."""

REMOVED = (
    "SELECT text FROM journal WHERE run_id = ?1 AND kind = 'removal'"
    " AND seq > (SELECT coalesce(max(seq), 0) FROM attempt WHERE run_id = ?1)"
)
"""The checkpoints that were removed since a run last went on."""

_ATTEMPTS = "SELECT count(*) FROM attempt WHERE run_id = ?"


class _Run(NamedTuple):
    number: int
    uuid: str


def check_checkpoints(raw: sqlite3.Connection, folder: Path, say: Callable[[str, int, int], None]) -> Iterator[str]:
    """Say which checkpoints are missing or altered; those of runs that go on are theirs, and are left alone."""
    if not has_checkpoints(folder):
        return
    runs = [_Run(*row) for row in raw.execute("SELECT id, uuid FROM run ORDER BY id")]
    for place, run in enumerate(runs):
        say("checkpoints", place, len(runs))
        if live.is_alive(folder, run.uuid):
            continue
        found = list(_check_run(raw, folder, run))
        if found and not _went_on(raw, folder, run):
            yield from found


def _check_run(raw: sqlite3.Connection, folder: Path, run: _Run) -> Iterator[str]:
    row = raw.execute(EXPECTED, (run.number,)).fetchone()
    expected: dict[str, str] = json.loads(row[0]) if row and row[0] else {}
    removed = {which for (which,) in raw.execute(REMOVED, (run.number,))}
    for which in WHICH:
        path = checkpoint_file(checkpoint_folder(folder, run.uuid), which)
        what = f"r{run.number}: its {which} checkpoint ({path.relative_to(folder)})"
        try:
            if which in expected:
                found = file_hash(path)
                if found != expected[which]:
                    yield f"{what} isn't what was written: it hashes to {found}, expected {expected[which]}"
            elif damage := damage_of(path):
                yield f"{what} is damaged: {damage}"
        except FileNotFoundError:
            if which in expected and which not in removed:
                yield f"{what} is missing, and `logbook gc` didn't remove it"
        except OSError as error:
            yield f"{what} can't be read: {error.strerror or error}"
        except StoreError as error:
            yield f"{what}: {error}"


def _went_on(raw: sqlite3.Connection, folder: Path, run: _Run) -> bool:
    """Return whether the run was resumed since the moment that is verified: its files are then newer than the rows."""
    with closing(connect_for_reading(database_path(folder))) as now:
        return bool(
            live.is_alive(folder, run.uuid)
            or now.execute(_ATTEMPTS, (run.number,)).fetchone() != raw.execute(_ATTEMPTS, (run.number,)).fetchone()
        )
