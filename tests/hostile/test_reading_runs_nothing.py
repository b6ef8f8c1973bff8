"""Reading a config, a logbook or what was made of them never runs a line of the code that they name."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.books import logbook
from tests.own_modules import forgotten

MODULE = """
import os
from pathlib import Path

with open(os.environ["TRACE"], "a") as trace:
    trace.write(__name__)

import torch

def data():
    x = torch.randn(64, 3, generator=torch.Generator().manual_seed(0))
    return x, x.sum(1, keepdim=True)

def net():
    return torch.nn.Linear(3, 1)

def loss():
    return torch.nn.functional.mse_loss

def metric():
    return lambda outputs, targets: 0.5

def optimizer(parameters):
    return torch.optim.SGD(parameters, lr=0.01)
"""


def target(name: str) -> dict[str, str]:
    return {"kind": "python", "target": f"stranger:{name}"}


CONFIG = {
    "name": "stranger",
    "task": "regression",
    "data": {"source": target("data")},
    "model": target("net"),
    "loss": target("loss"),
    "metrics": [target("metric")],
    "optimizer": target("optimizer"),
    "training": {"epochs": 2, "device": "cpu", "early_stopping": None},
    "checks": {"ignore": {}},
}

READING = [
    *("check c.json", "check c.json --strict", "check r1", "show r1", "show r1 --code", "ls", "diff c.json r1"),
    *("diff r1 r2", "diff r1", "compare r1 r2", "compare r1 r2 --plot both.png", "search stranger", "log stranger"),
    *("search model.target=stranger:net", "tried c.json", "tried r1", "export", "export --what all --output out"),
    *("export --commented r1", "report r1", "report r1 r2 -o b.html", "plot r1", "judge r1", "judge --all"),
    *("new --from r1 d.json", "new --from c.json e.json", "importance", "progress", "fsck", "rule T101"),
    *("sql 'SELECT * FROM runs'", "note r1 seen", "tag r1 seen", "outcome r1 done --because seen", "schema config"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stranger's folder: a config whose code leaves a trace when it is imported, and a logbook of two runs of it."""
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "stranger.py").write_text(MODULE)
    (folder / "c.json").write_text(json.dumps(CONFIG))
    for words in (("run", "c.json"), ("run", "c.json", "--set", "training.seed=1", "--again")):
        with forgotten(folder):
            done = logbook(*words, "--quiet", cwd=folder, env={"TRACE": str(folder / "trace")})
        assert done.returncode == 0, done.stderr
    assert (folder / "trace").read_text() == "stranger" * 2
    (folder / "trace").unlink()
    return folder


@pytest.mark.parametrize("command", READING)
def test_a_command_that_reads_leaves_no_trace(home: Path, command: str) -> None:
    import shlex

    done = logbook(*shlex.split(command), cwd=home, env={"TRACE": str(home / "trace")})
    assert done.returncode in (0, 1), done.stderr
    assert "error:" not in done.stderr, done.stderr
    assert not (home / "trace").exists()
    assert "stranger" not in sys.modules


def test_the_trace_is_left_where_code_is_meant_to_run(home: Path) -> None:
    for words in (["check", "c.json", "--data"], ["check", "c.json", "--start"]):
        with forgotten(home):
            done = logbook(*words, cwd=home, env={"TRACE": str(home / "trace")})
        assert done.returncode == 0, done.stderr
        (home / "trace").unlink()


# What a stranger's file may hold beside our tables. The functions are not there, or not allowed to a schema.
TRAPS = {
    "a trigger that loads a library": (
        "CREATE TRIGGER trap AFTER INSERT ON journal BEGIN SELECT load_extension('./evil.so'); END"
    ),
    "a trigger that writes a file": "CREATE TRIGGER trap AFTER INSERT ON journal BEGIN SELECT writefile('w', 'x'); END",
    "a trigger that reads a file": (
        "CREATE TRIGGER trap AFTER INSERT ON journal BEGIN SELECT edit('x', 'touch w'); END"
    ),
    "a view in the place of a table": ("CREATE VIEW trap AS SELECT load_extension('./evil.so')"),
    "a tokenizer by its address": "CREATE VIEW trap AS SELECT fts3_tokenizer('simple', x'4141414141414141')",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_what_a_strangers_file_holds_beside_our_tables_does_nothing(home: Path, tmp_path: Path, trap: str) -> None:
    book = tmp_path / ".logbook"
    book.mkdir()
    with closing(sqlite3.connect(home / ".logbook" / "logbook.db")) as source:
        source.execute("VACUUM INTO ?", (str(book / "logbook.db"),))
    with closing(sqlite3.connect(book / "logbook.db")) as raw:
        raw.execute(TRAPS[trap])
        raw.execute("DROP VIEW IF EXISTS standing_finding")
        raw.execute(
            "CREATE VIEW standing_finding AS SELECT * FROM finding WHERE 1 OR load_extension('./evil.so') IS NULL"
        )
        raw.commit()
    before = {path.name for path in tmp_path.iterdir()}
    for words in (
        ["ls"],
        ["show", "r1"],
        ["search", "x"],
        ["fsck"],
        ["sql", "SELECT * FROM trap"],
        ["note", "r1", "x"],
    ):
        done = logbook(*words, cwd=tmp_path)
        assert "Traceback" not in done.stderr
        assert done.returncode in (0, 1, 2, 3), done.stderr
    assert {path.name for path in tmp_path.iterdir()} == before
