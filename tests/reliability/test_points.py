"""A run that dies at each place where something could be left half done, and goes on: the end is bit for bit the same.

Each training of `TRAININGS` dies at two of its points in `make test`, all of them together at each kind of point; in
`make soak` at every one of them, there also twice: in the run, and again in the resume.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.points import Ended, Forking

IS_SOAK = bool(os.environ.get("LOGBOOK_SOAK"))
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
IRIS = {"source": {"kind": "sklearn", "dataset": "iris"}}
DIGITS = {"source": {"kind": "sklearn", "dataset": "digits"}}
TRAININGS: dict[str, dict[str, Any]] = {
    "dropout-augmentation-batch-norm": {
        "data": {**IRIS, "augment": [{"kind": "noise", "std": 0.1}]},
        "model": {"hidden": [16], "dropout": 0.3, "normalization": "batch"},
        "schedule": {"kind": "cosine", "warmup": 3},
    },
    "early-stopping-plateau": {
        "data": IRIS,
        "model": {"hidden": [8]},
        "schedule": {"kind": "plateau", "patience": 1, "min_delta": 10.0},
        "training": {"epochs": 9, "early_stopping": {"patience": 3, "min_delta": 10.0}},
    },
    "accumulation-momentum": {
        "data": IRIS,
        "model": {"hidden": [8], "dropout": 0.2},
        "optimizer": {"kind": "momentum", "lr": 0.05},
        "gradients": {"accumulation": 3, "clip": {"kind": "norm", "max_norm": 1.0}},
        "regularization": {"l2": 0.001},
    },
    "weight-average-one-cycle": {
        "data": {**IRIS, "split": {"validation": 0.2, "test": 0.2}},
        "model": {"hidden": [8]},
        "schedule": {"kind": "one-cycle"},
        "training": {"weight_average": {"kind": "exponential", "decay": 0.9}},
    },
    "fold": {
        "data": {**IRIS, "split": {"kind": "k-fold", "folds": 3, "fold": 2, "seed": 0}},
        "model": {"hidden": [8]},
        "optimizer": {"kind": "amsgrad", "lr": 0.01},
    },
    "pretraining": {
        "data": {**DIGITS, "inputs": ["min-max"], "split": {"validation": 0.4}},
        "model": {"hidden": [12, 6], "activation": "sigmoid"},
        "training": {"pretraining": {"epochs": 2}, "epochs": 2, "batch_size": 256},
    },
    "truncated-bptt": {
        "data": {"source": {"kind": "docstrings", "characters": 3000, "length": 20}},
        "model": {"kind": "rnn", "cell": "lstm", "hidden": [8], "embedding": 4},
        "training": {"procedure": {"kind": "truncated-bptt", "length": 20}},
    },
    "all-rows-lbfgs": {
        "data": IRIS,
        "model": {"hidden": [6], "activation": "tanh"},
        "optimizer": {"kind": "lbfgs"},
        "training": {"batch_size": "all"},
    },
}


@dataclass(frozen=True)
class Whole:
    """A training that nothing came in the way of."""

    run: dict[str, Any]
    points: list[str]


@pytest.fixture(scope="module")
def forking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forking]:
    with Forking(tmp_path_factory.mktemp("points")) as forking:
        yield forking


@pytest.fixture(params=TRAININGS)
def whole(request: pytest.FixtureRequest, forking: Forking, tmp_path: Path) -> Whole:
    """The training of a name, whole; its config lies in the test's folder."""
    changes = TRAININGS[request.param]
    training = {"epochs": 4, "batch_size": 16, "device": "cpu", **changes.get("training", {})}
    config = {"name": request.param, **changes, "training": training}
    (tmp_path / "cfg.json").write_text(json.dumps(config))
    ended = forking.run("run", "cfg.json", "--logbook", "whole", cwd=tmp_path)
    assert ended.status == 0, ended.err
    return Whole(forking.run("show", "r1", "--json", "--logbook", "whole", cwd=tmp_path).json, ended.points)


@pytest.mark.timeout(3600 if IS_SOAK else 300)
def test_a_death_at_any_point_leaves_what_was_acknowledged_and_the_same_end(
    whole: Whole, forking: Forking, tmp_path: Path
) -> None:
    if whole.run["status"] == "early-stopped":
        assert len(whole.run["epochs"]) == 4
    draw = random.Random(whole.run["name"])
    deaths = seconds = 0
    for at in _chosen(whole.points, draw, list(TRAININGS).index(whole.run["name"])):
        point = f"{at} ({whole.points[at - 1]})"
        book = ("--logbook", f"at-{at}")
        is_torn = whole.points[at - 1].startswith("fsync .last")
        died = forking.run("run", "cfg.json", *book, at=at, send=["torn" if is_torn else "SIGKILL"], cwd=tmp_path)
        assert died.status == -9, point
        resumed = _went_on(died, whole, book, point, forking, tmp_path, is_over=at == len(whole.points))
        deaths += 1
        second = draw.randint(1, max(1, len(resumed.points)))
        if IS_SOAK and resumed.points:
            book = ("--logbook", f"at-{at}-{second}")
            died = forking.run("run", "cfg.json", *book, at=at, cwd=tmp_path)
            if not _runs(forking, book, tmp_path):
                continue
            again = forking.run("resume", "r1", *book, at=second, cwd=tmp_path)
            assert again.status == -9, point
            is_over = second == len(resumed.points)
            _went_on(again, whole, book, f"{point}, then {second}", forking, tmp_path, is_over=is_over)
            seconds += 1
    print(f"{whole.run['name']}: {deaths} of {len(whole.points)} points, {seconds} with a second death in the resume")


def _chosen(points: list[str], draw: random.Random, place: int) -> list[int]:
    """Return the points, counted from 1, at which the training in this place dies."""
    if IS_SOAK:
        return list(range(1, len(points) + 1))
    kinds = [UUID.sub("the run's folder", point) for point in points]
    there = list(dict.fromkeys(kinds))
    assert len(there) <= 2 * len(TRAININGS), "two kinds each are all of them"
    mine = {there[place % len(there)], there[(place + len(TRAININGS)) % len(there)]}
    return sorted(draw.choice([at for at, kind in enumerate(kinds, 1) if kind == one]) for one in sorted(mine))


def _went_on(
    died: Ended, whole: Whole, book: tuple[str, ...], point: str, forking: Forking, folder: Path, *, is_over: bool
) -> Ended:
    """Look at what a death has left, go on, and hold the end against the whole training; return the going on."""
    runs = _runs(forking, book, folder)
    if not runs:
        assert died.acknowledged == 0, point
        again = forking.run("run", "cfg.json", *book, cwd=folder)
    else:
        (run,) = runs
        # Only behind the last commit has it come to its end.
        assert run["status"] == (whole.run["status"] if is_over else "crashed"), point
        shown = forking.run("show", "r1", "--json", *book, cwd=folder).json
        told = [(epoch["phase"], epoch["epoch"]) for epoch in shown["epochs"]]
        assert told == [(epoch["phase"], epoch["epoch"]) for epoch in whole.run["epochs"]][: len(told)], point
        trained = [epoch for epoch in shown["epochs"] if epoch["phase"] == "train"]
        assert len(trained) >= died.acknowledged, point
        assert _measured(shown) == _measured(whole.run)[: len(told)], point
        again = forking.run("resume", "r1", *book, cwd=folder)
        if run["status"] != "crashed":
            assert (again.status, "nothing left to train" in again.err) == (2, True), point
    assert again.status in (0, 2), (point, again.err)
    assert forking.run("fsck", *book, cwd=folder).status == 0, point
    ended = forking.run("show", "r1", "--json", *book, cwd=folder).json
    assert ended["status"] == whole.run["status"], point
    assert _measured(ended) == _measured(whole.run), point
    for name in ("weights_hash", "best_epoch", "test_loss", "predictions"):
        assert ended["end"].get(name) == whole.run["end"].get(name), (point, name)
    if again.status == 0:
        assert list((folder / book[1] / "live").iterdir()) == [], point
    assert list((folder / book[1]).rglob("*.tmp")) == [], point
    return again


def _runs(forking: Forking, book: tuple[str, ...], folder: Path) -> list[dict[str, Any]]:
    listed = forking.run("ls", "--json", *book, cwd=folder)
    if listed.status == 4:
        return []
    assert listed.status == 0, listed.err
    return list(listed.json["runs"])


def _measured(run: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the epochs without the time that they took."""
    return [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in run["epochs"]]
