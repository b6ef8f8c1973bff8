"""Rules on layers in training: thresholds on records, and real trainings with a healthy twin each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.checklist.examples import curve, evidence, start
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import LayerRecord
from tests.checks.programs import CLASSES, NUMBERS, SEEDS, own, run

DIGITS = {**CLASSES, "data": {"source": {"kind": "sklearn", "dataset": "digits"}}}
PARTS = """
import torch
from torch import nn

class Forgotten(torch.optim.SGD):
    def step(self, closure=None):
        pass

def forgotten(parameters):
    return Forgotten(parameters, lr=0.1)

def stopped(parameters):
    return torch.optim.SGD(parameters, lr=0.0)

class Functional(nn.Module):
    def __init__(self, outputs, bias):
        super().__init__()
        self.one, self.two, self.out = nn.Linear(64, 32), nn.Linear(32, 32), nn.Linear(32, outputs)
        if bias:
            nn.init.constant_(self.two.bias, bias)

    def forward(self, x):
        return self.out(torch.relu(self.two(torch.relu(self.one(x.flatten(1))))))

def functional(output_size, bias=0.0):
    return Functional(output_size, bias)

def frozen(output_size):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, output_size))
    model[1].requires_grad_(False)
    return model

class Words(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.table, self.one, self.out = nn.Embedding(500, 8), nn.Linear(32, 32), nn.Linear(32, outputs)

    def forward(self, x):
        return self.out(torch.relu(self.one(self.table(x).flatten(1))))

def words(output_size):
    return Words(output_size)

def tokens():
    made = torch.randint(0, 10, (300, 4), generator=torch.Generator().manual_seed(0))
    return made, (made[:, 0] > 4).long()
"""


def judged(code: str, known: Any) -> list[Finding]:
    rule = find_rule(code)
    assert rule is not None
    return list(rule.judge(known))


def hidden(**fields: Any) -> tuple[LayerRecord, ...]:
    """One hidden layer with an activation between two matrices; the numbers are the activation's."""
    return (
        LayerRecord(name="in", kind="Linear", order=0, fan_in=64, gradient_abs_mean=1.0, parameters=640),
        LayerRecord(name="act", kind="ReLU", order=1, **fields),
        LayerRecord(name="out", kind="Linear", order=2, fan_in=64, gradient_abs_mean=1.0, parameters=640),
    )


def weights(**fields: Any) -> tuple[LayerRecord, ...]:
    """Two matrices, the first with the numbers."""
    common = {"kind": "Linear", "fan_in": 64, "parameters": 640, "weight_norm": 3.0, "gradient_abs_mean": 0.1}
    return (
        LayerRecord(**{**common, "name": "in", "order": 0, **fields}),
        LayerRecord(**{**common, "name": "out", "order": 1}),
    )


@pytest.mark.parametrize(
    ("share", "losses", "severities"),
    [
        (0.59, [1.5, 1.2], []),
        (0.61, [1.5, 1.2], ["note"]),
        (0.55, [2.4, 2.3], ["note"]),
        (0.95, [2.4, 2.3], ["error"]),
        (0.95, [1.5, 1.2], ["note"]),
        (0.95, [0.5, 0.05], ["note"]),
    ],
)
def test_dead_units_count_by_share_and_by_how_the_training_goes(
    share: float, losses: list[float], severities: list[str]
) -> None:
    known = evidence(epochs=curve(losses, layers=hidden(dead_share=share)))
    assert [found.severity for found in judged("G201", known)] == severities


@pytest.mark.parametrize(
    ("losses", "severities"), [([2.4, 2.3], ["warning"]), ([1.5, 1.0], ["note"]), ([0.1, 0.01], [])]
)
def test_saturated_units_are_a_fault_where_nothing_is_learnt(losses: list[float], severities: list[str]) -> None:
    known = evidence(epochs=curve(losses, layers=hidden(saturated_share=0.9)))
    assert [found.severity for found in judged("G202", known)] == severities


@pytest.mark.parametrize(
    ("losses", "first", "fires"),
    [([2.4, 2.3], 1e-8, True), ([2.3], 1e-8, False), ([2.4, 1.2], 1e-8, False), ([2.4, 2.3], 1e-5, False)],
)
def test_gradients_vanish_two_epochs_running_while_nothing_is_learnt(
    losses: list[float], first: float, fires: bool
) -> None:
    known = evidence(epochs=curve(losses, layers=weights(gradient_abs_mean=first)))
    assert bool(judged("G203", known)) is fires


def test_gradients_explode_by_a_hundred_while_the_loss_is_bad() -> None:
    before = curve([2.2], gradient_norm=1.0)
    for norm, loss, fires in ((150.0, 9.0, True), (90.0, 9.0, False), (150.0, 1.0, False)):
        known = evidence(epochs=before + curve([0.0, loss], gradient_norm=norm)[1:])
        assert bool(judged("G204", known)) is fires
    broken = evidence(epochs=curve([1.0], layers=weights(gradient_nonfinite=3)))
    assert [found.severity for found in judged("G204", broken)] == ["error"]


def test_a_zero_gradient_is_an_error_where_it_is_whole_and_nothing_is_learnt() -> None:
    stalled = [2.4, 2.3]
    assert [
        f.severity for f in judged("G205", evidence(epochs=curve(stalled, layers=weights(gradient_zero_share=1.0))))
    ] == ["error"]
    assert not judged("G205", evidence(epochs=curve(stalled, layers=weights(gradient_zero_share=0.98)))), "first layer"
    assert not judged("G205", evidence(epochs=curve([2.4, 0.0], layers=weights(gradient_zero_share=1.0))))


def test_unchanged_parameters_are_no_fault_once_converged_or_where_the_rate_has_run_down() -> None:
    names = ("in.weight",)

    def known(losses: list[float], **fields: Any) -> Any:
        return evidence(epochs=curve(losses, layers=weights(update_ratio=0.0), unchanged=names, **fields))

    assert [found.severity for found in judged("G206", known([2.4, 2.4]))] == ["error"]
    assert not judged("G206", known([2.4, 0.01]))
    assert not judged("G206", known([2.4, 2.4], lr=1e-9)), "the config asks for 0.001"
    held = evidence(epochs=known([2.4, 2.4]).epochs, start=start(not_optimized=names))
    assert not judged("G206", held)


@pytest.mark.parametrize(("std", "severities"), [(2e3, ["warning"]), (1.0, []), (1e-6, ["note"])])
def test_normalization_hides_what_runs_away(std: float, severities: list[str]) -> None:
    norm = LayerRecord(name="norm", kind="BatchNorm1d", order=1, input_std=std)
    first = LayerRecord(name="norm", kind="BatchNorm1d", order=0, input_std=std)
    weighted = weights()[0].model_copy(update={"order": 1})
    assert [
        f.severity for f in judged("G207", evidence(epochs=curve([2.0], layers=(*weights()[:1], norm))))
    ] == severities
    assert not judged("G207", evidence(epochs=curve([2.0], layers=(first, weighted)))), "of the raw inputs"


@pytest.mark.parametrize(
    ("code", "ratio", "losses", "fires"),
    [
        ("G209", 1e-6, [2.4, 2.4], True),
        ("G209", 1e-6, [2.4], False),
        ("G209", 1e-6, [2.4, 1.0], False),
        ("G209", 1e-3, [2.4, 2.4], False),
        ("G210", 0.5, [2.4, 2.9], True),
        ("G210", 0.5, [2.4, 1.0], False),
        ("G210", 0.05, [2.4, 2.9], False),
    ],
)
def test_updates_are_judged_where_nothing_is_learnt(code: str, ratio: float, losses: list[float], fires: bool) -> None:
    layers = tuple(one.model_copy(update={"update_ratio": ratio}) for one in weights())
    assert bool(judged(code, evidence(epochs=curve(losses, layers=layers)))) is fires


def test_an_epoch_that_was_not_measured_is_not_judged() -> None:
    measured = curve([2.4, 2.3, 2.3], layers=hidden(dead_share=1.0))
    last = measured[2].model_copy(update={"layers": ()})
    assert not judged("G201", evidence(epochs=(*measured[:2], last)))


def of_layers(found: Any, *severities: str) -> list[str]:
    return [one.name for one in found.findings if one.code[0] == "G" and one.severity in severities]


def trained(config: dict[str, Any], *, epochs: int = 3, **sections: Any) -> dict[str, Any]:
    return {**config, **sections, "training": {**config["training"], "epochs": epochs}}


BIG = {"kind": "mlp", "hidden": [32, 32]}


@pytest.mark.parametrize(
    ("faulty", "name"),
    [
        (trained(DIGITS, optimizer={"kind": "sgd", "lr": 10.0}, model=BIG), "dead-units"),
        (trained(DIGITS, optimizer=own("forgotten"), model=BIG), "unchanged-parameters"),
        (trained(DIGITS, optimizer=own("stopped"), model=BIG), "unchanged-parameters"),
        (trained(DIGITS, optimizer={"kind": "sgd", "lr": 1e-8}, model=BIG), "tiny-updates"),
        (trained(DIGITS, model=own("functional", bias=-9.0)), "dead-units"),
        (trained(DIGITS, model={"kind": "mlp", "hidden": [32] * 8, "activation": "sigmoid"}), "vanishing-gradients"),
        (trained(DIGITS, model={"kind": "mlp", "hidden": [32, 32], "init": "zeros"}), "zero-gradients"),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_faulty_training_shows_in_its_layers(seed: int, tmp_path: Path, faulty: dict[str, Any], name: str) -> None:
    optimizer = faulty.get("optimizer", {"kind": "sgd", "lr": 0.05})
    assert name in of_layers(run(tmp_path, {**faulty, "optimizer": optimizer}, PARTS, seed=seed), "warning", "error")


@pytest.mark.parametrize(
    "healthy",
    [
        trained(DIGITS, model=BIG),
        trained(DIGITS, model={**BIG, "activation": "sigmoid"}),
        trained(DIGITS, model={**BIG, "normalization": "batch", "dropout": 0.2}),
        trained(DIGITS, model=BIG, optimizer={"kind": "momentum", "lr": 0.05}),
        trained(DIGITS, model=BIG, schedule="cosine", epochs=6),
        trained(DIGITS, model=own("functional")),
        trained(DIGITS, model=own("frozen")),
        trained(CLASSES, task="classification", data={"source": own("tokens")}, model=own("words"), epochs=6),
        trained(NUMBERS, model=BIG, epochs=6),
        trained(CLASSES, data={"source": {"kind": "synthetic", "pattern": "spirals"}}, model=BIG, epochs=15),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_healthy_training_is_silent(tmp_path: Path, healthy: dict[str, Any], seed: int) -> None:
    found = run(tmp_path, healthy, PARTS, seed=seed)
    assert of_layers(found, "warning", "error") == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_training_that_has_converged_is_silent(seed: int, tmp_path: Path) -> None:
    by_heart = trained(
        CLASSES, data={"source": {"kind": "sklearn", "dataset": "iris"}}, epochs=12, optimizer="lbfgs", model=BIG
    )
    by_heart["training"]["batch_size"] = "all"
    found = run(tmp_path, by_heart, seed=seed)
    assert found.epochs[-1].train_loss is not None
    assert found.epochs[-1].train_loss < 1e-3
    assert of_layers(found, "warning", "error") == []
