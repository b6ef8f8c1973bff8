"""How many runs a search shows: a screenful to people, all to programs."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.fill import begin_one
from logbook.store import open_writer
from tests.cli.books import logbook


def test_people_see_fifty_runs_and_programs_all(tmp_path: Path) -> None:
    with open_writer(tmp_path / ".logbook") as writer:
        for seed in range(53):
            begin_one(writer, seed=seed)
    shown = logbook("search", "lr<1", cwd=tmp_path)
    assert len(shown.stdout.splitlines()) == 51
    assert "the first 50; --all shows every run" in shown.stderr
    assert len(logbook("search", "lr<1", "--all", cwd=tmp_path).stdout.splitlines()) == 54
    assert len(json.loads(logbook("search", "lr<1", "--json", cwd=tmp_path).stdout)["runs"]) == 53
    assert len(json.loads(logbook("search", "lr<1", "--json", "--limit", "7", cwd=tmp_path).stdout)["runs"]) == 7
