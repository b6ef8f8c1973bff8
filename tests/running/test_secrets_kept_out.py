"""Secrets in every place that a run records, and none of them in any file of the logbook: rows, contents, raw bytes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from logbook.provenance.secrets import SECRET_NAMES, SECRET_PATTERNS, TOKEN_BEGINNINGS
from logbook.store.packing import register, unpacked_column
from tests.cli.books import logbook as cli
from tests.running.conftest import write_config

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "an environment variable": "envXq0001",
    "a listed environment variable": "listedXq0002",
    "an option of the command line": "optionXq0003",
    "a URL on the command line": "urlXq0004",
    "a changed line": "diffXq0005",
    "a changed file of secrets": "changedFileXq0006",
    "an untracked file": "untrackedXq0007",
    "an untracked file of secrets": "dotenvXq0008",
    "the remote": "remoteXq0009",
    "a source that is imported": "sourceXq0010",
    "an error": "errorXq0011",
    "a key": "MIIEowXq0012Body",
    "a note": "noteXq0013",
    "a note of the run": "runNoteXq0014",
    "a reason": "reasonXq0015",
}
NET = """
import torch
API_KEY = "sourceXq0010"

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.line, self.steps = torch.nn.Linear(64, 10), 0
    def forward(self, x):
        self.steps += self.training
        if self.steps > 60:
            raise ConnectionError("no answer from postgresql://ada:errorXq0011@db.example.org/x")
        return self.line(x.flatten(1))
"""
RUN = """
import sys
sys.argv = ["logbook", "run", "cfg.json", "--note", sys.argv[-1]]
from logbook_cli.app import main
main()
"""


def git(folder: Path, *words: str) -> None:
    me = ["-c", "user.email=a@b", "-c", "user.name=x"]
    subprocess.run(["git", *me, *words], cwd=folder, check=True, capture_output=True)


def everything(folder: Path) -> bytes:
    """Return all that a logbook holds: its files as they are, its texts unpacked, its contents uncompressed."""
    files = b"\0".join(path.read_bytes() for path in (folder / ".logbook").rglob("*") if path.is_file())
    with closing(sqlite3.connect(folder / ".logbook" / "logbook.db")) as raw:
        register(raw)
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [repr(raw.execute(f"SELECT * FROM {name}").fetchall()) for name in names]
        texts = [
            str(raw.execute(f"SELECT {unpacked_column(table)} FROM {table}").fetchall())
            for table in ("config", "run", "record", "epoch", "finding")
        ]
        blobs = [
            zlib.decompress(body) if codec == "zlib" else body
            for codec, body in raw.execute("SELECT codec, body FROM blob")
        ]
    return b"\0".join([files, *(text.encode() for text in (*rows, *texts)), *blobs])


def test_no_secret_that_is_known_by_name_or_pattern_comes_into_the_logbook(tmp_path):
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", f"https://ada:{SECRETS['the remote']}@git.example.org/x.git")
    own = {"model": {"kind": "python", "target": "net:Net"}, "training": {"epochs": 3}}
    write_config(tmp_path, own)
    (tmp_path / "settings.py").write_text("x = 1\n")
    (tmp_path / "credentials.json").write_text("{}\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    (tmp_path / "settings.py").write_text(f"x = 2\npassword = '{SECRETS['a changed line']}'\n")
    (tmp_path / "credentials.json").write_text(json.dumps({"me": SECRETS["a changed file of secrets"]}))
    (tmp_path / "notes.txt").write_text(f"api_key: {SECRETS['an untracked file']}\n")
    (tmp_path / ".env").write_text(f"WORD={SECRETS['an untracked file of secrets']}\n")
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{SECRETS['a key']}\n-----END RSA PRIVATE KEY-----\n"
    (tmp_path / "readme.txt").write_text(key)
    (tmp_path / "net.py").write_text(NET)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "MY_SECRET": SECRETS["an environment variable"],
        "CONDA_DEFAULT_ENV": f"https://ada:{SECRETS['a listed environment variable']}@example.org/env",
    }
    options = ["--token", SECRETS["an option of the command line"]]
    options.append(f"mysql://ada:{SECRETS['a URL on the command line']}@db.example.org/x")
    options.append(f"password={SECRETS['a note of the run']}")
    done = subprocess.run(
        [sys.executable, "-c", RUN, *options],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "ConnectionError" in done.stderr
    said = (
        ("note", "r1", f"token: '{SECRETS['a note']}'"),
        ("outcome", "r1", "dead-end", "--because", f"redis://:{SECRETS['a reason']}@x"),
    )
    for words in said:
        told = cli(*words, cwd=tmp_path)
        assert told.returncode == 0
        assert "what looks like a secret was removed from the text" in told.stderr
        assert SECRETS["a note"] not in told.stdout + told.stderr
    held = everything(tmp_path)
    assert b"ConnectionError" in held
    assert b"[secret removed]" in held
    assert {name for name, secret in SECRETS.items() if secret.encode() in held} == set()


@pytest.mark.parametrize(
    ("kwargs", "path"),
    [
        ({"url": "postgresql://ada:hunter2@db/x"}, "data.source.kwargs.url"),
        ({"api_key": "abcdef"}, "data.source.kwargs.api_key"),
        ({"rows": 100, "name": "password-strength"}, None),
    ],
)
def test_a_secret_in_a_config_is_warned_of_before_it_is_recorded(folder, logbook, kwargs, path):
    (folder / "mine.py").write_text(
        "import numpy\n\ndef rows(**kwargs):\n    return numpy.eye(64), numpy.arange(64) % 2\n"
    )
    source = {"source": {"kind": "python", "target": "mine:rows", "kwargs": kwargs}}
    write_config(folder, {"task": "classification", "data": source, "training": {"epochs": 1}})
    done = logbook("run", "cfg.json")
    assert done.status == 0, done.err
    warned = [line for line in done.err.splitlines() if "looks like a secret" in line]
    assert [line.split()[1] for line in warned] == ([path] if path else [])


def test_the_documentation_lists_every_name_and_pattern_that_is_masked():
    page = (ROOT / "docs" / "secrets.md").read_text()
    for name in SECRET_NAMES:
        assert f"`{name}`" in page, name
    for pattern in SECRET_PATTERNS:
        assert f"- {pattern.name}" in page, pattern.name
    for beginning in TOKEN_BEGINNINGS:
        assert f"`{beginning}`" in page, beginning
