"""The command as a whole: help, errors, exit statuses, and what is imported for what."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from logbook_cli.commands import COMMANDS
from tests.cli.books import ROOT
from tests.cli.books import logbook_process as logbook

CLI = ROOT / "cli" / "logbook_cli"
SHARED = {
    "__init__",
    "__main__",
    "app",
    "commands",
    "counting",
    "journal",
    "options",
    "output",
    "watching",
    "training",
    "version",
}
HEAVY = {"torch", "pandas", "git", "sqlalchemy", "sqlmodel", "alembic", "sklearn"}


def imported_by(*arguments: str, cwd: Path) -> set[str]:
    """Run a command in a process and return the packages that it imported."""
    code = (
        "import sys, logbook_cli.app\n"
        "try: logbook_cli.app.main(sys.argv[1:])\n"
        "finally: print(*sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


def test_every_command_has_a_file_and_every_file_a_command() -> None:
    files = {path.stem for path in CLI.glob("*.py")} - SHARED
    assert files == {entry.name for entry in COMMANDS}
    assert len(files) >= 13


def test_help_lists_every_command_and_imports_none(tmp_path: Path) -> None:
    done = logbook("--help", cwd=tmp_path)
    assert done.returncode == 0
    for entry in COMMANDS:
        assert f"{entry.name} " in done.stdout
        assert entry.about in done.stdout
    loaded = imported_by("--help", cwd=tmp_path)
    assert not loaded & (HEAVY | {"pydantic", "pydantic_core", "rich", "parsy", "sqlite3", "logbook_schemas"})


@pytest.mark.parametrize("command", [entry.name for entry in COMMANDS])
def test_every_command_explains_itself_and_takes_json_and_logbook(command: str, tmp_path: Path) -> None:
    done = logbook(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "--json" in done.stdout
    assert "--logbook" in done.stdout or command == "schema"  # which asks no logbook
    assert not done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("ls",), ("show", "r1"), ("diff", "r1", "r2"), ("diff", "r1", "r3"), ("search", "lr<1"), ("compare", "r1", "r2")],
    ids=" ".join,
)
def test_reading_imports_nothing_heavy(arguments: tuple[str, ...], home: Path) -> None:
    loaded = imported_by(*arguments, cwd=home)
    assert "sqlite3" in loaded
    assert not loaded & (HEAVY | {"rich", "numpy"})


def test_no_arguments_is_a_question_and_no_mistake(tmp_path: Path) -> None:
    done = logbook(cwd=tmp_path)
    assert done.returncode == 0
    assert "Usage: logbook" in done.stdout


def test_a_misspelt_command_is_wrong_use_with_the_nearest(tmp_path: Path) -> None:
    done = logbook("shw", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: No such command 'shw'. Did you mean 'show'")
    assert done.stdout == ""


def test_wrong_use_says_where_help_is(home: Path) -> None:
    done = logbook("outcome", "r1", "dead-end", cwd=home)
    assert done.returncode == 2
    assert "--because" in done.stderr
    assert "'logbook outcome --help'" in done.stderr


def test_errors_are_json_too_where_json_was_asked_for(home: Path) -> None:
    done = logbook("show", "r99", "--json", cwd=home)
    assert done.returncode == 4
    error = json.loads(done.stdout)["error"]
    assert error["status"] == 4
    assert "r99" in error["message"]
    assert error["problems"] == []
    assert done.stderr.startswith("error: ")


def test_wrong_use_is_json_too(tmp_path: Path) -> None:
    done = logbook("ls", "--limit", "none", "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["status"] == 2


def test_a_file_that_is_no_logbook_is_a_store_error_without_traceback(tmp_path: Path) -> None:
    folder = tmp_path / ".logbook"
    folder.mkdir()
    (folder / "logbook.db").write_text("this is no database, however long it is" * 100)
    done = logbook("ls", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert (folder / "logbook.db").read_text().startswith("this is no database")


def test_the_version_is_told(tmp_path: Path) -> None:
    done = logbook("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("logbook ")


def test_another_logbook_in_the_same_environment_is_noticed(tmp_path: Path) -> None:
    other = tmp_path / "site" / "logbook-1.8.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: Logbook\nVersion: 1.8\n")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "schemas"), str(ROOT / "cli"), str(other.parent)])
    done = logbook("--version", cwd=tmp_path, env={"PYTHONPATH": paths})
    assert "'Logbook'" in done.stderr


def test_a_closed_pipe_is_silent(home: Path) -> None:
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "logbook_cli", "ls"],
        cwd=home,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_output_that_finds_no_room_is_an_error_in_one_line(home: Path) -> None:
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "logbook_cli", "ls"],
            cwd=home,
            env={**os.environ, "PYTHONPATH": paths},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr.startswith("error: the output can't be written: No space left")
    assert done.stderr.count("\n") == 1
    assert done.returncode == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_a_stream_that_was_closed_from_the_start_is_no_error(home: Path, closed: str) -> None:
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m logbook_cli note r1 seen --json {closed}"],
        cwd=home,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_output_in_ascii_is_legible_and_json_stays_json(home: Path) -> None:
    assert logbook("note", "r1", "zażółć", cwd=home).returncode == 0
    shown = logbook("show", "r1", cwd=home, encoding="ascii")
    assert shown.returncode == 0
    assert "za\\u017c\\xf3\\u0142\\u0107" in shown.stdout
    document = json.loads(logbook("show", "r1", "--json", cwd=home, encoding="ascii").stdout)
    assert document["journal"][0]["text"] == "zażółć"


def test_completion_knows_the_commands(tmp_path: Path) -> None:
    env = {"_LOGBOOK_COMPLETE": "complete_bash", "COMP_WORDS": "logbook se", "COMP_CWORD": "1"}
    assert logbook(cwd=tmp_path, env=env).stdout.split() == ["search"]
