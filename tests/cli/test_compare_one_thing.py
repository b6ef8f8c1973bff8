"""`compare` says in one sentence what explains a difference, where exactly one thing changed; real trainings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.books import logbook

NET = "from torch import nn\n\n\ndef build():\n    return nn.Sequential(nn.Linear(2, 8), nn.{}(), nn.Linear(8, 1))\n"
CONFIG = {
    "name": "lines",
    "task": "regression",
    "data": {"source": {"kind": "csv", "path": "rows.csv", "target": "y"}, "split": {"validation": 0.25}},
    "model": {"kind": "python", "target": "one_thing_net:build"},
    "optimizer": {"kind": "sgd", "lr": 0.05},
    "training": {"epochs": 2, "batch_size": 16, "device": "cpu"},
}


def write_rows(folder: Path, first: int) -> None:
    rows = [f"{place % 7},{place % 5},{place % 7 - 2 * (place % 5) + first * (place == 0)}" for place in range(80)]
    (folder / "rows.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """r1, and for each of the others one thing that is other than in r1, but for r9 and r10."""
    folder = tmp_path_factory.mktemp("one")
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "one_thing_net.py").write_text(NET.format("ReLU"))
    write_rows(folder, 0)

    def run(*settings: str, threads: str = "1") -> None:
        sets = [word for setting in settings for word in ("--set", setting)]
        done = logbook(
            *("run", "config.json", "--quiet", "--again", "--force", *sets),
            cwd=folder,
            env={"OMP_NUM_THREADS": threads},
        )
        assert done.returncode in (0, 1), done.stderr

    run()
    run("optimizer.lr=0.01")
    run("training.seed=1")
    run(threads="2")
    run("optimizer.lr=1e30")
    run("data.split.seed=1")
    (folder / "one_thing_net.py").write_text(NET.format("Tanh"))
    run()
    (folder / "one_thing_net.py").write_text(NET.format("ReLU"))
    write_rows(folder, 5)
    run()
    run("optimizer.lr=0.01")
    run("data.split.seed=1")
    run('optimizer={"kind": "adam", "lr": 0.05}')
    run('training.early_stopping={"patience": 5}')
    run()
    return folder


def sentence(home: Path, *runs: str) -> str:
    done = logbook("compare", *runs, "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["sentence"]
    assert logbook("compare", *runs, cwd=home).stdout.rstrip().endswith(told)
    return str(told)


def test_a_setting(home: Path) -> None:
    told = sentence(home, "r1", "r2")
    assert told.startswith("optimizer.lr from 0.05 to 0.01 ")
    assert "ed the best val_loss from " in told


def test_the_code(home: Path) -> None:
    assert sentence(home, "r1", "r7").startswith("Other code (one_thing_net.py) ")


def test_the_data_and_then_neither_is_better(home: Path) -> None:
    told = sentence(home, "r1", "r8")
    assert told.startswith("The data are all that differs: the best val_loss is ")
    assert told.endswith(", each measured on its own.")


def test_the_environment(home: Path) -> None:
    assert sentence(home, "r1", "r4").startswith("Another environment (variables.OMP_NUM_THREADS 1 → 2) ")


def test_the_seed_is_chance(home: Path) -> None:
    told = sentence(home, "r1", "r3")
    assert told.startswith("Only the seed differs: the best val_loss is ")
    assert told.endswith(" by chance.")
    assert "training.seed (chance)" in logbook("compare", "r1", "r3", cwd=home).stdout
    diff = logbook("diff", "r1", "r3", cwd=home).stdout
    assert "what differs changes the result by chance alone" in diff
    assert "no effect" not in diff.split("\n\n")[1]


def test_nothing(home: Path) -> None:
    told = sentence(home, "r8", "r13")
    assert told == "Nothing that can change the result differs, and the best val_loss is the same."


def test_one_that_diverged_is_said_to_have(home: Path) -> None:
    told = sentence(home, "r1", "r5")
    assert told.startswith("optimizer.lr from 0.05 to 1e+30 is all that differs: r1 finished with a best val_loss of ")
    assert told.endswith(", r5 diverged.")


def test_a_split_makes_its_data_other_data(home: Path) -> None:
    told = sentence(home, "r1", "r6")
    assert told.startswith("data.split.seed from 0 to 1 ")
    assert told.endswith(", measured on other data.")


def test_another_kind_is_one_thing_with_all_that_it_brings(home: Path) -> None:
    assert sentence(home, "r8", "r11").startswith('optimizer.kind from "sgd" to "adam" ')
    told = sentence(home, "r8", "r12")
    assert told.startswith('training.early_stopping from null to {"min_delta": 0, "patience": 5} ')
    table = logbook("compare", "r8", "r12", cwd=home).stdout
    assert "null" not in table.split("training.early_stopping from")[0]


@pytest.mark.parametrize(
    "runs",
    [
        ("r1", "r9"),  # a setting and the file
        ("r1", "r10"),  # the split and the file
        ("r7", "r2"),  # the code and a setting
        ("r4", "r2"),  # the environment and a setting
        ("r2", "r11"),
    ],
)
def test_of_two_things_none_is_named(home: Path, runs: tuple[str, str]) -> None:
    assert sentence(home, *runs) == ""


def test_with_another_seed_it_is_said(home: Path) -> None:
    assert sentence(home, "r3", "r2").endswith(", with another seed.")


def test_of_many_the_best_is_named(home: Path) -> None:
    told = sentence(home, "r1", "r2", "r5")
    assert told.startswith("optimizer.lr is the one setting that differs; the best val_loss, ")
    assert told.endswith((" is that of 0.05 (r1).", " is that of 0.01 (r2)."))
    assert sentence(home, "r1", "r2", "r7") == ""


def test_markdown_is_for_people_and_csv_is_not(home: Path) -> None:
    markdown = logbook("compare", "r1", "r2", "--md", cwd=home).stdout
    assert not [cell for cell in markdown.split("|") if len(cell.strip()) > 8 and cell.strip().startswith("0.")]
    figures = logbook("compare", "r1", "r2", "--csv", cwd=home).stdout
    assert [cell for cell in figures.split(",") if len(cell) > 12 and cell.startswith(("0.", "1."))]
