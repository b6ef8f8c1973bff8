"""One seed governs weights, order, augmentation and dropout, and changing one of them shifts none of the others.

Seen from within trainings: the network and the loss are a person's own, and write down what reaches them.
"""

from __future__ import annotations

import json
import sys
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
import torch
from pydantic import ValidationError

from logbook.errors import ConfigError, DataError
from logbook.training.data import load_data
from logbook.training.seeding import Generators
from logbook.training.state import Job
from logbook.training.trainer import prepare, train
from logbook_schemas.config.base import kind_of
from logbook_schemas.config.run import RunConfig
from tests.training.combinations.drawing import draw_config, write_arrays
from tests.training.trainings import Sink, job_of, own_module

WITNESS = """
import torch
from torch import nn

INPUTS, ORDER, MASKS = [], [], []

def rows():
    generator = torch.Generator().manual_seed(1)
    return torch.randn(40, 3, generator=generator), torch.arange(40.0)

class Net(nn.Module):
    def __init__(self, dropout, input_shape, output_size):
        super().__init__()
        self.hidden = nn.Linear(3, 16)
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(16, output_size)

    def forward(self, x):
        kept = self.drop(torch.ones(len(x), 16))
        if self.training:
            INPUTS.append(x.detach().clone())
            MASKS.append(kept > 0)
        return self.output(torch.tanh(self.hidden(x)) * kept)

def loss():
    def squares(outputs, targets):
        ORDER.append(targets.detach().clone())
        return ((outputs.flatten() - targets.flatten()) ** 2).mean()
    return squares
"""


class Seen(NamedTuple):
    """What a training was made of."""

    weights: torch.Tensor
    order: torch.Tensor
    inputs: torch.Tensor
    masks: torch.Tensor

    def same(self, other: Seen) -> set[str]:
        """Name what is the same in both."""
        return {name for name in self._fields if torch.equal(getattr(self, name), getattr(other, name))}


@pytest.fixture
def seen(tmp_path: Path) -> Any:
    def training(*, dropout: float = 0.5, seed: int = 0, augment: list[Any] | None = None) -> Seen:
        own_module(tmp_path, "witness", WITNESS)
        source = {"kind": "python", "target": "witness:rows"}
        prepared = prepare(
            job_of(
                tmp_path,
                {
                    "task": "regression",
                    "data": {"source": source, "inputs": [], "targets": [], "augment": augment or []},
                    "model": {"kind": "python", "target": "witness:Net", "kwargs": {"dropout": dropout}},
                    "loss": {"kind": "python", "target": "witness:loss"},
                    "metrics": [],
                    "diagnostics": {"every": 0},
                    "training": {"seed": seed, "epochs": 3},
                },
            )
        )
        weights = torch.cat([one.detach().flatten().clone() for one in prepared.parts.model.parameters()])
        train(prepared, Sink())
        module = sys.modules["witness"]
        return Seen(weights, torch.cat(module.ORDER), torch.cat(module.INPUTS), torch.cat(module.MASKS))

    return training


def test_the_same_seed_gives_the_same_in_everything(seen: Any) -> None:
    noise = [{"kind": "noise", "std": 0.1}]
    assert seen(augment=noise).same(seen(augment=noise)) == {"weights", "order", "inputs", "masks"}


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_another_dropout_shifts_neither_weights_nor_order_nor_augmentation(seen: Any, dropout: float) -> None:
    noise = [{"kind": "noise", "std": 0.1}]
    assert seen(augment=noise).same(seen(augment=noise, dropout=dropout)) == {"weights", "order", "inputs"}


@pytest.mark.parametrize("augment", [[], [{"kind": "noise", "std": 0.3}]], ids=["none", "stronger"])
def test_another_augmentation_shifts_neither_weights_nor_order_nor_dropout(seen: Any, augment: list[Any]) -> None:
    noise = [{"kind": "noise", "std": 0.1}]
    assert seen(augment=noise).same(seen(augment=augment)) == {"weights", "order", "masks"}


DATASET = (
    WITNESS
    + """
import random
import numpy as np

READ = []

class Noisy(torch.utils.data.Dataset):
    def __init__(self, length, noise):
        self.length, self.noise = length, noise

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        drawn = torch.rand(1).item() + np.random.rand() + random.random() if self.noise else 0.0
        READ.append((index, drawn))
        return torch.tensor([index / 40, drawn, 1.0]), torch.tensor(float(index))

def datasets(noise, validation_noise):
    return {"train": Noisy(40, noise), "validation": Noisy(8, validation_noise)}
"""
)


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def training(*, dropout: float = 0.5, noise: bool = True, validation: bool = False) -> tuple[list[Any], Any]:
        own_module(tmp_path, "witness_of_datasets", DATASET)
        source = {"kind": "python", "target": "witness_of_datasets:datasets"}
        prepared = prepare(
            job_of(
                tmp_path,
                {
                    "task": "regression",
                    "data": {
                        "source": {**source, "kwargs": {"noise": noise, "validation_noise": validation}},
                        "inputs": [],
                        "targets": [],
                    },
                    "model": {"kind": "python", "target": "witness_of_datasets:Net", "kwargs": {"dropout": dropout}},
                    "metrics": [],
                    "diagnostics": {"every": 0},
                },
            )
        )
        module = sys.modules["witness_of_datasets"]
        module.READ.clear()
        train(prepared, Sink())
        return module.READ, torch.cat(module.MASKS)

    return training


def test_what_a_dataset_draws_shifts_no_dropout_and_dropout_nothing_of_it(read: Any) -> None:
    """The person's own augmentation, from the global generators as torchvision's transforms draw it."""
    numbers, masks = read()
    assert len({drawn for _, drawn in numbers}) > 80, "each epoch draws anew"
    for dropout in (0.0, 0.2):
        assert read(dropout=dropout)[0] == numbers
    for changed in ({"noise": False}, {"validation": True}):
        assert torch.equal(read(**changed)[1], masks)


def test_another_seed_changes_all_of_them(seen: Any) -> None:
    noise = [{"kind": "noise", "std": 0.1}]
    assert seen(augment=noise, seed=0).same(seen(augment=noise, seed=1)) == set()


Step = tuple[int, int]
KINDS = ("autoencoder", "cnn", "embedding", "linear", "mlp", "rbm", "residual-cnn", "rnn", "transformer")


class Watching(Sink):
    """Keeps, after each step, the state of each stream."""

    def __init__(self, generators: Generators) -> None:
        super().__init__()
        self.generators = generators
        self.states: dict[str, dict[Step, bytes]] = {"order": {}, "augmentation": {}, "dropout": {}}

    def step(self, epoch: int, step: int, steps: int) -> bool:
        now = self.generators.state_dict()
        for name, states in self.states.items():
            states[epoch, step] = now["torch" if name == "dropout" else name].numpy().tobytes()
        return False


@pytest.mark.parametrize("kind", KINDS)
def test_of_every_network_and_source_nothing_shifts_another_stream(tmp_path: Path, kind: str) -> None:
    """Configs drawn over all that there is: a source, a procedure, a schedule, folds, pre-training."""
    write_arrays(tmp_path)
    drawn = (draw_config(Random(seed)) for seed in count())
    configs = (config for config in drawn if kind_of(config["model"]) == kind)
    tried = 0
    for raw in configs:
        try:
            config = RunConfig.model_validate(raw).model_dump(mode="json", by_alias=True)
            weights, states = watched(tmp_path, config)
        except (ValidationError, ConfigError, DataError):
            continue  # what can't go together is refused: tests of combinations look at how
        noise = [*config["data"]["augment"], {"kind": "noise", "std": 0.01}]
        of_the_network = config["model"].get("network", config["model"])
        for place, name, value, shifted in (
            (of_the_network, "dropout", 0.4, "dropout"),
            (of_the_network, "input_dropout", 0.4, "dropout"),
            (config["data"], "augment", noise, "augmentation"),
        ):
            if name not in place:
                continue
            before, place[name] = place[name], value
            try:
                others, other = watched(tmp_path, config)
            except (ValidationError, ConfigError, DataError):
                continue
            finally:
                place[name] = before
            tried += 1
            assert others == weights, (name, config)
            for stream in states.keys() - {shifted}:
                shared = states[stream].keys() & other[stream].keys()
                assert shared
                assert all(states[stream][step] == other[stream][step] for step in shared), (name, stream, config)
        if tried >= 3:
            return


def watched(folder: Path, config: dict[str, Any]) -> tuple[list[bytes], dict[str, dict[Step, bytes]]]:
    """Train, and return the initial weights and the state of each stream after each step."""
    made = RunConfig.model_validate_json(json.dumps(config))
    cpu = torch.device("cpu")
    loaded = load_data(made, folder).to(cpu)
    prepared = prepare(Job(config=made, loaded=loaded, folder=folder, checkpoints=folder / "checkpoints", device=cpu))
    weights = [one.detach().numpy().tobytes() for one in prepared.parts.model.parameters()]
    sink = Watching(prepared.generators)
    train(prepared, sink)
    return weights, sink.states


@pytest.mark.parametrize("changes", [{"dropout": 0.5}, {"input_dropout": 0.2}, {"dropout": 0.5, "dropconnect": 0.1}])
def test_dropout_in_our_own_networks_leaves_their_initial_weights(tmp_path: Path, changes: dict[str, float]) -> None:
    plain = weights_of(tmp_path, {"kind": "mlp", "hidden": [8, 8]})
    other = weights_of(tmp_path, {"kind": "mlp", "hidden": [8, 8], **changes})
    assert len(plain) == len(other) == 6
    assert all(torch.equal(one, two) for one, two in zip(plain, other, strict=True))
    assert not torch.equal(plain[0], weights_of(tmp_path, {"kind": "mlp", "hidden": [8, 8]}, seed=1)[0])


def weights_of(folder: Path, model: dict[str, Any], *, seed: int = 0) -> list[torch.Tensor]:
    prepared = prepare(job_of(folder, {"model": model, "training": {"seed": seed}}))
    return [one.detach().clone() for one in prepared.parts.model.parameters()]
