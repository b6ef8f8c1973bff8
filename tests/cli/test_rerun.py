"""`logbook rerun` of what can't be made again: said at once, with the right status and no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from logbook.store import open_reader, open_writer
from logbook.store.live import hold
from logbook_schemas.config.identity import freeze
from logbook_schemas.config.own import OwnConfig
from logbook_schemas.records.runs import AttemptRecord
from tests.cli.books import logbook, logbook_process
from tests.cli.test_startup import HEAVY
from tests.history.records import run


def refusal(home: Path, *words: str) -> tuple[int, str]:
    done = logbook("rerun", *words, "--json", cwd=home)
    error = json.loads(done.stdout)["error"]
    assert error["status"] == done.returncode
    return done.returncode, error["message"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["r99"], 4, "no run 'r99'"),
        (["no-such"], 4, "no run 'no-such'"),
        (["r1", "--tolerance", "-1"], 2, "from 0 to below 1"),
        (["r1", "--tolerance", "nan"], 2, "from 0 to below 1"),
        (["r1", "--link", "nothing-there"], 2, "is not there"),
    ],
)
def test_what_is_not_there_or_not_meant_is_said(home: Path, words: list[str], status: int, said: str) -> None:
    found, message = refusal(home, *words)
    assert found == status, message
    assert said in message


def test_a_run_that_goes_on_is_not_made_again(home: Path) -> None:
    with open_writer(home / ".logbook") as writer, open_reader(home / ".logbook") as reader:
        past = reader.run(1)
        attempt = AttemptRecord(number=1, started_at="2026-11-20T08:00:00.000000Z")
        writer.begin_attempt(1, attempt)
    with hold(home / ".logbook", past.summary.uuid):
        done = logbook_process("rerun", "r1", cwd=home)
    assert done.returncode == 2
    assert "r1 is running; a run can be made again when it has ended" in done.stderr


def test_a_run_of_ones_own_loop_is_its_loops_affair(home: Path) -> None:
    config = OwnConfig.model_validate({"kind": "own", "name": "mine", "values": {"lr": 0.1}})
    start = run(1).start_of_run
    assert start is not None
    attempt = AttemptRecord(number=1, started_at="2026-11-20T08:00:00.000000Z")
    with open_writer(home / ".logbook") as writer:
        writer.begin_run(config, freeze(config), start, attempt, blobs={}, data=None, findings=(), metric_modes={})
        writer.end_attempt(4, 1, status="finished")
    status, message = refusal(home, "r4")
    assert status == 2
    assert "your own training loop" in message


def test_the_process_that_waits_imports_nothing_heavy() -> None:
    """The one that trains imports torch; this one is light."""
    code = "import sys, logbook.rerunning; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "logbook" in done.stdout.split()
    assert not HEAVY & {*done.stdout.split()}
