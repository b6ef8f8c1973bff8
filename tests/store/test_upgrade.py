"""Logbooks of released schemas are brought up to date, read, judged and gone on with; the copy before stays."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from logbook.judging import judge_runs
from logbook.store import open_reader, open_writer
from logbook.store.schema import SCHEMA_VERSION
from logbook.store.verify import rebuild, verify
from logbook_schemas.records.runs import JournalEntry
from tests.store.making import begin, derived_rows, epoch
from tests.store.mounting import in_mount, needs_mount

ASSETS = Path(__file__).parent / "assets"
FROZEN = sorted(ASSETS.glob("schema-*.db"))


@pytest.fixture(params=FROZEN, ids=lambda path: path.stem)
def folder(request, tmp_path):
    shutil.copyfile(request.param, tmp_path / "logbook.db")
    return tmp_path


def test_every_schema_before_todays_is_frozen():
    versions = [int(re.search(r"\d+", path.stem)[0]) for path in FROZEN]
    assert versions == [*range(1, SCHEMA_VERSION)]


def test_an_older_logbook_reads_as_it_did(folder):
    with open_reader(folder) as reader:
        runs = reader.runs(newest_first=False)
        assert [(run.name, run.status, run.epochs, run.first_finding) for run in runs] == [
            ("digits-mlp", "finished", 3, ""),
            ("digits-mlp", "finished", 2, ""),
            ("wild", "diverged", 2, "L101 learning-rate-out-of-bounds"),
            ("digits-mlp", "finished", 2, ""),
            ("crashed", "crashed", 1, ""),
        ]
        assert [one.code for one in reader.findings(3)] == ["T101", "L101"]
        assert reader.judgements(3) == ()
        assert [run.number for run in reader.search("rule:L101")] == [3]
        assert [run.number for run in reader.search("tag:fast or outcome:dead-end")] == [3, 2]
        assert reader.series(5, 1) == b"series"
    assert verify(folder) == []
    with closing(sqlite3.connect(folder / f"logbook.db.before-version-{SCHEMA_VERSION}")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION
        assert copy.execute("SELECT count(*) FROM run").fetchone() == (5,)


@needs_mount
def test_an_older_logbook_that_cannot_be_upgraded_says_so(folder):
    before = (folder / "logbook.db").read_bytes()
    out = in_mount(
        'mount --bind "FOLDER" "FOLDER" && mount -o remount,ro,bind "FOLDER"',
        """
import sys
from pathlib import Path
from logbook.errors import StoreError
from logbook.store import open_reader
try:
    open_reader(Path(sys.argv[1]))
except StoreError as error:
    print(error)
""",
        folder,
    )
    assert "was made by an older release" in out
    assert "nothing can be written there" in out
    assert (folder / "logbook.db").read_bytes() == before


def test_a_copy_of_an_earlier_upgrade_stands_for_nothing_newer(tmp_path):
    """Somebody went back to the older release, recorded more with it, and comes again."""
    copies = [tmp_path / f"logbook.db.before-version-{SCHEMA_VERSION}{end}" for end in ("", "-2")]
    for older in (FROZEN[0], FROZEN[-1], FROZEN[-1]):
        shutil.copyfile(older, tmp_path / "logbook.db")
        open_writer(tmp_path).close()
    assert [copy for copy in copies if copy.exists()] == copies
    versions = []
    for copy in copies:
        with closing(sqlite3.connect(copy)) as raw:
            versions += raw.execute("PRAGMA user_version").fetchone()
    assert versions == [1, SCHEMA_VERSION - 1]
    assert len(list(tmp_path.glob("*.before-version-*"))) == 2


def test_an_older_logbook_is_judged_and_gone_on_with(folder):
    judge_runs(every=True, logbook=str(folder))
    with open_writer(folder) as writer:
        writer.add_journal(1, JournalEntry(kind="note", text="after the upgrade"))
        new = begin(writer).number
        writer.append_epoch(new, 1, epoch(1))
        writer.end_attempt(new, 1, status="finished")
    assert verify(folder) == []
    with open_reader(folder) as reader:
        before = derived_rows(reader)
    rebuild(folder)
    assert verify(folder) == []
    with open_reader(folder) as reader:
        assert derived_rows(reader) == before


def test_the_rows_of_an_older_logbook_can_t_be_changed_after_the_upgrade(folder):
    open_writer(folder).close()
    with closing(sqlite3.connect(folder / "logbook.db")) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute("UPDATE finding SET severity = 'note'")
