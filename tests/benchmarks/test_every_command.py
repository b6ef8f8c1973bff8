"""Every command on a lab's logbook, a small one: each ends as it should, without a traceback, in few enough lines."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.every_command import CASES, Answer, ask_every
from benchmarks.lab import NAMES, fill_lab
from logbook.store import open_reader
from logbook.store.verify import verify
from logbook_cli.commands import COMMANDS
from logbook_schemas.records.summary import OUTCOMES

RUNS = 300


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab") / ".logbook"
    fill_lab(folder, RUNS)
    return folder


@pytest.fixture(scope="module")
def answers(lab: Path) -> list[Answer]:
    return ask_every(lab, rounds=1)


def test_no_command_is_forgotten() -> None:
    assert {case.arguments[0] for case in CASES} == {entry.name for entry in COMMANDS}


def test_every_command_ends_as_it_should(answers: list[Answer]) -> None:
    assert len(answers) == len(CASES)
    assert {answer.case.arguments: answer.problems for answer in answers if answer.problems} == {}


def test_what_answers_says_something(answers: list[Answer]) -> None:
    silent = [answer.case.arguments for answer in answers if not answer.size and not answer.error.strip()]
    assert silent == []


def test_judgements_of_many_runs_are_counted_by_rule(lab: Path) -> None:
    command = [sys.executable, "-m", "logbook_cli", "judge", "--all", "--dry-run", "--logbook", str(lab)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    named, counted = done.stdout.split("of all these, by rule (--json tells each):\n")
    assert sum(line.startswith("r") for line in named.splitlines()) == 20
    document = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    news = Counter(one["code"] for run in document["runs"] for one in run["new"])
    rows = [line.split() for line in counted.splitlines()[1:-1]]
    assert {row[0]: int(row[2]) for row in rows if row[0] in news} == news
    assert f"and {len(document['runs']) - 20:,} runs more" in named
    assert done.stderr.startswith("next: "), "a live line is for terminals"


def test_the_lab_has_what_labs_have(lab: Path) -> None:
    assert verify(lab) == []
    with open_reader(lab) as reader:
        runs = reader.runs()
        resumed = [run for run in runs if len(reader.attempts(run.number)) > 1]
        layered = [run for run in runs if any(epoch.layers for epoch in reader.epochs(run.number))]
    assert len(runs) == RUNS
    assert {run.name for run in runs} == set(NAMES)
    assert {run.status for run in runs} >= {"finished", "early-stopped", "diverged", "interrupted", "crashed", "failed"}
    assert {run.outcome for run in runs} == {None, *OUTCOMES}
    assert {run.outcome_by for run in runs} == {None, "person", "logbook"}
    assert {run.kind for run in runs} == {"run", "own"}
    assert len({run.recipe_hash for run in runs}) < RUNS < 3 * len({run.recipe_hash for run in runs})
    assert max(run.version for run in runs) >= 5
    assert any(run.findings for run in runs)
    assert resumed
    assert layered
