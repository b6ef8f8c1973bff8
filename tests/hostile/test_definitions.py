"""Views and triggers that a stranger put into a logbook's file: refused where they would be obeyed, and named."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.books import add_run, logbook
from tests.store.test_upgrade import FROZEN

ENDLESS = "WITH RECURSIVE c(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM c)"
READING = (["ls"], ["show", "r1"], ["search", "x"], ["sql", "SELECT * FROM runs"], ["fsck"], ["report", "r1"])
WRITING = (["note", "r1", "x"], ["tag", "r1", "x"], ["judge", "r1"], ["backup"], ["gc"], ["fsck", "--rebuild"])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    add_run(tmp_path / ".logbook", losses=(0.5, 0.4))
    return tmp_path


def put_in(home: Path, *statements: str) -> bytes:
    """Run SQL in the logbook's file, as whoever made it could; return the bytes of the file."""
    path = home / ".logbook" / "logbook.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA legacy_alter_table=ON")
        for statement in statements:
            raw.execute(statement)
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


def instead_of(table: str) -> tuple[str, str]:
    """Put a view of endless rows in the place of a table, or of a view of ours."""
    if table == "standing_finding":
        return f"DROP VIEW {table}", f"CREATE VIEW {table} AS {ENDLESS} SELECT finding.* FROM c, finding"
    moved = f"ALTER TABLE {table} RENAME TO moved"
    return moved, f"CREATE VIEW {table} AS {ENDLESS} SELECT moved.* FROM c, moved WHERE x < 0"


@pytest.mark.parametrize("table", ["summary", "journal", "standing_finding"])
def test_a_view_in_the_place_of_a_table_is_not_asked(home: Path, table: str) -> None:
    before = put_in(home, *instead_of(table))
    for words in (*READING, *WRITING):
        done = logbook(*words, cwd=home)
        assert done.returncode == 3, (words, done.stderr)
        assert f"a view {table} that logbook did not make" in done.stderr, words
    assert (home / ".logbook" / "logbook.db").read_bytes() == before


def test_a_virtual_table_in_the_place_of_a_table_is_not_asked(home: Path) -> None:
    put_in(home, "ALTER TABLE recipe_place RENAME TO moved", "CREATE VIRTUAL TABLE recipe_place USING rtree(id, a, b)")
    done = logbook("ls", cwd=home)
    assert done.returncode == 3
    assert "a virtual table recipe_place that logbook did not make" in done.stderr


TRIGGERS = {
    "one beside ours": (
        "CREATE TRIGGER trap AFTER INSERT ON journal BEGIN DELETE FROM summary; END",
        "a trigger trap on journal",
    ),
    "one under the name of ours": (
        "CREATE TRIGGER journal_no_update BEFORE INSERT ON journal BEGIN DELETE FROM summary; END",
        "a trigger journal_no_update on journal",
    ),
}


@pytest.mark.parametrize("kind", TRIGGERS)
def test_a_trigger_of_a_stranger_is_never_set_off(home: Path, kind: str) -> None:
    trigger, named = TRIGGERS[kind]
    put_in(home, "DROP TRIGGER journal_no_update", trigger)
    for words in (["note", "r1", "x"], ["tag", "r1", "x"]):
        done = logbook(*words, cwd=home)
        assert done.returncode == 3, (words, done.stderr)
        assert f"{named} that logbook did not make" in done.stderr
    # To read sets off none: what is recorded can still be seen, and exported.
    assert logbook("show", "r1", cwd=home).returncode == 0
    assert logbook("export", cwd=home).returncode == 0
    assert logbook("fsck", cwd=home).returncode == 3
    # To mend puts ours back before a row is written; one that has no place among ours is still refused.
    mended = logbook("fsck", "--rebuild", cwd=home)
    is_ours_again = kind == "one under the name of ours"
    assert (mended.returncode == 0) == is_ours_again, mended.stderr
    assert logbook("note", "r1", "x", cwd=home).returncode == mended.returncode
    assert logbook("ls", cwd=home).stdout.count("r1") == 1


def test_what_harms_nobody_is_let_be(home: Path) -> None:
    put_in(
        home,
        "CREATE INDEX mine ON epoch (at)",
        "CREATE TABLE mine_too (x)",
        "CREATE TRIGGER mine_alone AFTER INSERT ON mine_too BEGIN DELETE FROM mine_too; END",
        "CREATE VIEW my_view AS SELECT * FROM summary",
        "DROP TRIGGER journal_no_update",
    )
    for words in (["note", "r1", "x"], ["show", "r1"], ["sql", "SELECT * FROM journal"]):
        done = logbook(*words, cwd=home)
        assert done.returncode == 0, (words, done.stderr)


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (("CREATE TRIGGER trap AFTER UPDATE ON summary BEGIN DELETE FROM journal; END",), "a trigger trap on summary"),
        (instead_of("config"), "a view config"),
    ],
)
def test_an_older_logbook_with_a_trap_is_not_upgraded(tmp_path: Path, statements: tuple[str, ...], named: str) -> None:
    (tmp_path / ".logbook").mkdir()
    shutil.copyfile(FROZEN[1], tmp_path / ".logbook" / "logbook.db")
    before = put_in(tmp_path, *statements)
    done = logbook("ls", cwd=tmp_path)
    assert done.returncode == 3
    assert named in done.stderr
    assert (tmp_path / ".logbook" / "logbook.db").read_bytes() == before


def test_no_trigger_of_then_is_set_off_by_an_upgrade(tmp_path: Path) -> None:
    """Nobody knows what the triggers of an earlier release said: one of their names may say anything."""
    (tmp_path / ".logbook").mkdir()
    shutil.copyfile(FROZEN[1], tmp_path / ".logbook" / "logbook.db")
    put_in(
        tmp_path,
        "DROP TRIGGER journal_no_update",
        "CREATE TRIGGER journal_no_update AFTER UPDATE ON summary BEGIN UPDATE summary SET name = 'trap'; END",
    )
    done = logbook("ls", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "trap" not in done.stdout
    assert logbook("fsck", cwd=tmp_path).returncode == 0


def test_a_logbook_that_lies_about_its_version_is_as_it_was(home: Path) -> None:
    before = put_in(home, "PRAGMA user_version=3", "UPDATE alembic_version SET version_num = '0003'")
    done = logbook("ls", cwd=home)
    assert done.returncode == 3
    assert "can't be upgraded from version 3: its tables are not those of that version" in done.stderr
    assert (home / ".logbook" / "logbook.db").read_bytes() == before
