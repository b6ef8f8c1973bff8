"""What probes leave behind: nothing, whatever a person's module does to itself in its forward."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from logbook.training.probes.untouched import untouched
from tests.training.trainings import own_module, run

CPU = torch.device("cpu")


class Restless(nn.Module):
    """Changes itself each time in every way that people do."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(2, 2)
        self.norm = nn.BatchNorm1d(2)
        self.register_buffer("replaced", torch.zeros(2))
        self.register_buffer("in_place", torch.zeros(2))
        self.plain = torch.zeros(1)
        self.calls = 0
        self.log: list[int] = []
        self.table = {"sum": torch.zeros(1), "calls": 0}
        self.seen: set[int] = set()
        self.torchs, self.numpys = torch.Generator().manual_seed(1), np.random.default_rng(1)
        self.old_numpys, self.pythons = np.random.RandomState(1), random.Random(1)

    def forward(self, x: Tensor) -> Tensor:
        self.log.append(len(self.log))
        self.seen.add(len(self.log))
        self.table["calls"] += 1
        self.table["sum"] += 1
        torch.rand(1, generator=self.torchs)
        _ = self.numpys.random(), self.old_numpys.random(), self.pythons.random()
        self.replaced = self.replaced + 1
        self.in_place += 1
        self.plain.add_(1)
        self.calls += 1
        self.made_up = "new"
        return self.norm(self.line(x)) + torch.rand(1) + random.random() + np.random.rand()


def state(model: Restless) -> list[object]:
    found = {name: value.tolist() for name, value in model.state_dict().items()}
    attributes = (model.calls, model.plain.item(), hasattr(model, "made_up"), model.line.training, model.training)
    containers = (list(model.log), {name: float(value) for name, value in model.table.items()}, set(model.seen))
    own = (model.torchs.get_state().tolist(), str(model.numpys.bit_generator.state), model.pythons.getstate())
    old = str(model.old_numpys.get_state())
    generators = (torch.rand(1).item(), random.random(), float(np.random.rand()))
    gradients = [None if weight.grad is None else weight.grad.tolist() for weight in model.parameters()]
    return [found, attributes, containers, own, old, generators, gradients]


def seeded() -> None:
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)


@pytest.mark.parametrize("fails", [False, True])
def test_a_restless_module_is_as_it_was(fails: bool) -> None:
    model = Restless()
    model.line.eval()
    model.line.weight.grad = torch.ones(2, 2)
    seeded()
    before = state(model)
    seeded()
    try:
        with untouched(model, CPU):
            model.eval()
            model.train()
            model(torch.ones(3, 2)).sum().backward()
            if fails:
                raise ValueError
    except ValueError:
        pass
    assert state(model) == before


RESTLESS = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.line = nn.Linear(inputs, outputs)
        self.register_buffer("seen", torch.zeros(()))
        self.calls = 0

    def forward(self, x):
        self.seen = self.seen + len(x)
        self.calls += 1
        return self.line(x) * (1 + 0.001 * self.calls + 0.0001 * self.seen)

def make(input_shape, output_size):
    return Net(input_shape[0], output_size)
"""


def test_training_a_module_that_counts_its_calls_is_the_same_with_probes_on_and_off(tmp_path: Path) -> None:
    ends = []
    for every in (0, 1):
        own_module(tmp_path / str(every), f"restless_{every}", RESTLESS)
        model = {"kind": "python", "target": f"restless_{every}:make"}
        ends.append(run(tmp_path / str(every), {"model": model, "diagnostics": {"every": every}})[1])
    assert ends[0].weights_hash == ends[1].weights_hash
