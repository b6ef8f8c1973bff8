"""Files that are damaged as disks and power cuts damage them: each command says so, exit 3, and writes nothing."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from logbook.store import open_reader, open_writer
from logbook.store.schema import SCHEMA_VERSION
from logbook.store.verify import verify
from logbook_cli.commands import COMMANDS
from tests.cli.books import logbook
from tests.running.conftest import write_config
from tests.store.flipping import make_whole
from tests.store.making import begin, epoch, python

ASSETS = Path(__file__).parents[1] / "store" / "assets"
CUTS = 200 if os.environ.get("LOGBOOK_SOAK") else 40


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make_whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def home(whole, tmp_path):
    """A folder with a logbook in it, and a config to run."""
    shutil.copytree(whole, tmp_path / ".logbook")
    write_config(tmp_path, {"training": {"epochs": 1}})
    return tmp_path


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 * 3 + 100])


def _zero_first_page(path: Path) -> None:
    path.write_bytes(bytes(4096) + path.read_bytes()[4096:])


def _other_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE run (id INTEGER)")
        connection.commit()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")


def _says_older(path: Path) -> None:
    """A bit of the version in the file's beginning has flipped."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION & ~2}")


def _text(path: Path) -> None:
    path.write_text("run,loss\n1,0.5\n" * 100)


SPOILT = {
    _truncate: "is damaged",
    _zero_first_page: "no SQLite database",
    _other_program: "another program made it",
    _empty: "0 bytes",
    _newer: "made by a newer release",
    _says_older: "it is damaged, and is not upgraded",
    _text: "no SQLite database",
}
WORDS = {
    "new": ["new.json", "--from", "digits-mlp@1"],
    "run": ["cfg.json"],
    "resume": ["r3"],
    "rerun": ["r1"],
    "check": ["cfg.json"],
    "tried": ["cfg.json"],
    "judge": ["--all"],
    "rule": ["L101"],
    "ls": [],
    "show": ["r1", "--json"],
    "diff": ["r1", "r2"],
    "compare": ["r1", "r2"],
    "importance": ["digits-mlp"],
    "plot": ["r1"],
    "report": ["r1"],
    "log": ["digits-mlp"],
    "search": ["lr<1", "--save", "mine"],
    "progress": [],
    "sql": ["SELECT 1"],
    "note": ["r1", "x"],
    "tag": ["r1", "x"],
    "outcome": ["r1", "done", "--because", "x"],
    "predict": ["r1", "rows.csv"],
    "export": [],
    "fsck": ["--rebuild"],
    "backup": ["copy"],
    "redact": ["r1", "--match", "password", "--yes"],
    "gc": ["--keep", "none"],
}
"""How each command is called that asks a logbook."""


def test_every_command_is_tried_on_damaged_files():
    assert {*WORDS, "schema"} == {command.name for command in COMMANDS}


@pytest.mark.parametrize("command", WORDS)
def test_each_command_says_what_is_wrong_and_leaves_the_file_as_it_is(home, whole, command):
    path = home / ".logbook" / "logbook.db"
    (home / "rows.csv").write_text("1,2\n")
    for spoil, message in SPOILT.items():
        shutil.copyfile(whole / "logbook.db", path)
        spoil(path)
        before = path.read_bytes()
        done = logbook(command, *WORDS[command], cwd=home)
        assert done.returncode == 3, (spoil, done.stderr)
        assert message in done.stderr + done.stdout, (spoil, done.stderr)
        assert "Traceback" not in done.stderr
        assert path.read_bytes() == before, spoil
        assert not list(path.parent.glob("*.before-version-*"))
        assert not (home / "copy").exists()


def test_a_page_of_zeros_is_told_wherever_it_lies(home):
    path = home / ".logbook" / "logbook.db"
    whole = path.read_bytes()
    said = 0
    for page in random.Random(3).sample(range(1, len(whole) // 4096), 12):
        changed = whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :]
        path.write_bytes(changed)
        done = logbook("fsck", cwd=home)
        assert (done.returncode, "Traceback" in done.stderr) == (3, False), page
        shown = [logbook(*words, cwd=home) for words in (["ls"], ["show", "r1"], ["show", "r3", "--json"])]
        said += sum(one.returncode == 3 for one in shown)
        assert {one.returncode for one in shown} <= {0, 3}, page
        assert path.read_bytes() == changed
    assert said > 0


def test_a_log_that_is_cut_or_altered_anywhere_leaves_a_prefix_of_the_commits(tmp_path):
    """A power cut tears the write-ahead log: what is there afterwards are the first n commits, whole."""
    folder = tmp_path / "book"
    with open_writer(folder) as writer:
        run = begin(writer).number
        for number in range(1, 25):
            writer.append_epoch(run, 1, epoch(number), os.urandom(300))
        database, log = ((folder / name).read_bytes() for name in ("logbook.db", "logbook.db-wal"))
    assert len(log) > 50_000
    chance, lengths = random.Random(5), set()
    for place in range(CUTS):
        torn = tmp_path / f"torn-{place}"
        torn.mkdir()
        (torn / "logbook.db").write_bytes(database)
        at = chance.randrange(len(log))
        if place % 2:
            cut = bytearray(log)
            cut[at] ^= 1 << chance.randrange(8)
        else:
            cut = bytearray(log[:at])
        (torn / "logbook.db-wal").write_bytes(bytes(cut))
        with open_reader(torn) as reader:
            epochs = [one.epoch for one in reader.epochs(run)] if reader.runs() else []
        assert epochs == list(range(1, len(epochs) + 1)), at
        assert verify(torn) == [], at
        lengths.add(len(epochs))
    assert len(lengths) > 3


@pytest.mark.parametrize("statement", range(10, 350, 30))
def test_a_migration_that_is_killed_leaves_the_old_logbook(tmp_path, statement):
    folder = tmp_path / "book"
    folder.mkdir()
    shutil.copyfile(ASSETS / "schema-3.db", folder / "logbook.db")
    script = """
import os, sqlite3, sys
from pathlib import Path
from logbook.store import open_writer

class Dying(sqlite3.Connection):
    left = int(sys.argv[2])
    def count(self):
        Dying.left -= 1
        if Dying.left == 0:
            os.kill(os.getpid(), 9)
    def cursor(self, *arguments, **options):
        self.count()
        return super().cursor(*arguments, **options)
    def execute(self, *arguments, **options):
        self.count()
        return super().execute(*arguments, **options)

connect = sqlite3.connect
sqlite3.connect = lambda *arguments, **options: connect(*arguments, **{**options, "factory": Dying})
open_writer(Path(sys.argv[1]))
print("whole")
"""
    out, _ = python(script, folder, statement).communicate()
    with closing(sqlite3.connect(f"file:{folder / 'logbook.db'}?mode=ro", uri=True)) as raw:
        (version,) = raw.execute("PRAGMA user_version").fetchone()
        tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_master")}
        assert raw.execute("SELECT count(*) FROM run").fetchone() == (5,)
    # Killed behind the last statement it is upgraded, though nobody has said so.
    assert version in ((SCHEMA_VERSION,) if out else (3, SCHEMA_VERSION))
    assert ("redaction" in tables, "saved_search" in tables) == ((False, False) if version == 3 else (True, True))
    assert version == 3 or statement > 250
    with open_reader(folder) as reader:
        assert len(reader.runs()) == 5
    assert verify(folder) == []


def test_processes_that_upgrade_at_once_upgrade_once(tmp_path):
    shutil.copyfile(ASSETS / "schema-1.db", tmp_path / "logbook.db")
    script = """
import sys
from pathlib import Path
from logbook.store import open_reader
sys.stdin.read(1)
with open_reader(Path(sys.argv[1])) as reader:
    print(len(reader.runs()))
"""
    children = [python(script, tmp_path, stdin=-1) for _ in range(4)]
    for child in children:
        child.stdin.write("x")
        child.stdin.flush()
    assert [child.communicate() for child in children] == [("5\n", "")] * 4
    assert verify(tmp_path) == []
