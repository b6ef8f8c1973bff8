"""Not one warning on a healthy program: each is trained for real, with every probe on, and judged at every moment.

`make test` trains each with one seed, `make soak` with three. The count is printed at the end of the test run
(`tests/conftest.py`).
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from logbook.answers import show_run
from logbook.running import RunRequest, run
from logbook.searching import search_runs
from tests.checks.healthy import builtin_programs, own_programs, settings_programs
from tests.checks.healthy.program import Program

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[3]
PROGRAMS: dict[str, Program] = {**builtin_programs.PROGRAMS, **settings_programs.PROGRAMS, **own_programs.PROGRAMS}
SEEDS = (0, 1, 2) if os.environ.get("LOGBOOK_SOAK") else (0,)


class Quiet:
    """Watches a training and says nothing."""

    def __getattr__(self, _name):
        return lambda *_, **__: None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with everybody's own code and the examples' data in it."""
    made = tmp_path_factory.mktemp("healthy")
    for path in (HERE / "own").glob("*.py"):
        shutil.copy(path, made)
    shutil.copytree(ROOT / "examples", made / "examples")
    return made


def trained(name: str, seed: int, folder: Path, store: Path) -> None:
    program = PROGRAMS[name]
    if program.after is not None:
        trained(program.after, seed, folder, store)
    config = folder / f"{store.name}.json"
    training = {**program.config.get("training", {}), "seed": seed, "device": "cpu"}
    config.write_text(json.dumps({**program.config, "training": training}), encoding="utf-8")
    outcome = run(RunRequest(config=config, logbook=str(store), force=True), Quiet())
    assert outcome.exit_status == 0, outcome


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_healthy_program_raises_no_warning(name, seed, folder, tmp_path):
    store = tmp_path / f"logbook-{seed}"
    trained(name, seed, folder, store)
    done = show_run("@", logbook=str(store))
    warned = [f"{one.severity} {one.code} {one.name}: {one.message}" for one in done.findings if one.severity != "note"]
    assert warned == []
    assert "the rule itself" not in [one.where for one in done.findings]  # where a rule that raised says so
    found = search_runs(PROGRAMS[name].reaches, logbook=str(store))
    assert done.summary.id in [one.id for one in found.runs], done.epochs[-1]


def test_there_are_at_least_sixty():
    assert len(PROGRAMS) >= 60
