"""`logbook show RUN --code`: the sources as the run loaded them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.cli.books import ROOT, add_run, logbook
from tests.cli.test_startup import HEAVY, modules_of


def test_sources_are_listed_and_printed_as_they_were(home: Path) -> None:
    (home / "net.py").write_text("x = 'what it is today'\n")
    done = logbook("show", "r3", "--code", cwd=home)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[2].split() == ["file", "lines", "bytes"]
    assert lines[3].split() == ["net.py", "1", "5"]
    assert "==> net.py <==\nx = 2" in done.stdout
    assert "today" not in done.stdout
    assert "x = 1" in logbook("show", "r1", "--code", cwd=home).stdout


def piped(home: Path, *words: str, **environment: str) -> bytes:
    """Return what the command writes into a pipe, to the byte."""
    command = [sys.executable, "-m", "logbook_cli", "show", *words]
    done = subprocess.run(command, cwd=home, env={**os.environ, **environment}, capture_output=True, check=True)
    assert b"net.py" in done.stderr
    return done.stdout


def test_one_source_goes_into_a_pipe_to_the_byte(home: Path) -> None:
    source = "def net():\r\n\treturn '\x1b[31m é'\n\n\n"
    add_run(home / ".logbook", losses=(0.5,), source=source)
    assert piped(home, "@", "--code", "net.py", PYTHONIOENCODING="ascii") == source.encode()
    document = json.loads(logbook("show", "@", "--code", "net.py", "--json", cwd=home).stdout)
    assert document["files"][0]["text"] == source
    whole = logbook("show", "@", "--code", cwd=home).stdout
    assert "\x1b" not in whole
    assert "\\x1b[31m é" in whole


def test_a_source_is_read_in_the_encoding_that_it_names(home: Path) -> None:
    source = "# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1")
    add_run(home / ".logbook", losses=(0.5,), source=source)
    assert "name = 'é'" in logbook("show", "@", "--code", cwd=home).stdout
    assert piped(home, "@", "--code", "net.py") == source


@pytest.mark.parametrize("more", [[], ["net.py"], ["--diff"]])
def test_the_document_is_as_its_schema_says(home: Path, more: list[str]) -> None:
    schema = json.loads(logbook("schema", "code", cwd=home).stdout)
    document = json.loads(logbook("show", "r1", "--code", *more, "--json", cwd=home).stdout)
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(document)) == []
    assert [file["path"] for file in document["files"]] == ["net.py"]
    assert document["files"][0]["text"] == "x = 1"


def test_what_has_changed_since_is_told(home: Path, tmp_path: Path) -> None:
    told = logbook("show", "r1", "--code", "--diff", cwd=home).stdout
    assert "-x = 1" in told
    assert "+++ (not there any more)" in told


def test_line_ends_alone_are_a_change_too(tmp_path: Path) -> None:
    add_run(tmp_path / ".logbook", losses=(0.5,), source="x = 1\n", config_folder=str(tmp_path))
    file = tmp_path / "net.py"
    file.write_bytes(b"x = 1\r\n")
    assert "how lines end is not" in logbook("show", "@", "--code", "--diff", cwd=tmp_path).stdout
    file.write_bytes(b"x = 1\n")
    assert "(the same now)" in logbook("show", "@", "--code", "--diff", cwd=tmp_path).stdout


def test_a_path_may_be_written_as_it_lies(home: Path, tmp_path: Path) -> None:
    add_run(tmp_path / ".logbook", losses=(0.5,), source="x = 1\n", config_folder=str(tmp_path / "configs"))
    for path in ("net.py", "./net.py", "configs/net.py", str(tmp_path / "configs" / "net.py")):
        assert "x = 1" in logbook("show", "@", path, "--code", cwd=tmp_path).stdout


def test_a_path_that_was_not_loaded_is_told_the_nearest(home: Path) -> None:
    done = logbook("show", "r1", "--code", "nte.py", cwd=home)
    assert done.returncode == 4
    assert "did you mean 'net.py'" in done.stderr
    assert logbook("show", "r9", "--code", cwd=home).returncode == 4


@pytest.mark.parametrize("words", [["r1", "net.py"], ["r1", "--diff"]])
def test_a_path_without_code_is_wrong_use(home: Path, words: list[str]) -> None:
    done = logbook("show", *words, cwd=home)
    assert done.returncode == 2
    assert "goes with --code" in done.stderr


def test_a_run_that_loaded_nothing_says_so(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "digits" / "mlp.json", tmp_path)
    run = logbook("run", "mlp.json", "--set", "training.epochs=1", "--quiet", "--logbook", "book", cwd=tmp_path)
    assert run.returncode == 0
    done = logbook("show", "@", "--code", "--logbook", "book", cwd=tmp_path)
    assert done.returncode == 0
    assert "it loaded no code of your own" in done.stdout
    missing = logbook("show", "@", "--code", "net.py", "--logbook", "book", cwd=tmp_path)
    assert missing.returncode == 4
    assert "loaded no code of your own" in missing.stderr


def test_it_reads_and_imports_little(home: Path) -> None:
    assert not modules_of("show", "r1", "--code", cwd=home) & HEAVY
