"""On a terminal of 80 columns tables stay readable: what is read stands whole, runs are compared some at a time."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cli.books import ROOT, add_run, logbook

COLUMNS = 80
REASON = (
    "The loss fell for three epochs and then stood still at what guessing loses, whatever the rate of learning was."
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("narrow")
    for place in range(8):
        add_run(
            folder / ".logbook",
            losses=(0.9, 0.8 - place / 20),
            optimizer={"kind": "adam", "lr": 10.0 ** (place - 8)},
            hypothesis=f"This is the hypothesis of number {place}, and it is not a short one.",
        )
    logbook("outcome", "r3", "dead-end", "--because", REASON, cwd=folder)
    return folder


def on_terminal(*words: str, cwd: Path) -> str:
    """Return what a process says on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "schemas", "cli"))
    env = {**os.environ, "PYTHONPATH": paths, "NO_COLOR": "1", "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    env.pop("COLUMNS", None)
    command = [sys.executable, "-m", "logbook_cli", *words]
    with subprocess.Popen(command, cwd=cwd, env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            said += piece
    os.close(ours)
    assert process.returncode == 0, said.decode()
    return said.decode().replace("\r\n", "\n")


def flat(text: str) -> str:
    return " ".join(text.split())


def test_what_is_read_stands_whole_below_its_row(home: Path) -> None:
    for words in (("search", "outcome:dead-end"), ("search", "id=3", "--columns", "lr,reason,hypothesis,config_hash")):
        told = on_terminal(*words, cwd=home)
        assert REASON in flat(told)
        assert max(map(len, told.splitlines())) <= COLUMNS
    assert "reason: The loss fell" in told
    assert "hypothesis: This is the hypothesis of number 2" in told
    config = home / "c.json"
    config.write_text(logbook("export", "r8", "--commented", cwd=home).stdout)
    told = on_terminal("tried", config.name, "--limit", "8", cwd=home)
    assert "change: optimizer.lr 1e-06 → 0.1" in told
    assert REASON in flat(told)


def test_the_words_that_match_are_read_too(home: Path) -> None:
    told = on_terminal("search", "guessing", cwd=home)
    assert "match: " in told
    assert "[guessing]" in told


def test_many_runs_are_compared_some_at_a_time(home: Path) -> None:
    runs = [f"r{place}" for place in range(1, 9)]
    told = on_terminal("compare", *runs, cwd=home)
    heads = [line for line in told.splitlines() if re.match(r" +r\d+ \w+-\w+", line)]
    assert [word for line in heads for word in line.split() if re.fullmatch(r"r\d", word)] == runs
    assert 1 < len(heads) < len(runs)
    assert len([line for line in told.splitlines() if line.startswith("optimizer.lr ")]) == len(heads) + 1
    assert max(len(line) for line in told.split("\n\n")[0].splitlines()) <= COLUMNS
    piped = logbook("compare", *runs, cwd=home).stdout
    assert piped.splitlines()[0].split()[::2] == runs


def test_a_pipe_gets_whole_lines(home: Path) -> None:
    rows = logbook("search", "outcome:dead-end", cwd=home).stdout.splitlines()
    assert len(rows) == 2
    assert rows[1].endswith(REASON)
