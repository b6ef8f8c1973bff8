"""Rules on initial weights: thresholds on records, and real untrained networks with a healthy twin each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import LayerRecord
from tests.checks.programs import CLASSES, SEEDS, check, loud, own

DIGITS = {**CLASSES, "data": {"source": {"kind": "sklearn", "dataset": "digits"}}}
NETS = """
import torch
from torch import nn

def build(input_shape, output_size, weight=None, bias=None, head=None, norm=False):
    parts, before = [nn.Flatten()], 64
    for _ in range(3):
        parts += [nn.Linear(before, 32), *([nn.BatchNorm1d(32)] if norm else []), nn.ReLU()]
        before = 32
    model = nn.Sequential(*parts, nn.Linear(before, output_size))
    layers = [part for part in model if isinstance(part, nn.Linear)]
    for layer in layers[:-1]:
        if weight is not None:
            nn.init.normal_(layer.weight, std=weight) if weight else nn.init.constant_(layer.weight, 0.05)
        if bias is not None:
            nn.init.constant_(layer.bias, bias)
    if head is not None:
        nn.init.constant_(layers[-1].weight, head)
        nn.init.constant_(layers[-1].bias, 5.0)
    return model

class Branches(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.first, self.last = nn.Linear(64, 32), nn.Linear(32, outputs)
        self.ups = nn.ModuleList(nn.Linear(32, 32) for _ in range(3))
        self.downs = nn.ModuleList(nn.Linear(32, 32) for _ in range(3))
        for down in self.downs:
            nn.init.zeros_(down.weight)
            nn.init.zeros_(down.bias)

    def forward(self, x):
        x = self.first(x.flatten(1))
        for up, down in zip(self.ups, self.downs):
            x = x + down(torch.relu(up(x)))
        return self.last(x)

def branches(output_size):
    return Branches(output_size)
"""


def mlp(hidden: list[int], **more: Any) -> dict[str, Any]:
    return {**DIGITS, "model": {"kind": "mlp", "hidden": hidden, **more}}


def judged(code: str, known: Any) -> list[Finding]:
    rule = find_rule(code)
    assert rule is not None
    return list(rule.judge(known))


def layer(name: str, order: int, **fields: Any) -> LayerRecord:
    return LayerRecord(**{"name": name, "kind": "Linear", "order": order, "fan_in": 64, "gradient_norm": 0.1, **fields})


@pytest.mark.parametrize(
    ("ratio", "std", "fires"), [(11.0, 1.0, True), (9.0, 1.0, False), (4.0, 6.0, True), (2.9, 6.0, False)]
)
def test_large_weights_count_by_themselves_from_ten_and_with_loud_outputs_from_three(
    ratio: float, std: float, fires: bool
) -> None:
    layers = (layer("one", 0, weight_std=1.0, weight_variance_ratio=ratio), layer("two", 1, weight_std=0.1))
    known = evidence(start=start(layers=layers, outputs={"std": std}))
    assert bool(judged("I101", known)) is fires


def test_weights_of_an_earlier_training_or_a_frozen_layer_are_not_judged() -> None:
    layers = (layer("one", 0, weight_std=9.0, weight_variance_ratio=90.0), layer("two", 1))
    trained = config(model={"kind": "mlp", "hidden": [8], "init": {"kind": "checkpoint", "run": "r1"}})
    assert judged("I101", evidence(start=start(layers=layers)))
    assert not judged("I101", evidence(config=trained, start=start(layers=layers)))
    frozen = tuple(one.model_copy(update={"gradient_norm": None}) for one in layers)
    assert not judged("I101", evidence(start=start(layers=frozen)))


def test_identical_units_count_where_their_gradients_are_identical_too() -> None:
    output = layer("output", 1)
    stuck = layer("one", 0, identical_units=1.0, identical_gradients=1.0)
    parting = layer("one", 0, identical_units=1.0, identical_gradients=0.1)
    assert [found.severity for found in judged("I102", evidence(start=start(layers=(stuck, output))))] == ["error"]
    assert not judged("I102", evidence(start=start(layers=(parting, output))))
    alone = layer("output", 0, identical_units=1.0, identical_gradients=1.0)
    assert not judged("I102", evidence(start=start(layers=(alone,)))), "an output layer may begin at 0"


@pytest.mark.parametrize(
    ("bias", "mean", "severities"), [(0.9, 3.0, []), (1.5, 0.1, ["note"]), (5.0, -5.0, ["warning"])]
)
def test_a_large_bias_is_a_warning_where_it_drowns_the_signal(bias: float, mean: float, severities: list[str]) -> None:
    layers = (layer("one", 0, bias_max=bias, activation_mean=mean, unit_std=1.0), layer("output", 1, bias_max=9.0))
    assert [found.severity for found in judged("I103", evidence(start=start(layers=layers)))] == severities


@pytest.mark.parametrize(("given", "fires"), [(5e-4, True), (5e-3, False)])
def test_a_signal_fades_by_what_reaches_the_output(given: float, fires: bool) -> None:
    layers = (
        *(layer(str(order), order, unit_std=1.0 if order == 0 else 0.0) for order in range(3)),
        layer("output", 3, input_unit_std=given),
    )
    assert bool(judged("I104", evidence(start=start(layers=layers)))) is fires


@pytest.mark.parametrize(("widest", "fires"), [(150.0, True), (80.0, False)])
def test_a_signal_grows(widest: float, fires: bool) -> None:
    layers = tuple(layer(str(order), order, unit_std=std) for order, std in enumerate((1.0, widest, 1.0)))
    assert bool(judged("I105", evidence(start=start(layers=layers)))) is fires


def test_uneven_variances_and_unusual_scales_are_notes() -> None:
    layers = tuple(layer(str(order), order, weight_std=std) for order, std in enumerate((0.01, 0.2, 0.1)))
    assert [found.severity for found in judged("I106", evidence(start=start(layers=layers)))] == ["note"]
    norm = layer("norm", 0, kind="LayerNorm", fan_in=None, weight_abs_mean=0.5, weight_std=0.3)
    assert [found.severity for found in judged("I107", evidence(start=start(layers=(norm,))))] == ["note"]
    zero = norm.model_copy(update={"weight_abs_mean": 0.0, "weight_std": 0.0})
    assert not judged("I107", evidence(start=start(layers=(zero,))))


@pytest.mark.parametrize(
    ("faulty", "name"),
    [
        (mlp([64, 64], init={"kind": "normal", "std": 1.0}), "unscaled-initial-weights"),
        (mlp([64, 64], init={"kind": "variance-scaling", "scale": 200.0}), "unscaled-initial-weights"),
        (mlp([64] * 7, init={"kind": "normal", "std": 0.01}), "unscaled-initial-weights"),
        (mlp([64, 64], init="zeros"), "identical-initial-weights"),
        (mlp([64, 64], init="zeros", activation="sigmoid"), "identical-initial-weights"),
        (mlp([64] * 6, activation="sigmoid"), "fading-signal"),
        ({**DIGITS, "model": own("build", weight=0.0, head=0.05)}, "identical-initial-weights"),
        ({**DIGITS, "model": own("build", weight=3.0, norm=True)}, "unscaled-initial-weights"),
        ({**DIGITS, "model": own("build", bias=-5.0)}, "large-initial-bias"),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_faulty_start_is_named_first(tmp_path: Path, faulty: dict[str, Any], name: str, seed: int) -> None:
    training = {**faulty["training"], "seed": seed}
    findings = check(tmp_path, {**faulty, "training": training}, NETS)
    of_causes = [found for found in loud(findings) if found != "saturating-activations-in-depth"]
    assert of_causes[0] == name


@pytest.mark.parametrize(
    "healthy",
    [
        *(mlp([64, 64], init=init) for init in ("default", "he", "xavier", "lecun", "orthogonal")),
        *(mlp([64, 64], activation=activation) for activation in ("tanh", "sigmoid", "gelu", "elu", "selu")),
        mlp([64] * 7, init="default"),
        mlp([64, 64], init={"kind": "normal", "std": 0.01}),
        mlp([64] * 10, normalization="batch"),
        {**DIGITS, "model": {"kind": "cnn"}},
        {**DIGITS, "model": {"kind": "residual-cnn", "zero_init_residual": True}},
        {**DIGITS, "model": own("build", bias=0.01)},
        {**DIGITS, "model": own("build", norm=True)},
    ],
)
def test_a_healthy_start_is_silent(tmp_path: Path, healthy: dict[str, Any]) -> None:
    assert not [found for found in check(tmp_path, healthy, NETS) if found.code[0] == "I" and found.severity != "note"]


def test_residual_branches_that_begin_at_nothing_are_no_fault(tmp_path: Path) -> None:
    findings = check(tmp_path, {**DIGITS, "model": own("branches")}, NETS)
    assert not [found for found in findings if found.code[0] == "I"]
