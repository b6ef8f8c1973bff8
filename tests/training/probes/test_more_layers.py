"""Layers of many kinds, and what is measured of them: functional activations, sampled steps, what nothing changes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

from logbook.training.probes.layers import LayerProbe
from logbook.training.probes.modules import same_rows
from logbook.training.probes.reductions import count_nonzero, deviation, sum_sizes
from logbook.training.probes.updates import sampled
from logbook.training.probes.weights import variance_ratio
from logbook_schemas.records.measures import LayerRecord
from tests.training.trainings import own_module, run


def watched(model: nn.Module, inputs: Tensor, *, at_start: bool = False) -> dict[str, LayerRecord]:
    probe = LayerProbe(model.eval(), at_start=at_start)
    with probe.activations(), torch.no_grad():
        model(inputs)
    probe.weights()
    assert probe.skipped == {}
    return {record.name: record for record in probe.records()}


class Functional(nn.Module):
    """What people write: activations without modules."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.one, self.two, self.out = nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 3)
        self.kind = kind

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.one(x))
        return self.out(self.act(self.two(x)))

    def act(self, x: Tensor) -> Tensor:
        if self.kind == "relu in place":
            return functional.relu(x, inplace=True)
        if self.kind == "none":
            return x * 1.5
        result: Tensor = getattr(torch, self.kind)(x)
        return result


@pytest.mark.parametrize("kind", ["relu", "relu in place"])
def test_dead_units_behind_a_functional_relu_are_seen(kind: str) -> None:
    torch.manual_seed(0)
    model, inputs = Functional(kind), torch.randn(300, 6)
    with torch.no_grad():
        model.two.bias[:6] = -50.0
        hidden = functional.relu(model.two(functional.relu(model.one(inputs))))
    found = watched(model, inputs)["two (activation)"]
    assert found.kind == "ReLU"
    assert found.dead_share == pytest.approx(float((hidden == 0).all(0).float().mean()))
    assert found.dead_share >= 6 / 8
    assert found.zero_share == pytest.approx(float((hidden == 0).float().mean()))


@pytest.mark.parametrize(("kind", "bound"), [("tanh", 0.99), ("sigmoid", 0.49)])
def test_saturated_units_behind_a_functional_activation_are_seen(kind: str, bound: float) -> None:
    torch.manual_seed(0)
    model, inputs = Functional(kind), torch.randn(300, 6)
    with torch.no_grad():
        model.one.weight.mul_(30)
        said = model.act(model.one(inputs))
        naive = ((said - (0.5 if kind == "sigmoid" else 0.0)).abs() > bound).float().mean()
    found = watched(model, inputs)["one (activation)"]
    assert found.kind.lower() == kind
    assert found.saturated_share == pytest.approx(float(naive), abs=1e-3)
    assert found.dead_share is None


def test_what_is_no_activation_has_no_record() -> None:
    assert list(watched(Functional("none"), torch.randn(40, 6))) == ["one", "two", "out"]


def test_raw_inputs_with_zeros_are_not_taken_for_dead_units() -> None:
    class TwoBranches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = nn.Linear(6, 6), nn.Linear(6, 6)

        def forward(self, x: Tensor) -> Tensor:
            left: Tensor = self.left(x)
            return left + self.right(x)

    assert list(watched(TwoBranches(), torch.zeros(40, 6))) == ["left", "right"]


def test_a_channel_that_dies_before_functional_pooling_is_seen_by_the_next_layer() -> None:
    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.out = nn.Conv2d(1, 4, 3), nn.Linear(4 * 9, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = functional.max_pool2d(functional.relu(self.conv(x)), 2)
            result: Tensor = self.out(x.flatten(1))
            return result

    torch.manual_seed(0)
    model = Pooled()
    with torch.no_grad():
        model.conv.bias[:3] = -50.0  # type: ignore[index]
    assert watched(model, torch.randn(30, 1, 8, 8))["conv (activation)"].dead_share == 0.75


def test_units_of_a_sequence_are_the_last_dimension() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    with torch.no_grad():
        model[0].bias[:2] = -50.0
    assert watched(model, torch.randn(20, 5, 4))["1"].dead_share == 0.25


def test_only_hidden_units_saturate() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
    records = watched(model, torch.randn(20, 4) * 100)
    assert (records["1"].saturated_share or 0) > 0.5
    assert records["3"].saturated_share is None


def test_a_constant_unit_is_constant_however_large_it_is() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Softplus(), nn.Linear(4, 1))
    with torch.no_grad():
        model[0].weight[:2] = 0.0
        model[0].bias[:2] = 1e6
    assert watched(model, torch.randn(64, 4))["1"].constant_share == 0.5


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.out = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.out(self.layer(x).mean(1))
        return result


@pytest.mark.parametrize(
    ("model", "inputs", "names"),
    [
        (Encoder(), torch.randn(12, 5, 8), {"layer.self_attn", "layer.self_attn.out_proj", "layer.linear1", "out"}),
        (nn.Sequential(weight_norm(nn.Linear(4, 3)), nn.Linear(3, 2)), torch.randn(9, 4), {"0", "1"}),
        (nn.Sequential(spectral_norm(nn.Linear(4, 3)), nn.Linear(3, 2)), torch.randn(9, 4), {"0", "1"}),
        (nn.LSTM(4, 6), torch.randn(5, 9, 4), {"LSTM"}),
        (nn.Sequential(nn.ConvTranspose2d(2, 3, 2), nn.Flatten()), torch.randn(4, 2, 3, 3), {"0"}),
        (nn.Sequential(nn.Linear(3, 4).to(torch.bfloat16)), torch.randn(4, 3, dtype=torch.bfloat16), {"0"}),
    ],
)
def test_layers_of_many_kinds_are_measured(model: nn.Module, inputs: Tensor, names: set[str]) -> None:
    probe = LayerProbe(model)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    outputs = model(inputs)
    (outputs[0] if isinstance(outputs, tuple) else outputs).float().square().sum().backward()
    probe.before_update()
    optimizer.step()
    probe.after_update()
    probe.weights()
    records = {record.name: record for record in probe.records()}
    assert probe.skipped == {}
    assert probe.unchanged == ()
    for name in names:
        found = records[name]
        assert found.parameters
        assert (found.gradient_norm or 0) > 0
        assert (found.update_ratio or 0) > 0
        assert found.weight_std is not None
        assert found.fan_in
    measured = sum(record.parameters for record in records.values())
    assert measured == sum(parameter.numel() for parameter in model.parameters())


def test_looking_at_a_layer_whose_weight_is_computed_leaves_it_as_found() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(spectral_norm(nn.Linear(40, 30)), nn.ReLU(), nn.Linear(30, 2))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    LayerProbe(model)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_hooks_of_the_person_stay_and_ours_go() -> None:
    model, seen = nn.Sequential(nn.Linear(4, 3), nn.ReLU()), list[int]()
    model[1].register_forward_hook(lambda *_: seen.append(1))
    probe = LayerProbe(model)
    for _ in range(2):
        with probe.activations():
            model(torch.randn(5, 4))
    assert [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()] == [0, 0, 1]
    assert len(seen) == 2


def test_large_tensors_are_measured_as_small_ones_are() -> None:
    torch.manual_seed(0)
    values = torch.relu(torch.randn(200, 100)) + 3
    values[5, 5:50] = 0.0
    assert int(count_nonzero(values)) == 200 * 100 - 45
    assert float(sum_sizes([-values])[0]) == pytest.approx(float(values.double().sum()), rel=1e-5)
    assert float(deviation(values)) == pytest.approx(float(values.double().std()), rel=1e-5)
    assert float(deviation(values * 1e25)) == pytest.approx(float(values.double().std()) * 1e25, rel=1e-5)
    assert float(deviation(torch.full((200, 100), 0.3))) == 0
    assert int(count_nonzero(torch.full((200, 100), torch.nan))) == 20_000


def test_steps_are_sampled_over_the_epoch_and_the_last_is_among_them() -> None:
    for steps, amount in ((1, 1), (24, 1), (55, 2), (157, 5), (10_000, 5)):
        chosen = [step for step in range(steps) if sampled(step, steps)]
        assert len(chosen) == amount
        assert chosen[-1] == steps - 1


def test_the_update_ratio_is_the_median_over_the_sampled_steps() -> None:
    model = nn.Linear(4, 2)
    probe, ratios = LayerProbe(model), []
    for lr in (0.1, 5.0, 0.2):
        before = [p.detach().clone() for p in model.parameters()]
        optimizer = torch.optim.SGD(model.parameters(), lr)
        optimizer.zero_grad()
        model(torch.ones(3, 4)).square().mean().backward()
        probe.before_update()
        optimizer.step()
        probe.after_update()
        after = [p.detach() for p in model.parameters()]
        moved = math.sqrt(sum(float(((a - b) ** 2).sum()) for a, b in zip(after, before, strict=True)))
        ratios.append(moved / math.sqrt(sum(float((b**2).sum()) for b in before)))
    assert probe.records()[0].update_ratio == pytest.approx(sorted(ratios)[1], rel=1e-4)


def test_a_parameter_is_unchanged_only_if_it_had_a_gradient_and_no_step_moved_it() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2), nn.Linear(9, 9))
    model[0].bias.requires_grad_(False)
    optimizer = torch.optim.SGD(model[1].parameters(), 0.1)
    probe = LayerProbe(model)
    for _ in range(2):
        model[1](model[0](torch.randn(3, 4))).sum().backward()
        probe.before_update()
        optimizer.step()
        probe.after_update()
    probe.records()
    assert probe.unchanged == ("0.weight",)


def test_a_layer_that_begins_at_nothing_has_no_ratio_for_its_first_step() -> None:
    model = nn.Linear(4, 2)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    probe = LayerProbe(model)
    model(torch.ones(3, 4)).sum().backward()
    probe.before_update()
    torch.optim.SGD(model.parameters(), 0.1).step()
    probe.after_update()
    assert probe.records()[0].update_ratio is None


def test_entries_that_are_not_finite_are_counted() -> None:
    model = nn.Linear(4, 2)
    probe = LayerProbe(model)
    model(torch.ones(3, 4)).sum().backward()
    assert model.weight.grad is not None
    model.weight.grad[0, :3] = torch.nan
    probe.before_update()
    with torch.no_grad():
        model.bias[0] = torch.inf
    probe.weights()
    found = probe.records()[0]
    assert (found.gradient_nonfinite, found.weight_nonfinite) == (3, 1)


def test_rows_that_another_repeats_are_counted() -> None:
    rows = torch.randn(6, 5)
    rows[4] = rows[1]
    assert float(same_rows(rows)) == pytest.approx(2 / 6)
    assert float(same_rows(torch.zeros(3, 2))) == 1
    records = watched(nn.Sequential(nn.Linear(5, 6), nn.Linear(6, 2)), torch.randn(4, 5), at_start=True)
    assert records["0"].identical_units == 0


def test_the_variance_ratio_is_to_the_nearest_scheme() -> None:
    pairs = [(100, 100)]
    assert variance_ratio(math.sqrt(2 / 100), pairs) == 1
    assert variance_ratio(math.sqrt(1.5 / 100), pairs) == 1
    assert variance_ratio(10 * math.sqrt(2 / 100), pairs) == pytest.approx(10)
    assert variance_ratio(0.1 * math.sqrt(1 / 100), pairs) == pytest.approx(0.1)
    assert variance_ratio(math.nan, pairs) is None


OWN = """
import torch
from torch import nn
from torch.nn import functional

class Net(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.first = nn.utils.parametrizations.spectral_norm(nn.Linear(inputs, 8))
        self.encoder = nn.TransformerEncoderLayer(8, 2, 8, dropout=0.3, batch_first=True)
        self.norm = nn.BatchNorm1d(8)
        self.last = nn.Linear(8, outputs)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        x = functional.relu(self.first(x), inplace=True)
        x = self.norm(self.encoder(x[:, None])[:, 0])
        return self.last(functional.dropout(x, 0.2, self.training)) * (1 + 1e-4 * self.calls)

def make(input_shape, output_size):
    return Net(input_shape[0], output_size)
"""


@pytest.mark.parametrize("changes", [{}, {"data": "augmented"}])
def test_a_training_with_probes_is_the_training_without_to_the_bit(tmp_path: Path, changes: dict[str, object]) -> None:
    ends = []
    for every in (0, 1):
        own_module(tmp_path / str(every), f"watched_{every}", OWN)
        told: dict[str, object] = {
            "model": {"kind": "python", "target": f"watched_{every}:make"},
            "diagnostics": {"every": every},
            "training": {"epochs": 3},
        }
        if changes.get("data"):
            source = {"kind": "synthetic", "pattern": "blobs", "rows": 60}
            told["data"] = {"source": source, "augment": [{"kind": "noise", "std": 0.1}]}
        sink, end = run(tmp_path / str(every), told)
        ends.append((end.weights_hash, [(e.train_loss, e.train_loss_eval, e.val_loss) for e in sink.epochs]))
        assert bool(sink.epochs[-1].layers) is bool(every)
    assert ends[0] == ends[1]


def test_a_bias_that_a_normalization_takes_away_has_no_gradient_but_rounding() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    probe = LayerProbe(model)
    for _ in range(3):
        optimizer.zero_grad()
        model(torch.randn(32, 6)).square().mean().backward()
        probe.before_update()
        optimizer.step()
        probe.after_update()
    probe.records()
    assert probe.unchanged == ()


@pytest.mark.parametrize(("draw", "is_even"), [("uniform_", True), ("normal_", False)])
def test_frozen_weights_reach_as_far_as_torch_draws_them(draw: str, is_even: bool) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2))
    getattr(nn.init, draw)(model[0].weight)
    if is_even:
        model[0].reset_parameters()
    model[0].requires_grad_(False)
    probe = LayerProbe(model, at_start=True)
    with probe.activations():
        model(torch.randn(16, 32))
    probe.weights()
    layers = {layer.name: layer.frozen_reach for layer in probe.records()}
    assert layers["2"] is None
    assert layers["0"] is not None
    assert (0.9 < layers["0"] <= 1) is is_even
