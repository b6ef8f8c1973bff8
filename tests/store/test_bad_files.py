"""Files that are no logbook of ours, damaged ones, and places where nothing can be written: one clear message each."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from logbook.errors import NotFoundError, StoreError
from logbook.store import open_reader, open_writer
from logbook.store.verify import verify
from tests.running.conftest import write_config
from tests.store.making import begin, epoch, python
from tests.store.mounting import in_mount, needs_mount


@pytest.fixture
def book(tmp_path):
    folder = tmp_path / "book"
    with open_writer(folder) as writer:
        run = begin(writer).number
        for number in range(1, 30):
            writer.append_epoch(run, 1, epoch(number), os.urandom(3000))
    return folder


def _garbage_at_the_beginning(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 10 + path.read_bytes()[210:])


def _text(path: Path) -> None:
    path.write_text("run,loss\n1,0.5\n" * 100)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def _other_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE epoch (loss REAL)")
        connection.commit()


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=999")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_garbage_at_the_beginning, "no SQLite database"),
        (_text, "no SQLite database"),
        (_empty, "0 bytes"),
        (_truncated, "damaged"),
        (_other_program, "another program"),
        (_newer, r"newer release: its tables are version 999, this release reads up to \d"),
    ],
)
def test_what_is_no_whole_logbook_is_refused_and_left_as_it_is(book, spoil, message):
    path = book / "logbook.db"
    spoil(path)
    before = path.read_bytes()

    def write():
        with open_writer(book) as writer:
            begin(writer)

    def read():
        with open_reader(book) as reader:
            reader.history(1)

    for use in (write, read):
        with pytest.raises(StoreError, match=message) as caught:
            use()
        assert str(path) in str(caught.value)
        assert caught.value.exit_status == 3
    assert path.read_bytes() == before


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "logbook.db").mkdir()
    with pytest.raises(StoreError, match="no file"):
        open_writer(tmp_path)


def test_reading_where_there_is_no_logbook_makes_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotFoundError, match=r"looked for \.logbook upwards from .*`logbook run` makes one"):
        open_reader(tmp_path / ".logbook")
    with pytest.raises(NotFoundError, match="no logbook at"):
        verify(tmp_path / "elsewhere")
    assert list(tmp_path.iterdir()) == []


def test_the_folder_and_its_files_are_their_owners_alone(book):
    with open_writer(book) as writer:
        begin(writer)
        modes = {path.name: path.stat().st_mode & 0o777 for path in book.iterdir()}
    assert book.stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}
    assert "logbook.db-wal" in modes


def test_a_half_made_file_of_a_crash_is_made_anew(tmp_path):
    (tmp_path / "logbook.db.new").write_bytes(b"half")
    open_writer(tmp_path).close()
    assert verify(tmp_path) == []
    assert not (tmp_path / "logbook.db.new").exists()


def _without_rights() -> tuple[str, ...]:
    """Return what runs a command so that rights hold for it: the administrator may read everything."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("an administrator without setpriv has all rights")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")


@pytest.mark.parametrize(
    ("path", "mode", "said"),
    [
        (".", 0o000, "A logbook is its owner's alone"),
        (".", 0o600, "A logbook is its owner's alone"),
        ("logbook.db", 0o000, "look at the permissions"),
    ],
)
def test_a_logbook_of_somebody_else_is_no_traceback(book, path, mode, said):
    (book / path).chmod(mode)
    script = """
import sys
from pathlib import Path
from logbook_cli.app import main
configs = ["check", "digits-mlp@1"], ["run", sys.argv[2]]
for words in (["ls"], ["note", "r1", "x"], ["fsck"], ["gc"], ["backup"], *configs):
    try:
        main([*words, "--logbook", sys.argv[1]])
    except SystemExit as ended:
        print(ended.code)
"""
    try:
        config = write_config(book.parent, {"training": {"epochs": 1}})
        out, err = python(script, book, config, before=_without_rights()).communicate()
    finally:
        (book / path).chmod(0o700)
    assert out.split() == ["3"] * 7, err
    assert err.count(said) == 7


@needs_mount
def test_a_full_disk_is_said_and_loses_nothing(tmp_path):
    out = in_mount(
        'mount -t tmpfs -o size=1500k tmpfs "FOLDER"',
        """
import os, sys
from pathlib import Path
from logbook.errors import StoreFullError
from logbook.store import open_reader, open_writer
from logbook.store.verify import verify
from tests.running.conftest import write_config
from tests.store.making import begin, epoch, python
folder = Path(sys.argv[1]) / "book"
ballast = folder.parent / "ballast"
ballast.write_bytes(bytes(200_000))
with open_writer(folder) as writer:
    run = begin(writer).number
    written = 0
    try:
        while True:
            writer.append_epoch(run, 1, epoch(written + 1), os.urandom(20_000))
            written += 1
    except StoreFullError as error:
        assert "bytes free" in str(error) and error.exit_status == 3
    with open_reader(folder) as reader:
        assert len(reader.epochs(run)) == written > 5
    ballast.unlink()
    for _ in range(2):
        written += 1
        writer.append_epoch(run, 1, epoch(written), b"")
with open_reader(folder) as reader:
    assert len(reader.epochs(run)) == reader.summary(run).epochs == written
print(verify(folder))
""",
        tmp_path,
    )
    assert out == "[]\n"


@needs_mount
def test_a_read_only_folder_can_be_read_and_copied_and_says_why_it_cannot_be_written(book):
    out = in_mount(
        'mount --bind "FOLDER" "FOLDER" && mount -o remount,ro,bind "FOLDER"',
        """
import sys
from pathlib import Path
from logbook.backing_up import back_up
from logbook.errors import StoreError
from logbook.store import open_reader, open_writer
with open_reader(Path(sys.argv[1])) as reader:
    print(len(reader.epochs(1)), reader.summary(1).status)
try:
    open_writer(Path(sys.argv[1]))
except StoreError as error:
    print(error)
silence = lambda *_: None
copy = back_up(sys.argv[1] + "-copy", logbook=sys.argv[1], tell=silence)
print(copy.runs, copy.noted, copy.remarks[0].startswith("the ledger has no note of this backup"))
try:
    back_up(logbook=sys.argv[1], tell=silence)
except StoreError as error:
    print(error)
""",
        book,
    )
    assert out.startswith("29 crashed\n")
    assert "Read-only file system" in out
    assert "it can still be read" in out
    assert "\n1 0 True\n" in out
    assert "name another place: `logbook backup FOLDER`" in out
    assert verify(book.with_name("book-copy")) == []
