"""Bytes that are no UTF-8 on the command line: Python hands them over as lone surrogates, which no text holds."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.cli.books import logbook, make_book

BYTES = "\udcff\udcfe"
ASKED = [
    *("show B", "log B", "search B", "search --sort B lr<1", "search lr<1 --columns B", "search @B", "ls --name B"),
    *("ls --columns B", "sql B", "diff B r1", "diff r1 B", "compare B", "tried B", "progress B", "progress --tag B"),
    *("importance --metric B", "importance B", "rule B", "judge B", "judge --name B", "export B", "export --columns B"),
    *("export --what B", "export --commented B", "report B", "plot B", "plot --what B r1", "check B", "resume B"),
    *("predict B B", "note r1 B", "tag r1 B", "outcome r1 done --because B", "new --from B", "search --save B lr<1"),
    *("show B --json", "sql 'SELECT 1 AS B'", "run B.json", "check B.json", "schema B", "B"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bytes")
    make_book(folder / ".logbook")
    return folder


@pytest.mark.parametrize("command", ASKED)
def test_bytes_that_are_no_text_end_in_a_message(home: Path, command: str) -> None:
    done = logbook(*(word.replace("B", BYTES) for word in shlex.split(command)), cwd=home)
    assert done.returncode in (0, 2, 4), done.stderr
    assert done.returncode == 0 or "error: " in done.stderr
