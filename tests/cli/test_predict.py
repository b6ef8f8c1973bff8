"""`logbook predict` as a process: one document on stdout, remarks on stderr, and what it imports."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from logbook.json_schemas import json_schema
from tests.cli.books import logbook

CONFIG = """{
  "name": "clouds", "data": {"source": {"kind": "synthetic", "pattern": "blobs", "rows": 60}},
  "model": {"kind": "mlp", "hidden": [4]}, "training": {"epochs": 1, "device": "cpu"}
}
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logbook of one run, and a file of rows."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "clouds.json").write_text(CONFIG)
    done = logbook("run", "clouds.json", "--quiet", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "rows.csv").write_text("x1,x0\n1,2\n3,4\n")
    return folder


def test_the_table_is_on_stdout_and_nothing_on_stderr(lab: Path) -> None:
    done = logbook("predict", "r1", "rows.csv", cwd=lab)
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = done.stdout.splitlines()
    assert head == "row,prediction,p(0),p(1),p(2)"
    assert [row.split(",")[0] for row in rows] == ["0", "1"]


def test_the_document_is_what_its_schema_says(lab: Path) -> None:
    done = logbook("predict", "clouds@1", "rows.csv", "--json", cwd=lab)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, json_schema("predict"))
    assert (document["run"], len(document["predictions"])) == ("r1", 2)


def test_an_error_is_a_document_too(lab: Path) -> None:
    (lab / "bad.csv").write_text("x0,x1\n1,two\n")
    done = logbook("predict", "r1", "bad.csv", "--json", cwd=lab)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["message"] == "bad.csv:2: column 'x1' holds 'two', expected a number"


def test_a_run_without_checkpoints_is_told_apart(home: Path) -> None:
    (home / "rows.csv").write_text("1\n")
    done = logbook("predict", "r1", "rows.csv", cwd=home)
    assert done.returncode == 4
    assert "r1 has no best checkpoint" in done.stderr
    assert "Traceback" not in done.stderr
