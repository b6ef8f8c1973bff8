"""`logbook progress`, asked of logbooks whose runs were made at different times."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from logbook.json_schemas import json_schema
from tests.cli.books import add_run, logbook, logbook_process
from tests.cli.test_reading import answer, printed

LOSSES = ((50, 0.9), (30, 0.5), (20, 0.7), (10, 0.4), (2, 0.6))


def backdate(folder: Path, days_ago: Sequence[float]) -> None:
    """Let runs 1, 2, … have begun so long ago: what `ls` says, which is derived, and no record."""
    with closing(sqlite3.connect(folder / "logbook.db")) as raw, raw:
        for number, days in enumerate(days_ago, start=1):
            # An hour more, so that a clock that is set a little while the tests run makes no other day of it.
            at = (datetime.now(UTC) - timedelta(days=days, hours=1)).isoformat(timespec="microseconds")
            raw.execute("UPDATE summary SET started_at = ? WHERE run_id = ?", (at, number))


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a logbook of five runs of one name over fifty days."""
    home = tmp_path_factory.mktemp("worked")
    for _, loss in LOSSES:
        add_run(home / ".logbook", losses=(1.0, loss))
    backdate(home / ".logbook", [days for days, _ in LOSSES])
    return home


def asked(home: Path, *arguments: str) -> Any:
    found = answer("progress", *arguments, cwd=home)
    jsonschema.validate(found, json_schema("progress"))
    return found["progress"]


def test_a_name_and_a_tag_that_no_run_has_together_suggest_neither(home: Path) -> None:
    logbook("tag", "r3", "odd", cwd=home)
    done = logbook("progress", "digits-mlp", "--tag", "odd", cwd=home)
    assert done.returncode == 4
    assert (
        done.stderr == "error: no runs of the name 'digits-mlp' with the tag 'odd'; 'logbook ls' shows what there is\n"
    )


def test_the_best_so_far_the_weeks_and_the_runs_that_moved_it(worked: Path) -> None:
    (found,) = asked(worked, "digits-mlp")
    assert [one["id"] for one in found["improvements"]] == ["r1", "r2", "r4"]
    assert [(week["best"], week["run"], week["runs"]) for week in found["weeks"]] == [
        (0.4, "r4", 0),
        (0.4, "r4", 1),
        (0.5, "r2", 2),
        (0.5, "r2", 3),
        (0.5, "r2", 3),
    ]
    assert found["runs_since"] == 1
    assert len(asked(worked, "digits-mlp", "--weeks", "9")[0]["weeks"]) == 10


def test_people_see_the_sentence_the_curve_and_both_tables(worked: Path) -> None:
    shown = printed("progress", "digits-mlp", cwd=worked)
    assert shown.startswith("best val_loss 0.4, by r4 ")
    assert "4 weeks ago it was 0.5, 3 runs ago; 1 run since was no better" in shown.splitlines()[0]
    assert "best val_loss so far" in shown
    assert "4 weeks ago  20" in shown
    far = printed("progress", "digits-mlp", "--weeks", "9", cwd=worked).splitlines()
    table = far[next(place for place, line in enumerate(far) if line.startswith("when")) + 1 :]
    weeks = [line.split("  ")[0] for line in table[: table.index("")]]
    ago = [0, 1, 2, 4, 5, 7, 8, 9]  # between weeks of the same best run nothing is said
    assert weeks == ["now", "a week ago", *(f"{one} weeks ago" for one in ago[2:])]
    lines = shown.splitlines()
    moved = next(place for place, line in enumerate(lines) if line.startswith("moved by"))
    assert [line.split()[0] for line in lines[moved + 1 :]] == ["r4", "r2", "r1"]
    assert printed("progress", cwd=worked) == shown  # one name alone needs no overview


def test_ascii_terminals_get_ascii_curves(worked: Path) -> None:
    done = logbook_process("progress", "digits-mlp", cwd=worked, encoding="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "\\u" not in done.stdout


def test_csv_and_markdown_have_a_row_for_each_week(worked: Path) -> None:
    done = logbook("progress", "--csv", "--weeks", "8", cwd=worked)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["weeks_ago"] for row in rows] == [str(ago) for ago in range(9)]
    assert [float(row["best"]) if row["best"] else None for row in rows][-3:] == [0.9, 0.9, None]
    assert printed("progress", "--md", cwd=worked).startswith("| name | tag | metric | weeks_ago |")


def test_several_names_are_told_in_a_line_each(home: Path) -> None:
    lines = printed("progress", cwd=home).splitlines()
    assert lines[0].startswith("name")
    assert [line.split()[0] for line in lines[1:]] == ["wild", "digits-mlp"]
    assert [one["name"] for one in asked(home)] == ["wild", "digits-mlp"]


def test_a_tag_gathers_runs_of_any_name(home: Path) -> None:
    for run in ("r1", "r3"):
        logbook("tag", run, "paper", cwd=home)
    (found,) = asked(home, "--tag", "paper")
    assert (found["tag"], found["runs"], found["improvements"][-1]["id"]) == ("paper", 2, "r1")
    (found,) = asked(home, "wild", "--tag", "paper")
    assert found["runs"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("digit-mlp",), 4, "no runs of the name 'digit-mlp'; did you mean 'digits-mlp'?"),
        (("--tag", "nothing"), 4, "no runs with the tag 'nothing'; 'logbook ls' shows what there is"),
        (("wild", "--tag", "nothing"), 4, "no runs of the name 'wild' with the tag 'nothing'"),
        (("--weeks", "0"), 2, "--weeks"),
    ],
)
def test_what_isn_t_there_is_said(home: Path, arguments: tuple[str, ...], status: int, said: str) -> None:
    done = logbook("progress", *arguments, cwd=home)
    assert done.returncode == status
    assert said in done.stderr


def test_a_run_without_a_number_is_said_in_words(tmp_path: Path) -> None:
    add_run(tmp_path / ".logbook", losses=(float("nan"),), status="diverged")
    assert printed("progress", cwd=tmp_path).strip() == "none of 1 run has a val_loss that is a number"
