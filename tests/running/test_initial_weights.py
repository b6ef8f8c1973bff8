"""Initial weights from a checkpoint: exactly those weights, whole or by layer, or a message before anything trains."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from logbook.training.checkpoints import state_hash
from tests.running.beginning import begin_like
from tests.running.conftest import Answer, Command

STILL = {"kind": "sgd", "lr": 0.0}
"""An optimizer that moves nothing: what a run ends with is what it began with."""


def train(folder: Path, logbook: Command, *options: str, **changes: Any) -> Answer:
    config = {
        "name": "iris",
        "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
        "model": {"kind": "mlp", "hidden": [8]},
        "training": {"epochs": 1, "device": "cpu"},
    } | changes
    (folder / "c.json").write_text(json.dumps(config))
    return logbook("run", "c.json", "--json", "--force", *options)


def from_checkpoint(init: dict[str, Any], **model: Any) -> dict[str, Any]:
    return {
        "model": {"kind": "mlp", "hidden": [8], "init": {"kind": "checkpoint", **init}, **model},
        "optimizer": STILL,
    }


def weights_of(folder: Path, run: dict[str, Any], which: str = "last") -> dict[str, torch.Tensor]:
    state: dict[str, Any] = torch.load(folder / ".logbook" / "checkpoints" / run["uuid"] / f"{which}.pt")
    weights: dict[str, torch.Tensor] = state["model"]
    return weights


@pytest.fixture
def first(folder: Path, logbook: Command) -> dict[str, Any]:
    """A run to begin from: r1, which moved its weights."""
    answer = train(folder, logbook)
    assert answer.status == 0, answer.err
    run: dict[str, Any] = answer.json
    return run


@pytest.mark.parametrize("reference", ["r1", "words", "uuid"])
def test_a_run_begins_with_the_weights_of_another(
    folder: Path, logbook: Command, first: dict[str, Any], reference: str
) -> None:
    name = first.get(reference, "r1")
    answer = train(folder, logbook, **from_checkpoint({"run": name, "which": "last"}))
    assert answer.status == 0, answer.err
    assert answer.json["end"]["weights_hash"] == first["end"]["weights_hash"]
    told = f"weights begun from the last checkpoint of r1, epoch 1 ({first['end']['weights_hash'][:12]})"
    assert told in logbook("show", "r2").out
    assert answer.json["initial_weights"] == {
        "run": "r1",
        "uuid": first["uuid"],
        "checkpoint": "last",
        "epoch": 1,
        "path": "",
        "weights_hash": first["end"]["weights_hash"],
    }


def test_layers_that_are_not_named_are_drawn_as_the_rest(folder: Path, logbook: Command, first: dict[str, Any]) -> None:
    init = {"run": "r1", "layers": ["hidden.*"], "rest": "zeros"}
    run = train(folder, logbook, **from_checkpoint(init)).json
    before, after = weights_of(folder, first, "best"), weights_of(folder, run)
    assert set(after) == {"hidden.0.linear.weight", "hidden.0.linear.bias", "output.weight", "output.bias"}
    for name in ("hidden.0.linear.weight", "hidden.0.linear.bias"):
        assert torch.equal(before[name], after[name])
    assert not after["output.weight"].any()
    assert before["output.weight"].any()


def test_the_rest_follows_the_activation(folder: Path, logbook: Command, first: dict[str, Any]) -> None:
    changes = from_checkpoint({"run": "r1", "layers": ["output"]}, activation="tanh", hidden=[8])
    run = train(folder, logbook, **changes).json
    assert run["config"]["model"]["init"]["rest"]["kind"] == "xavier"
    assert torch.equal(weights_of(folder, run)["output.weight"], weights_of(folder, first)["output.weight"])


@pytest.mark.parametrize("form", ["plain", "wrapped", "parallel", "ours"])
def test_a_file_of_weights(folder: Path, logbook: Command, first: dict[str, Any], form: str) -> None:
    weights = weights_of(folder, first)
    saved: Any = {
        "plain": weights,
        "wrapped": {"state_dict": dict(weights), "epoch": 7},
        "parallel": {f"module.{name}": value for name, value in weights.items()},
    }.get(form)
    if saved is None:
        shutil.copy(folder / ".logbook" / "checkpoints" / first["uuid"] / "last.pt", folder / "w.pt")
    else:
        torch.save(saved, folder / "w.pt")
    run = train(folder, logbook, **from_checkpoint({"path": "w.pt"})).json
    assert run["end"]["weights_hash"] == first["end"]["weights_hash"] == state_hash(weights)
    assert run["initial_weights"]["path"] == "w.pt"
    assert run["initial_weights"]["weights_hash"] == first["end"]["weights_hash"]


def test_a_network_of_ones_own_takes_weights_too(folder: Path, logbook: Command) -> None:
    source = (
        "import torch\ndef net(input_shape, output_size):\n    return torch.nn.Sequential("
        "torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.LazyLinear(output_size))\n"
    )
    (folder / "a_net.py").write_text(source)
    own = {"kind": "python", "target": "a_net:net"}
    first = train(folder, logbook, model=own).json
    init = {"kind": "checkpoint", "run": "r1"}
    whole = train(folder, logbook, model=own | {"init": init}, optimizer=STILL).json
    assert whole["end"]["weights_hash"] == first["end"]["weights_hash"]
    part = train(folder, logbook, model=own | {"init": init | {"layers": ["0"]}}, optimizer=STILL).json
    before, after = weights_of(folder, first), weights_of(folder, part)
    assert torch.equal(before["0.weight"], after["0.weight"])
    assert not torch.equal(before["2.weight"], after["2.weight"])


MISFITS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"run": "r1"}, {"hidden": [9]}, "hidden.0.linear.weight is 8 x 4 there and 9 x 4 in the network"),
    ({"run": "r1"}, {"hidden": [8, 8]}, "it lacks hidden.1.linear.weight, hidden.1.linear.bias"),
    ({"run": "r1"}, {"hidden": []}, "it has hidden.0.linear.weight, hidden.0.linear.bias, which the network lacks"),
    ({"run": "r1", "layers": ["hiden.0"]}, {}, "model.init.layers: the network has no layer 'hiden.0'"),
    ({"run": "r1", "layers": ["nope"]}, {}, "no layer 'nope'; it has "),
    ({"run": "r9"}, {}, "model.init.run is 'r9'"),
    ({"run": "iris"}, {}, "that is r1 now, and may be another run later; write r1"),
    ({"run": "@"}, {}, "that is r1 now, and may be another run later; write r1"),
    ({"path": "no.pt"}, {}, "model.init: no.pt is not there"),
    ({"path": "c.json"}, {}, "model.init: c.json can't be read as weights"),
    ({"path": "pipe.pt"}, {}, "model.init: pipe.pt is no file"),
    ({"path": "whole.pt"}, {}, "save model.state_dict()"),
    ({"path": "numbers.pt"}, {}, "numbers.pt holds no weights by name"),
    ({}, {}, "give run or path, found neither"),
    ({"run": "r1", "path": "no.pt"}, {}, "give run or path, found both"),
    ({"run": "r1", "rest": "he"}, {}, "rest is for layers that are not taken"),
    ({"run": "r1", "layers": []}, {}, "model.init.layers"),
]


def test_what_does_not_fit_is_said_before_training(folder: Path, logbook: Command, first: dict[str, Any]) -> None:
    torch.save(torch.nn.Linear(1, 1), folder / "whole.pt")
    torch.save([1, 2], folder / "numbers.pt")
    os.mkfifo(folder / "pipe.pt")
    for init, model, says in MISFITS:
        answer = train(folder, logbook, **from_checkpoint(init, **model))
        assert answer.status == 2, init
        assert says in answer.err, init
    assert len(MISFITS) == 17
    assert len(logbook("ls", "--json").json["runs"]) == 1


def test_check_with_start_builds_it_too(folder: Path, logbook: Command, first: dict[str, Any]) -> None:
    (folder / "c.json").write_text(
        json.dumps(
            {"data": {"source": {"kind": "sklearn", "dataset": "iris"}}} | from_checkpoint({"run": "r1"}, hidden=[9])
        )
    )
    assert "doesn't fit" not in logbook("check", "c.json").err
    answer = logbook("check", "c.json", "--start")
    assert answer.status == 2
    assert "doesn't fit the network" in answer.err


def test_without_its_checkpoint_the_run_is_no_beginning(folder: Path, logbook: Command, first: dict[str, Any]) -> None:
    shutil.rmtree(folder / ".logbook" / "checkpoints")
    answer = train(folder, logbook, **from_checkpoint({"run": "r1"}))
    assert answer.status == 2
    assert "model.init.run is 'r1': r1 has no best checkpoint" in answer.err


def test_a_run_that_was_stopped_before_its_first_checkpoint_begins_there_again(
    folder: Path, logbook: Command, first: dict[str, Any]
) -> None:
    answer = train(folder, logbook, **from_checkpoint({"run": "r1", "which": "last"}))
    assert answer.status == 0
    # As after a kill in the first epoch: recorded, and no checkpoint of its own.
    assert begin_like(folder, 2).id == "r3"
    resumed = logbook("resume", "r3", "--json")
    assert resumed.status == 0, resumed.err
    assert resumed.json["end"]["weights_hash"] == first["end"]["weights_hash"]
