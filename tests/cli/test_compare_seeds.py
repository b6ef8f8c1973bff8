"""`compare` where runs were repeated: the noise between seeds, the baseline, and what was committed between."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from logbook.store import open_writer
from logbook_schemas.config.own import OwnConfig
from tests.cli.books import add_run, logbook
from tests.store.making import begin, epoch, start_of_run

ADAM = {"kind": "adam", "lr": 0.01}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logbook of three recipes: r1 to r3 and r4 to r6 with three seeds, r7 with one, r8 of other code."""
    folder = tmp_path_factory.mktemp("seeds")
    book = folder / ".logbook"
    for seed, loss in enumerate((0.50, 0.52, 0.48)):
        add_run(book, losses=(0.9, loss), training={"seed": seed})
    for seed, loss in enumerate((0.30, 0.31, 0.29)):
        add_run(book, losses=(0.9, loss), training={"seed": seed}, optimizer=ADAM)
    add_run(book, losses=(0.9, 0.6), optimizer={"kind": "adam", "lr": 0.1})
    add_run(book, losses=(0.9, 0.1), training={"seed": 7}, source="x = 2")
    return folder


def compared(*arguments: str, cwd: Path) -> Any:
    done = logbook("compare", *arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_seeds_of_one_recipe_are_taken_together_and_held_against_the_other(home: Path) -> None:
    first, second = compared("r1", "r4", cwd=home)["runs"]
    assert (first["replicates"]["runs"], second["replicates"]["runs"]) == (3, 3)
    assert first["replicates"]["mean"] == pytest.approx(0.5)
    assert second["noise"]["difference"] == pytest.approx(-0.2)
    assert second["noise"]["p"] < 0.01
    assert first["noise"] is None
    text = logbook("compare", "r1", "r4", cwd=home).stdout
    assert "r1 val_loss over 3 seeds: mean 0.5, deviation 0.02 (0.48 to 0.52)" in text
    assert "-0.2 exceeds the noise between seeds (Welch's t-test, p = " in text
    assert "from 0.5 to 0.3; seeds alone rarely make so much." in text


def test_a_run_of_other_code_repeats_nothing(home: Path) -> None:
    first, second = compared("r1", "r8", cwd=home)["runs"]
    assert first["replicates"]["runs"] == 3
    assert second["replicates"] is None
    assert second["changed_files"] == ["net.py"]
    assert "r8 changed files: net.py" in logbook("compare", "r1", "r8", cwd=home).stdout


def test_other_code_of_the_same_recipe_is_held_against_its_noise(tmp_path: Path) -> None:
    for source, losses in (("x = 1", (0.50, 0.52, 0.48)), ("x = 2", (0.30, 0.31, 0.29))):
        for seed, loss in enumerate(losses):
            add_run(tmp_path / ".logbook", losses=(0.9, loss), training={"seed": seed}, source=source)
    first, second = compared("r1", "r4", cwd=tmp_path)["runs"]
    assert (first["replicates"]["runs"], second["replicates"]["runs"]) == (3, 3)
    assert second["noise"]["p"] < 0.01
    text = logbook("compare", "r1", "r4", cwd=tmp_path).stdout
    assert text.count("over 3 seeds") == 2
    assert "Other code (net.py) improved the best val_loss from 0.5 to 0.3; seeds alone rarely make so much." in text


def test_two_seeds_of_one_recipe_are_not_tested_against_each_other(home: Path) -> None:
    first, second = compared("r1", "r2", cwd=home)["runs"]
    assert first["noise"] is second["noise"] is None
    assert logbook("compare", "r1", "r2", cwd=home).stdout.count("over 3 seeds") == 1


def test_a_seed_that_ran_twice_counts_once(tmp_path: Path) -> None:
    for seed, loss in ((0, 0.5), (0, 0.5), (1, 0.4)):
        add_run(tmp_path / ".logbook", losses=(loss,), training={"seed": seed})
    assert compared("r1", "r3", cwd=tmp_path)["runs"][0]["replicates"]["runs"] == 2


def test_the_baseline_stands_first_and_the_others_are_better_or_worse(home: Path) -> None:
    comparison = compared("r4", "r7", "--baseline", "r1", cwd=home)
    assert [run["summary"]["number"] for run in comparison["runs"]] == [1, 4, 7]
    assert comparison["has_baseline"] is True
    text = logbook("compare", "r4", "r7", "r1", "--baseline", "r1", cwd=home).stdout
    assert "0.3 @2 (-0.2 better)" in text
    assert "0.6 @2 (+0.1 worse)" in text
    assert "better)" not in logbook("compare", "r1", "r4", cwd=home).stdout


def test_a_baseline_alone_is_nothing_to_compare(home: Path) -> None:
    done = logbook("compare", "r1", "--baseline", "r1", cwd=home)
    assert done.returncode == 2
    assert "compare needs two runs" in done.stderr


def test_a_picture_that_can_t_be_drawn_is_one_error_and_no_comparison(home: Path) -> None:
    done = logbook("compare", "r1", "r4", "--plot", "both.gif", "--json", cwd=home)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["status"] == 2
    assert logbook("compare", "r1", "r4", "--plot", "both.gif", cwd=home).stdout == ""


def test_csv_has_the_seeds(home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(logbook("compare", "r1", "r4", "--csv", cwd=home).stdout)))
    assert [row["replicates"] for row in rows] == ["3", "3"]
    assert float(rows[1]["mean"]) == pytest.approx(0.3)
    assert rows[0]["p"] == ""
    assert 0 < float(rows[1]["p"]) < 0.01


def test_a_loop_of_ones_own_among_trainings_of_ours_is_said_to_be_one(tmp_path: Path) -> None:
    add_run(tmp_path / ".logbook", losses=(0.5,))
    with open_writer(tmp_path / ".logbook") as writer:
        own = OwnConfig.model_validate({"format": 1, "kind": "own", "name": "mine", "values": {"lr": 0.1}})
        number = begin(writer, own, start=start_of_run()).number
        writer.append_epoch(number, 1, epoch(1))
        writer.end_attempt(number, 1, status="finished")
    text = logbook("compare", "r1", "r2", cwd=tmp_path).stdout
    assert "r2: a loop of one's own, whose settings aren't those of the others" in text
    assert compared("r1", "r2", cwd=tmp_path)["sentence"] == ""


def test_commits_between_two_runs_are_named(tmp_path: Path) -> None:
    """Two real runs, a commit between them that changes the person's own network."""

    def git(*words: str) -> None:
        identity = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)

    net = "from torch import nn\n\n\ndef build():\n    return nn.Linear(4, 3)\n"
    (tmp_path / "net.py").write_text(net)
    (tmp_path / "config.json").write_text(
        json.dumps(
            {
                "name": "own",
                "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
                "model": {"kind": "python", "target": "net:build"},
                "training": {"epochs": 1, "device": "cpu"},
            }
        )
    )
    git("init", "-q", "-b", "main")
    git("add", "net.py", "config.json")
    git("commit", "-q", "-m", "Begin")
    assert logbook("run", "config.json", "--quiet", cwd=tmp_path).returncode == 0
    (tmp_path / "net.py").write_text(net + "\n# another word\n")
    git("commit", "-q", "-a", "-m", "Say another word \x1b[31m")
    assert logbook("run", "config.json", "--quiet", "--again", cwd=tmp_path).returncode == 0
    text = logbook("compare", "r1", "r2", cwd=tmp_path).stdout
    assert "r2 changed files: net.py" in text
    assert "Say another word" in text
    assert "\x1b" not in text
    (commit,) = compared("r1", "r2", cwd=tmp_path)["runs"][1]["commits"]
    assert commit.split(" ", 1)[1].startswith("Say another word")
