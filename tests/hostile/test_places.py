"""Links and names in a stranger's folder lead nowhere: nothing outside the logbook is written, cut short or removed."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from logbook.errors import StoreError
from logbook.store.location import checkpoint_folder, live_path
from tests.cli.books import add_run
from tests.cli.books import logbook as cli
from tests.running.conftest import Command, write_config
from tests.running.test_careful import environment

SECRET = "the person's own, not to be touched\n"


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of the person's with a file in it; afterwards both are as they were."""
    place = tmp_path_factory.mktemp("outside")
    (place / "secret").write_text(SECRET)
    yield place
    assert [file.name for file in place.iterdir()] == ["secret"]
    assert (place / "secret").read_text() == SECRET


def link(path: Path, to: Path) -> None:
    """Put a link in the place of a file or folder, which is moved away."""
    if path.exists():
        path.rename(path.with_name(f"{path.name}.away"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(to)


LINKS: dict[str, Callable[[Path, Path], tuple[Path, Path]]] = {
    "the checkpoints": lambda kept, out: (kept.parent, out),
    "the checkpoints of a run": lambda kept, out: (kept, out),
    "the last checkpoint": lambda kept, out: (kept / "last.pt", out / "secret"),
    "the lock of the run": lambda kept, out: (kept.parents[1] / "live" / kept.name, out / "secret"),
    "the folder of such locks": lambda kept, out: (kept.parents[1] / "live", out),
    "the lock of the writer": lambda kept, out: (kept.parents[1] / "write.lock", out / "secret"),
    "the logbook's file": lambda kept, out: (kept.parents[1] / "logbook.db", out / "secret"),
}


@pytest.mark.parametrize("place", LINKS)
def test_a_link_to_elsewhere_is_refused_and_not_followed(
    logbook: Command, folder: Path, kept: Path, outside: Path, place: str
) -> None:
    path, to = LINKS[place](kept, outside)
    link(path, to)
    answer = logbook("resume", "r1")
    assert answer.status == 3, answer.err
    assert f"{path} is a symbolic link" in answer.err
    logbook("predict", "r1", "rows.csv", "--checkpoint", "last")
    logbook("ls")
    logbook("show", "r1")
    told = logbook("fsck")
    if "checkpoint" in place:
        assert (told.status, f"{path} is a symbolic link" in told.out) == (3, True), told.out
    logbook("backup", "copy", "--checkpoints")
    logbook("gc", "--keep", "none", "--unfinished")
    copied = [file for file in (folder / "copy").rglob("*") if file.is_file()] if (folder / "copy").exists() else []
    assert not any(SECRET.encode() in file.read_bytes() for file in copied)


def test_a_backup_follows_no_link_in_the_place_of_its_folder(
    logbook: Command, folder: Path, kept: Path, outside: Path
) -> None:
    link(folder / ".logbook" / "backups", outside)
    answer = logbook("backup")
    assert (answer.status, "backups is a symbolic link" in answer.err) == (3, True), answer.err


ODD_FILES: dict[str, Callable[[Path, Path], None]] = {
    "is a symbolic link": lambda path, out: path.symlink_to(out / "secret"),
    "is no file": lambda path, _: os.mkfifo(path),
}


@pytest.mark.parametrize("said", ODD_FILES)
def test_no_upkeep_reads_what_stands_in_the_place_of_a_checkpoint(
    logbook: Command, folder: Path, kept: Path, outside: Path, said: str
) -> None:
    (kept / "last.pt").unlink()
    ODD_FILES[said](kept / "last.pt", outside)
    # What a killed training left half written, where its link leads to nothing.
    (kept / ".last.pt.tmp").symlink_to(outside / "nothing")
    found = logbook("fsck")
    assert found.status == 3
    assert f"last.pt {said}" in found.out
    copied = logbook("backup", "copy", "--checkpoints")
    assert copied.status == 3
    assert f"last.pt {said}" in copied.err
    assert not (folder / "copy").exists()
    assert logbook("backup", "copy").status == 0
    assert logbook("gc", "--keep", "none", "--unfinished").status == 0
    assert not (kept / ".last.pt.tmp").is_symlink()


@pytest.mark.parametrize("name", [".last.pt.tmp", ".best.pt.tmp", "best.pt"])
def test_a_link_where_a_file_is_written_is_replaced(
    logbook: Command, folder: Path, kept: Path, outside: Path, name: str
) -> None:
    link(kept / name, outside / "secret")
    answer = logbook("resume", "r1")
    assert answer.status == 0, answer.err
    assert not (kept / "last.pt").is_symlink()
    assert not (kept / "best.pt").is_symlink()


@pytest.mark.parametrize("name", ["logbook.db-wal", "logbook.db-shm", "logbook.db.new", "fingerprints.json"])
def test_links_beside_the_file_are_not_followed(
    logbook: Command, folder: Path, kept: Path, outside: Path, name: str
) -> None:
    link(folder / ".logbook" / name, outside / "secret")
    for words in (["ls"], ["note", "r1", "x"], ["fsck"], ["run", "cfg.json", "--quiet"]):
        answer = logbook(*words)
        assert answer.status in (0, 1, 3, 130)
        assert "Traceback" not in answer.err


def test_a_link_where_the_logbook_is_made_is_not_followed(logbook: Command, folder: Path, outside: Path) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    for name in ("logbook.db", "logbook.db.new", "write.lock"):
        store = folder / f"{name}-store"
        store.mkdir()
        (store / name).symlink_to(outside / ("nothing" if name == "logbook.db" else "secret"))
        answer = logbook("run", "cfg.json", "--quiet", "--logbook", str(store))
        # A link that leads to nothing is replaced by the file; a lock is not replaced.
        assert answer.status == (3 if name == "write.lock" else 0), answer.err
        assert answer.status == 3 or not (store / "logbook.db").is_symlink()


def test_a_lock_that_is_another_name_of_a_file_is_refused(
    logbook: Command, kept: Path, folder: Path, outside: Path
) -> None:
    lock = folder / ".logbook" / "live" / kept.name
    try:
        os.link(outside / "secret", lock)
    except OSError:
        pytest.skip("the two folders lie on different file systems")
    answer = logbook("resume", "r1")
    assert answer.status == 3
    assert "another name" in answer.err


def test_a_pipe_in_the_place_of_a_file_hangs_nobody(logbook: Command, kept: Path, folder: Path) -> None:
    os.mkfifo(folder / ".logbook" / "live" / kept.name)
    (kept / "last.pt").unlink()
    os.mkfifo(kept / "last.pt")
    assert logbook("ls").status == 0
    assert logbook("predict", "r1", "rows.csv", "--checkpoint", "last").status == 4
    assert logbook("resume", "r1").status == 3
    assert "last.pt is no file" in logbook("fsck").out
    assert "last.pt is no file" in logbook("backup", "copy", "--checkpoints").err


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "the file is empty"),
        (lambda path: path.symlink_to("/dev/zero"), "has more than 1,048,576 bytes"),
        (lambda path: path.symlink_to("/dev/full"), "has more than 1,048,576 bytes"),
    ],
    ids=["a pipe", "zeros", "full"],
)
def test_a_config_without_an_end_is_refused(
    logbook: Command, folder: Path, make: Callable[[Path], None], said: str
) -> None:
    make(folder / "c.json")
    for words in (["check", "c.json"], ["diff", "c.json"], ["tried", "c.json"], ["new", "--from", "c.json"]):
        answer = logbook(*words)
        assert answer.status == 2, answer.err
        assert said in answer.err


def test_a_config_is_read_from_a_pipe_that_fills_later(logbook: Command, folder: Path) -> None:
    """As `logbook check <(…)` gives it: a path of a pipe, which another process writes to when it is ready."""
    write_config(folder)
    content = (folder / "cfg.json").read_bytes()
    ours, theirs = os.pipe()

    def fill() -> None:
        time.sleep(0.3)
        os.write(theirs, content)
        os.close(theirs)

    writer = threading.Thread(target=fill)
    writer.start()
    answer = logbook("check", f"/dev/fd/{ours}")
    writer.join()
    os.close(ours)
    assert answer.status == 0, answer.err


CSV = ["--set", "task=regression", "--set", 'data.source={"kind": "csv", "path": "x.csv", "target": "y"}']


def test_a_pipe_in_the_place_of_data_is_no_file(logbook: Command, folder: Path) -> None:
    write_config(folder)
    os.mkfifo(folder / "x.csv")
    answer = logbook("check", "cfg.json", "--data", *CSV)
    assert answer.status == 2
    assert "x.csv is neither a file nor a folder" in answer.err


def test_a_pipe_in_the_place_of_the_known_fingerprints_is_not_waited_for(logbook: Command, folder: Path) -> None:
    write_config(folder)
    (folder / "x.csv").write_text("x,y\n" + "".join(f"{n},{2 * n}\n" for n in range(40)))
    os.utime(folder / "x.csv", (1, 1))  # old enough for its hash to be remembered
    (folder / ".logbook").mkdir()
    os.mkfifo(folder / ".logbook" / "fingerprints.json")
    assert logbook("run", "cfg.json", "--quiet", "--force", "--set", "training.epochs=1", *CSV).status == 0


def test_the_whole_logbook_may_lie_elsewhere(
    logbook: Command, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """That is a person's own choice: `.logbook` is looked for by its name and nothing else."""
    elsewhere = tmp_path_factory.mktemp("disk")
    (folder / ".logbook").symlink_to(elsewhere)
    write_config(folder, {"training": {"epochs": 1}})
    assert logbook("run", "cfg.json", "--quiet").status == 0
    assert {"logbook.db", "checkpoints"} <= {file.name for file in elsewhere.iterdir()}
    assert logbook("show", "r1", "--json").json["status"] == "finished"


NAMES = ["../../etc", "..", "/etc/passwd", "a/b", "a\x00b", "x" * 300, "%2e%2e", "..\\x", "a\n", ".", "~", "CON.", "é"]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
@pytest.mark.parametrize("place", [live_path, checkpoint_folder])
def test_a_run_whose_uuid_is_a_path_has_no_files(tmp_path: Path, place: Callable[[Path, str], Path], name: str) -> None:
    with pytest.raises(StoreError, match="damaged"):
        place(tmp_path, name)


def test_a_strangers_logbook_whose_run_is_a_path_is_refused(
    logbook: Command, folder: Path, kept: Path, outside: Path
) -> None:
    book = folder / ".logbook" / "logbook.db"
    climbing = os.path.relpath(outside / "secret", kept.parent)
    with closing(sqlite3.connect(book)) as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("UPDATE run SET uuid = ?", (climbing,))
        raw.execute("UPDATE summary SET uuid = ?, status = 'running'", (climbing,))
        raw.commit()
    for words in (
        ["resume", "r1"],
        ["predict", "r1", "rows.csv"],
        ["show", "r1"],
        ["ls"],
        ["search", "status:crashed"],
    ):
        answer = logbook(*words)
        assert "Traceback" not in answer.err
        assert answer.status in (0, 3), answer.err
    assert logbook("predict", "r1", "rows.csv").status == 3


LOOKALIKES = ["\u0455gd", "\uff41bc", "a\u202eb", "a\u200bb", "cafe\u0301", "a\u00a0b"]


@pytest.mark.parametrize("name", [*(name for name in NAMES if name != "CON."), *LOOKALIKES], ids=ascii)
def test_a_config_has_no_name_that_leads_elsewhere_or_looks_like_another(
    logbook: Command, folder: Path, name: str
) -> None:
    write_config(folder)
    raw = json.loads((folder / "cfg.json").read_text())
    (folder / "cfg.json").write_text(json.dumps(raw | {"name": name}))
    answer = logbook("check", "cfg.json")
    assert answer.status == 2
    assert "name" in answer.err


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a logbook of one run, and a config."""
    folder = tmp_path_factory.mktemp("book")
    add_run(folder / ".logbook", losses=(0.5, 0.4))
    write_config(folder)
    return folder


LONG = "x" * 300


@pytest.mark.parametrize(
    "words",
    [
        *(
            ["diff", LONG],
            ["check", LONG],
            ["check", f"{LONG}.json"],
            ["tried", LONG],
            ["new", LONG],
            ["ls", "--logbook", LONG],
        ),
        *(
            ["new", "--from", "r1", LONG],
            ["run", "cfg.json", "--logbook", LONG],
            ["backup", LONG],
            ["predict", "r1", LONG],
        ),
        *(["export", "--output", LONG], ["report", "r1", "-o", LONG], ["plot", "r1", "-o", f"{LONG}.png"]),
    ],
    ids=lambda words: " ".join(words).replace(LONG, "LONG"),
)
def test_a_name_that_no_file_can_have_is_told(book: Path, words: list[str]) -> None:
    done = cli(*words, cwd=book)
    assert done.returncode in (2, 3, 4), done.stderr
    assert "error: " in done.stderr


# Root may enter any folder, as long as it has these capabilities.
NOT_AS_ROOT = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


@pytest.mark.skipif(os.getuid() == 0 and shutil.which("setpriv") is None, reason="root may enter any folder")
@pytest.mark.parametrize("words", [["ls", "--logbook", "locked/x"], ["check", "locked/c.json"], ["backup", "locked/x"]])
def test_a_folder_that_may_not_be_entered_is_told(book: Path, words: list[str]) -> None:
    locked = book / "locked"
    locked.mkdir(exist_ok=True)
    locked.chmod(0)
    before = NOT_AS_ROOT if os.getuid() == 0 else ()
    try:
        done = subprocess.run(
            [*before, sys.executable, "-m", "logbook_cli", *words],
            cwd=book,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        locked.chmod(0o700)
    assert done.returncode == (2 if words[0] == "check" else 3)
    assert done.stderr.startswith("error: ")
    assert "Permission denied" in done.stderr


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "..", "x" * 300, "a\nb"], ids=ascii)
def test_a_checkpoint_is_one_of_two_words(logbook: Command, kept: Path, name: str) -> None:
    answer = logbook("predict", "r1", "rows.csv", "--checkpoint", name)
    assert answer.status == 2
    assert "it is one of best, last" in answer.err
