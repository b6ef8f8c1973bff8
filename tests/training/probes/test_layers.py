"""The numbers of a layer, against a naive second computation of each."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional

from logbook.training.probes.layers import MAX_CALLS, LayerProbe
from logbook_schemas.records.measures import LayerRecord
from tests.training.models.building import a_model


def naive_update_ratio(before: list[torch.Tensor], after: list[torch.Tensor]) -> float:
    moved = sum(((a - b) ** 2).sum().item() for a, b in zip(after, before, strict=True)) ** 0.5
    return moved / sum((b**2).sum().item() for b in before) ** 0.5


def measured(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor) -> dict[str, LayerRecord]:
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    probe = LayerProbe(model)
    functional.cross_entropy(model(inputs), targets).backward()
    probe.before_update()
    optimizer.step()
    probe.after_update()
    with probe.activations(), torch.no_grad():
        model(inputs)
    probe.weights()
    return {record.name: record for record in probe.records()}


def test_every_number_of_a_layer_is_as_computed_by_hand() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3))
    with torch.no_grad():
        model[0].bias[2] = -100.0
    inputs, targets = torch.randn(40, 5), torch.randint(3, (40,))
    twin = copy.deepcopy(model)
    records = measured(model, inputs, targets)

    functional.cross_entropy(twin(inputs), targets).backward()
    gradients = [twin[0].weight.grad, twin[0].bias.grad]
    norm = sum(float((g**2).sum()) for g in gradients if g is not None) ** 0.5
    zeros = sum(int((g == 0).sum()) for g in gradients if g is not None)
    before = [weight.detach().clone() for weight in twin[0].parameters()]
    torch.optim.SGD(twin.parameters(), 0.1).step()
    twin.requires_grad_(False)
    hidden = twin[0](inputs).detach()
    after_relu = hidden.clamp(min=0)

    first, relu = records["0"], records["1"]
    assert first.kind == "Linear"
    assert first.parameters == 42
    assert first.gradient_norm == pytest.approx(norm, rel=1e-5)
    assert first.gradient_zero_share == pytest.approx(zeros / 42)
    assert zeros >= 6, "the dead unit has no gradient"
    assert first.update_ratio == pytest.approx(naive_update_ratio(before, list(twin[0].parameters())), rel=1e-4)
    assert first.weight_norm == pytest.approx(sum(float((w**2).sum()) for w in twin[0].parameters()) ** 0.5, rel=1e-5)
    assert first.weight_std == pytest.approx(float(twin[0].weight.std()), rel=1e-5)
    assert first.activation_mean == pytest.approx(float(hidden.mean()), rel=1e-4)
    assert first.activation_std == pytest.approx(float(hidden.std(correction=0)), rel=1e-4)
    assert relu.zero_share == pytest.approx(float((after_relu == 0).double().mean()))
    assert relu.dead_share == pytest.approx(float((after_relu == 0).all(0).double().mean()))
    assert relu.dead_share >= 1 / 7


def test_a_channel_is_dead_where_it_is_zero_on_every_row_and_place() -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 2))
    with torch.no_grad():
        model[0].bias[1:3] = -100.0
    records = measured(model, torch.randn(6, 1, 8, 8), torch.randint(2, (6,)))
    assert records["1"].dead_share == 0.5


def test_the_sparse_gradient_of_an_embedding_is_measured_as_the_dense_one() -> None:
    tokens, targets = torch.tensor([[1, 2], [1, 1], [4, 2]]), torch.tensor([0, 1, 1])
    found = []
    for sparse in (False, True):
        torch.manual_seed(0)
        embedding = nn.Embedding(6, 3, sparse=sparse)
        model = nn.Sequential(embedding, nn.Flatten(), nn.Linear(6, 2))
        found.append(measured(model, tokens, targets)["0"])
    assert found[0].gradient_norm == pytest.approx(found[1].gradient_norm)
    assert found[0].gradient_zero_share == pytest.approx(found[1].gradient_zero_share)
    assert found[0].update_ratio == pytest.approx(found[1].update_ratio)


def test_learned_slopes_pieces_and_dropped_weights_are_measured_as_what_they_are() -> None:
    section = {
        "kind": "mlp", "hidden": [6], "dropconnect": 0.3, "normalization": {"kind": "group", "groups": 2},
    }  # fmt: skip
    inputs, targets = torch.randn(40, 5), torch.randint(3, (40,))
    prelu = a_model({**section, "activation": "prelu"}, input_shape=(5,), output_size=3).eval()
    prelu.hidden[0].linear.weight.data[2] = 0.0
    records = measured(prelu, inputs, targets)
    slope = records["hidden.0.activation"]
    assert (slope.kind, slope.parameters, slope.weight_std) == ("PReLU", 1, None)
    assert slope.weight_norm == pytest.approx(abs(prelu.hidden[0].activation.weight.item()))
    assert slope.gradient_norm > 0
    assert slope.update_ratio > 0
    assert slope.dead_share == 0
    weights = records["hidden.0.linear"]
    assert (weights.kind, weights.parameters) == ("DropConnectLinear", 36)
    assert weights.weight_std == pytest.approx(prelu.hidden[0].linear.weight.std().item(), rel=1e-5)

    maxout = a_model({**section, "activation": {"kind": "maxout", "pieces": 2}}, input_shape=(5,), output_size=3).eval()
    records = measured(maxout, inputs, targets)
    with torch.no_grad():
        pieces = maxout.hidden[0].normalization(maxout.hidden[0].linear(inputs))
    largest = torch.maximum(pieces[:, ::2], pieces[:, 1::2])
    found = records["hidden.0.activation"]
    assert found.activation_mean == pytest.approx(float(largest.mean()), rel=1e-4)
    assert found.activation_std == pytest.approx(float(largest.std(correction=0)), rel=1e-4)
    assert found.dead_share is None, "the largest of several pieces doesn't die"


class Odd(nn.Module):
    """A layer that hands back a tuple, one that hands back a dict, and one that is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.recurrent = nn.GRU(4, 5, batch_first=True)
        self.shared = nn.Linear(5, 5)
        self.last = nn.Linear(5, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs, _ = self.recurrent(x)
        return self.last(self.shared(self.shared(outputs[:, -1])))


def test_layers_with_odd_outputs_are_measured_as_far_as_they_go() -> None:
    records = measured(Odd(), torch.randn(8, 3, 4), torch.randint(2, (8,)))
    assert list(records) == ["recurrent", "shared", "shared#2", "last"]
    assert records["recurrent"].activation_std is not None


class Shared(nn.Module):
    """One ReLU behind two layers, and one cell that is called again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(4, 6), nn.Linear(6, 6), nn.Linear(6, 2)
        self.act = nn.ReLU()
        self.cell = nn.Tanh()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.act(self.second(self.act(self.first(x))))
        for _ in range(MAX_CALLS + 5):
            x = self.cell(x)
        result: torch.Tensor = self.last(x)
        return result


def test_a_module_that_is_used_at_several_places_is_measured_at_each() -> None:
    torch.manual_seed(0)
    model, inputs = Shared(), torch.randn(40, 4)
    with torch.no_grad():
        model.first.bias[:3] = -100.0
    probe = LayerProbe(model)
    with probe.activations(), torch.no_grad():
        model(inputs)
    records = {record.name: record for record in probe.records()}
    with torch.no_grad():
        one = model.first(inputs).clamp(min=0)
        two = model.second(one).clamp(min=0)
    for name, values in (("act", one), ("act#2", two)):
        assert records[name].dead_share == pytest.approx(float((values == 0).all(0).double().mean()))
        assert records[name].activation_mean == pytest.approx(float(values.mean()), rel=1e-5)
    assert records["act"].dead_share == 0.5
    assert records["act#2"].dead_share != 0.5
    assert sum(name.startswith("cell") for name in records) == MAX_CALLS
    assert f"the first {MAX_CALLS}" in probe.skipped["layer cell"]
