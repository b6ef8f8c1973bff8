"""Cross-validation: folds share a recipe and a version, take turns at validating, and are no repetitions."""

from __future__ import annotations

from pathlib import Path

from tests.running.conftest import Command, write_config

FOLDED = {
    "data": {"split": {"kind": "k-fold", "folds": 3}},
    "training": {"epochs": 1, "device": "cpu"},
}


def names(run: dict[str, list[dict[str, str]]]) -> set[str]:
    return {found["name"] for found in run["findings"]}


def test_all_folds_run_in_order_and_share_a_recipe(folder: Path, logbook: Command) -> None:
    write_config(folder, FOLDED)
    answer = logbook("run", "cfg.json", "--folds", "--json")
    assert answer.status == 0, answer.err
    runs = answer.json["runs"]
    assert len(runs) == 3
    assert len({run["recipe_hash"] for run in runs}) == 1
    assert len({run["config_hash"] for run in runs}) == 3
    assert sum(run["data"]["splits"]["validation"]["rows"] for run in runs) == 1797
    assert len({run["data"]["splits"]["validation"]["fingerprint"]["value"] for run in runs}) == 3
    assert not any("repeated-run" in names(run) for run in runs)
    listed = logbook("ls", "--json").json["runs"]
    assert {run["version"] for run in listed} == {1}
    assert [run["id"] for run in logbook("search", "fold=2", "--json").json["runs"]] == ["r2"]
    assert ", fold 3" in logbook("show", "r3").out
    assert "mean" in answer.err
    assert "3 runs" in answer.err


def test_a_fold_run_twice_is_a_repetition(folder: Path, logbook: Command) -> None:
    write_config(folder, FOLDED)
    assert logbook("run", "cfg.json").status == 0
    other = logbook("run", "cfg.json", "--set", "data.split.fold=2", "--json")
    assert "repeated-run" not in names(other.json)
    assert "same seed" in other.err
    assert "other fold" in other.err
    again = logbook("run", "cfg.json", "--json").json
    [found] = [found for found in again["findings"] if found["name"] == "repeated-run"]
    assert found["measured"] == ["r1"]
    assert "same seed, fold 1" in found["message"]


def test_every_fold_of_every_seed(folder: Path, logbook: Command) -> None:
    write_config(folder, {**FOLDED, "data": {"split": {"kind": "k-fold", "folds": 2}}})
    runs = logbook("run", "cfg.json", "--folds", "--seeds", "2", "--json").json["runs"]
    ran = [(run["config"]["training"]["seed"], run["config"]["data"]["split"]["fold"]) for run in runs]
    assert ran == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert len({run["recipe_hash"] for run in runs}) == 1


def test_folds_of_another_split_are_refused(folder: Path, logbook: Command) -> None:
    write_config(folder)
    answer = logbook("run", "cfg.json", "--folds")
    assert answer.status == 2
    assert "data.split.kind is 'random'" in answer.err


def test_a_fold_that_is_not_there_is_an_error_of_the_config(folder: Path, logbook: Command) -> None:
    write_config(folder, {"data": {"split": {"kind": "k-fold", "folds": 3, "fold": 4}}})
    answer = logbook("run", "cfg.json")
    assert answer.status == 2
    assert "data.split: fold is 4, but there are 3 folds, counted from 1" in answer.err
