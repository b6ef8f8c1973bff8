"""What a new user does: run, change, run, compare, judge, and be stopped from repeating a dead end."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.running.conftest import Command, write_config


def test_a_run_is_recorded_with_everything(folder: Path, logbook: Command) -> None:
    write_config(folder)
    answer = logbook("run", "cfg.json", "--json", "--note", "first try", "--tag", "easy")
    assert answer.status == 0, answer.err
    run = answer.json
    assert run["id"] == "r1"
    assert run["status"] == "finished"
    assert [epoch["epoch"] for epoch in run["epochs"]] == [1, 2]
    assert run["epochs"][1]["metrics"]["accuracy"] > 0.8
    assert run["best"]["epoch"] == 2
    assert run["best"]["val_loss"] == run["epochs"][1]["val_loss"]
    assert len(run["config_hash"]) == len(run["recipe_hash"]) == 64
    assert run["git"]["state"] == "none"
    assert run["environment"]["torch"]
    assert run["data"]["splits"]["train"]["rows"] + run["data"]["splits"]["validation"]["rows"] == 1797
    assert logbook("show", "r1", "--json").json == run


def test_the_story_of_a_dead_end(folder: Path, logbook: Command) -> None:
    write_config(folder)
    assert logbook("run", "cfg.json").status == 0
    write_config(folder, {"optimizer": {"kind": "adam", "lr": 0.5}}, name="fast.json")
    second = logbook("run", "fast.json", "--force", "--json")
    assert second.json["recipe_hash"] != logbook("show", "@-1", "--json").json["recipe_hash"]
    assert "optimizer.lr" in logbook("diff", "@-1", "@").out
    comparison = logbook("compare", "@-1", "@")
    assert "optimizer.lr" in comparison.out
    assert comparison.status == 0

    said = logbook("outcome", "@", "dead-end", "--because", "the rate is far too high")
    assert said.status == 0
    again = logbook("run", "fast.json", "--force", "--json")
    assert again.status == 1
    assert again.json["status"] == "refused"
    assert "dead end" in again.json["reason"]
    assert "r2" in again.json["reason"]
    assert "--again" in again.err
    assert len(logbook("ls", "--json").json["runs"]) == 2
    assert [run["id"] for run in logbook("search", "outcome:dead-end", "--json").json["runs"]] == ["r2"]
    assert logbook("search", '"far too high"', "--json").json["runs"][0]["id"] == "r2"
    assert logbook("run", "fast.json", "--force", "--again").status == 0


def test_versions_follow_the_recipe_and_not_the_seed(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    first = logbook("run", "cfg.json", "--json").json
    other_seed = logbook("run", "cfg.json", "--set", "training.seed=7", "--json").json
    other_rate = logbook("run", "cfg.json", "--set", "optimizer.lr=0.01", "--json").json
    assert first["recipe_hash"] == other_seed["recipe_hash"]
    assert first["config_hash"] != other_seed["config_hash"]
    assert other_rate["recipe_hash"] != first["recipe_hash"]
    assert logbook("show", "digits-mlp@2", "--json").json["id"] == "r3"


def test_replicates_by_seed_share_a_version(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    runs = logbook("run", "cfg.json", "--seeds", "3", "--json").json["runs"]
    assert len(runs) == 3
    assert len({run["recipe_hash"] for run in runs}) == 1
    assert len({run["epochs"][0]["train_loss"] for run in runs}) == 3


def test_the_same_config_and_seed_give_the_same_losses(folder: Path, logbook: Command) -> None:
    write_config(folder)
    one = logbook("run", "cfg.json", "--json").json
    other = logbook("run", "cfg.json", "--json").json
    assert one["epochs"] == other["epochs"] or [
        (epoch["train_loss"], epoch["val_loss"]) for epoch in one["epochs"]
    ] == [(epoch["train_loss"], epoch["val_loss"]) for epoch in other["epochs"]]


def test_what_ran_before_is_said_before_it_trains(folder: Path, logbook: Command) -> None:
    write_config(folder)
    logbook("run", "cfg.json")
    second = logbook("run", "cfg.json")
    assert second.status == 0
    assert "r1" in second.err


def test_a_diverging_run_ends_with_status_1_and_its_cause_first(folder: Path, logbook: Command) -> None:
    write_config(folder, {"optimizer": {"kind": "sgd", "lr": 1e8}})
    answer = logbook("run", "cfg.json", "--force", "--json")
    assert answer.status == 1
    assert answer.json["status"] == "diverged"
    assert answer.json["findings"][0]["name"] == "learning-rate-out-of-bounds"
    nonfinite = [found for found in answer.json["findings"] if found["name"] == "nonfinite-loss"]
    assert len(nonfinite) == 1
    assert json.loads(answer.out) == answer.json  # NaN would not be JSON


def test_an_error_finding_stops_a_run_and_records_nothing(folder: Path, logbook: Command) -> None:
    write_config(folder, {"model": {"output_activation": "softmax"}})
    answer = logbook("run", "cfg.json", "--json")
    assert answer.status == 1
    assert answer.json["status"] == "refused"
    assert answer.json["findings"][0]["name"] == "mismatched-output-activation"
    assert "--force" in answer.err
    assert not (folder / ".logbook").exists()


def test_an_ignored_finding_stops_nothing_and_keeps_its_reason(folder: Path, logbook: Command) -> None:
    ignore = {"checks": {"ignore": {"mismatched-output-activation": "to see what happens"}}}
    write_config(folder, {"model": {"output_activation": "softmax"}, **ignore})
    answer = logbook("run", "cfg.json", "--json")
    assert answer.status == 0, answer.err
    stored = [found for found in answer.json["findings"] if found["name"] == "mismatched-output-activation"]
    assert stored[0]["ignored"] == "to see what happens"


def test_an_exception_in_own_code_is_stored_whole_and_shown_short(folder: Path, logbook: Command) -> None:
    (folder / "mine.py").write_text("def make():\n    raise ValueError('no layers left')\n")
    write_config(folder, {"model": {"kind": "python", "target": "mine:make"}})
    answer = logbook("run", "cfg.json")
    assert answer.status == 1
    assert "no layers left" in answer.err
    assert "Traceback" not in answer.err
    shown = logbook("show", "@", "--json").json
    assert shown["status"] == "failed"
    assert "Traceback" in json.dumps(shown)


def test_the_state_of_the_repository_is_recorded(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    (folder / "cfg.json").write_text((folder / "cfg.json").read_text() + "\n")
    git = logbook("run", "cfg.json", "--json").json["git"]
    assert git["state"] == "ok"
    assert git["dirty"] is True
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True)
    assert git["sha"] == head.stdout.strip()


@pytest.mark.parametrize("command", [["check", "cfg.json"], ["check", "cfg.json", "--data", "--start"]])
def test_check_finds_nothing_wrong_with_a_good_config(folder: Path, logbook: Command, command: list[str]) -> None:
    write_config(folder)
    answer = logbook(*command, "--json")
    assert answer.status == 0
    assert [found for found in answer.json["findings"] if found["severity"] != "note"] == []
    assert not (folder / ".logbook").exists()
