"""Restricted Boltzmann machines: the rule against a naive second version, and trainings to a stated error."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from logbook.errors import DataError
from logbook.training.models.rbm import RestrictedBoltzmannMachine
from logbook.training.procedures.contrastive_divergence import contrast, sample
from tests.training.trainings import Sink, run

DIGITS: dict[str, Any] = {
    "name": "rbm",
    "task": "reconstruction",
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "inputs": [{"kind": "min-max", "per": "whole"}]},
    "model": {"kind": "rbm", "hidden": 64},
    "training": {"epochs": 6, "batch_size": 32},
}
GAUSSIAN = {
    **DIGITS,
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "inputs": ["standardize"]},
    "model": {"kind": "rbm", "hidden": 64, "visible": "gaussian"},
}


def a_machine(visible: Any, *, seed: int = 0, hidden: int = 3, units: int = 4, chain: int = 0) -> Any:
    torch.manual_seed(seed)
    weight, bias = nn.Parameter(torch.randn(hidden, units)), nn.Parameter(torch.randn(hidden))
    machine = RestrictedBoltzmannMachine(weight, bias, visible=visible, chain_rows=chain)
    with torch.no_grad():
        machine.visible_bias.copy_(torch.randn(units))
    return machine


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("visible", ["binary", "gaussian"])
@pytest.mark.parametrize("seed", range(5))
def test_one_step_of_contrastive_divergence_is_that_of_the_textbook(visible: str, seed: int) -> None:
    machine = a_machine(visible, seed=seed)
    data = torch.rand(6, 4) if visible == "binary" else torch.randn(6, 4)
    torch.manual_seed(100 + seed)
    made, negative = sample(machine, data, k=1, sample_visible=False)
    contrast(machine, data, negative).backward()

    w, c, b = (value.detach().numpy() for value in (machine.weight, machine.hidden_bias, machine.visible_bias))
    v0 = data.numpy()
    p0 = sigmoid(v0 @ w.T + c)
    torch.manual_seed(100 + seed)
    h0 = torch.bernoulli(torch.from_numpy(p0)).numpy()
    v1 = h0 @ w + b
    v1 = sigmoid(v1) if visible == "binary" else v1
    p1 = sigmoid(v1 @ w.T + c)
    rows = len(v0)
    w_gradient, c_gradient, b_gradient = np.zeros_like(w), np.zeros_like(c), np.zeros_like(b)
    for row, hidden, unit in itertools.product(range(rows), range(3), range(4)):
        w_gradient[hidden, unit] -= (v0[row, unit] * p0[row, hidden] - v1[row, unit] * p1[row, hidden]) / rows
    for row in range(rows):
        c_gradient -= (p0[row] - p1[row]) / rows
        b_gradient -= (v0[row] - v1[row]) / rows

    assert np.allclose(made.numpy(), v1, atol=1e-5)
    assert np.allclose(machine.weight.grad, w_gradient, atol=1e-5)
    assert np.allclose(machine.hidden_bias.grad, c_gradient, atol=1e-5)
    assert np.allclose(machine.visible_bias.grad, b_gradient, atol=1e-5)


@pytest.mark.parametrize("visible", ["binary", "gaussian"])
def test_the_free_energy_sums_the_hidden_states_out(visible: str) -> None:
    machine = a_machine(visible, seed=3)
    state = torch.rand(2, 4)
    w, c, b = machine.weight, machine.hidden_bias, machine.visible_bias
    terms = []
    for hidden in itertools.product([0.0, 1.0], repeat=3):
        h = torch.tensor(hidden)
        own = (state - b).square().sum(1) / 2 if visible == "gaussian" else -state @ b
        terms.append(-(own - h @ c - (state @ w.T) @ h))
    assert torch.allclose(machine.free_energy(state), -torch.logsumexp(torch.stack(terms), 0), atol=1e-5)


def test_the_chain_goes_on_from_where_it_stood() -> None:
    machine = a_machine("binary", chain=5)
    data = torch.rand(3, 4)
    _, first = sample(machine, data, k=2, sample_visible=True)
    assert first.shape == (5, 4)
    assert set(first.unique().tolist()) <= {0.0, 1.0}
    assert torch.equal(machine.chain, first)
    torch.manual_seed(1)
    _, second = sample(machine, data, k=1, sample_visible=False)
    torch.manual_seed(1)
    torch.bernoulli(machine.hidden_probabilities(data))
    expected = machine.visible_mean(torch.bernoulli(machine.hidden_probabilities(first)))
    assert torch.equal(second, expected)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        (DIGITS, 0.045),
        ({**DIGITS, "training": {"epochs": 6, "procedure": {"k": 2, "persistent": True}}}, 0.05),
        ({**DIGITS, "training": {"epochs": 6, "procedure": {"k": 3, "sample_visible": True}}}, 0.05),
        (GAUSSIAN, 0.95),
    ],
    ids=["cd-1", "persistent", "sampled", "gaussian"],
)
def test_the_reconstruction_of_digits_gets_better(tmp_path: Path, changes: dict[str, Any], error: float) -> None:
    sink, end = run(tmp_path, changes)
    losses = [record.val_loss for record in sink.epochs]
    assert end.status == "finished"
    assert losses[-1] is not None
    assert losses[-1] < error < (losses[0] or 0)
    assert losses == sorted(losses, reverse=True)
    # The mean image would lose 0.075 of the whole range squared, or 1.3 squared deviations.
    assert not sink.starts[0].no_gradient


def test_a_bias_fitted_to_the_data_begins_at_the_mean_image(tmp_path: Path) -> None:
    fitted, _ = run(tmp_path / "a", {**DIGITS, "training": {"epochs": 1}})
    plain = {**DIGITS, "model": {**DIGITS["model"], "visible_bias": "zeros"}, "training": {"epochs": 1}}
    zeros, _ = run(tmp_path / "b", plain)
    assert (fitted.starts[0].initial_loss or 1) < 0.08
    assert (zeros.starts[0].initial_loss or 0) > 0.13


@pytest.mark.parametrize("procedure", [{"k": 1}, {"k": 1, "persistent": True}], ids=str)
def test_a_resumed_machine_ends_at_the_same_weights(tmp_path: Path, procedure: dict[str, Any]) -> None:
    changes = {**DIGITS, "training": {"epochs": 3, "procedure": procedure}}
    whole, uninterrupted = run(tmp_path / "whole", changes)
    stopping = StopAfter(2)
    run(tmp_path / "parts", changes, sink=stopping)
    rest, resumed = run(tmp_path / "parts", changes, resume=True)
    assert stopping.losses + rest.losses == whole.losses
    assert resumed.weights_hash == uninterrupted.weights_hash


class StopAfter(Sink):
    """Stops between two epochs."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._left = epochs

    def should_stop(self) -> bool:
        return len(self.epochs) >= self._left


def test_binary_units_refuse_inputs_that_are_no_probabilities(tmp_path: Path) -> None:
    source = {"source": {"kind": "sklearn", "dataset": "digits"}}
    with pytest.raises(DataError, match=r"model\.visible 'binary' wants inputs from 0 to 1.*set data\.inputs to"):
        run(tmp_path, {**DIGITS, "data": source})
