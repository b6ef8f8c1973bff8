"""Commands that note, judge, redact, collect and copy, killed at each of their points: all of it is there, or nothing.

`make test` kills at the first, the last and a seeded point of each; `make soak` at every one.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from logbook.errors import NotFoundError
from logbook.store import open_reader
from logbook.store.checkpoint_files import WHICH
from tests.reliability.points import Forking

IS_SOAK = bool(os.environ.get("LOGBOOK_SOAK"))
OLD = Path(__file__).parents[1] / "store" / "assets" / "schema-5.db"
"""Runs that today's rules judge otherwise."""

SECRET = "hunter-22-of-mine"
CONFIG = {
    "name": "kept",
    "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
    "model": {"hidden": [4]},
    "schedule": {"kind": "step", "step_size": 1, "gamma": 1e-9},
    "training": {"epochs": 3, "batch_size": 64, "device": "cpu"},
}
WHOLE_OR_NOTHING = {
    "note": ("note", "r6", "it was me"),
    "outcome": ("outcome", "r6", "dead-end", "--because", "it was me"),
    "judge": ("judge", "--all"),
    "redact": ("redact", "--match", SECRET, "--yes"),
}
"""Commands that record what they do in one transaction."""


@pytest.fixture(scope="module")
def forking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forking]:
    """The process that forks commands, in a folder with a logbook: runs of an earlier release, and `r6` of this one."""
    folder = tmp_path_factory.mktemp("upkeep")
    (folder / ".logbook").mkdir()
    shutil.copy(OLD, folder / ".logbook" / "logbook.db")
    (folder / "cfg.json").write_text(f"// {SECRET}\n{json.dumps(CONFIG)}")
    with Forking(folder) as forking:
        trained = forking.run("run", "cfg.json")
        assert trained.status == 0, trained.err
        yield forking


def copied(forking: Forking, folder: Path) -> Path:
    """Return a folder with a copy of the logbook."""
    shutil.copytree(forking.folder / ".logbook", folder / ".logbook")
    return folder


def chosen(points: list[str], name: str) -> list[int]:
    """Return the points, counted from 1, at which to die."""
    every = range(1, len(points) + 1)
    return list(every) if IS_SOAK else sorted({1, len(points), random.Random(name).choice(every)})


def recorded(folder: Path) -> tuple[object, ...]:
    """Return what the commands may change of the record, without the points in time."""
    with open_reader(folder / ".logbook") as reader:
        runs = [reader.run(run.number) for run in reader.runs()]
        try:
            source = reader.blob(runs[0].start_of_run.source_blob)
        except NotFoundError:
            source = b""
    return (
        SECRET.encode() in source,
        *([(entry.kind, entry.text, entry.reason) for entry in run.journal] for run in runs),
        *([(finding.code, finding.where) for finding in run.findings] for run in runs),
    )


@pytest.mark.parametrize("name", WHOLE_OR_NOTHING)
def test_a_death_leaves_what_a_command_records_whole_or_absent(forking: Forking, tmp_path: Path, name: str) -> None:
    words = WHOLE_OR_NOTHING[name]
    whole = copied(forking, tmp_path / "whole")
    before = recorded(whole)
    points = forking.run(*words, cwd=whole).points
    after = recorded(whole)
    assert before != after
    for at in chosen(points, name):
        folder = copied(forking, tmp_path / str(at))
        assert forking.run(*words, at=at, cwd=folder).status == -9
        assert recorded(folder) == (after if "committed" in points[:at] else before), points[at - 1]
        assert forking.run("fsck", cwd=folder).status == 0, points[at - 1]
    print(f"{name}: {len(points)} points")


def test_a_redaction_that_was_broken_off_tells_how_it_is_finished(forking: Forking, tmp_path: Path) -> None:
    folder = copied(forking, tmp_path / "broken-off")
    with open_reader(folder / ".logbook") as reader, closing(sqlite3.connect(folder / ".logbook/logbook.db")) as raw:
        source = reader.run(6).start_of_run.source_blob
        (packed,) = raw.execute("SELECT body FROM blob WHERE hash = ?", (source,)).fetchone()
    assert forking.run(*WHOLE_OR_NOTHING["redact"], at="committed", cwd=folder).status == -9
    again = forking.run(*WHOLE_OR_NOTHING["redact"], cwd=folder)
    assert again.status == 4
    assert "logbook redact --scrub" in again.err
    assert forking.run("redact", "--scrub", cwd=folder).status == 0
    files = [path for path in (folder / ".logbook").rglob("*") if path.is_file()]
    assert len(files) > 1
    assert not [path for path in files if packed in path.read_bytes()]


def test_a_death_while_checkpoints_are_removed_loses_none_without_a_word(forking: Forking, tmp_path: Path) -> None:
    words = ("gc", "--keep", "none")
    points = forking.run(*words, cwd=copied(forking, tmp_path / "whole")).points
    assert {f"unlink {which}.pt" for which in WHICH} < {*points}
    for at in chosen(points, "gc"):
        folder = copied(forking, tmp_path / str(at))
        assert forking.run(*words, at=at, cwd=folder).status == -9
        assert forking.run("fsck", cwd=folder).status == 0, points[at - 1]
        assert forking.run(*words, cwd=folder).status == 0, points[at - 1]
        assert list(folder.rglob("*.pt")) == [], points[at - 1]
        assert forking.run("fsck", cwd=folder).status == 0, points[at - 1]
    print(f"gc: {len(points)} points")


def test_a_death_while_a_backup_is_made_leaves_a_whole_copy_or_none(forking: Forking, tmp_path: Path) -> None:
    words = ("backup", "copy", "--checkpoints")
    points = forking.run(*words, cwd=copied(forking, tmp_path / "whole")).points
    for at in chosen(points, "backup"):
        folder = copied(forking, tmp_path / str(at))
        assert forking.run(*words, at=at, cwd=folder).status == -9
        assert forking.run("fsck", cwd=folder).status == 0, points[at - 1]
        assert (folder / "copy").exists() == ("rename copy" in points[: at - 1]), points[at - 1]
        again = ("backup", "other", "--checkpoints") if (folder / "copy").exists() else words
        assert forking.run(*again, cwd=folder).status == 0, points[at - 1]
        assert forking.run("fsck", "--logbook", "copy", cwd=folder).status == 0, points[at - 1]
    print(f"backup: {len(points)} points")
