"""Learning rates, clipping and penalties, judged by what they do to the weights: in records and in real trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.checklist.examples import config, curve, data, end, evidence
from logbook_schemas.records.measures import EpochRecord, LayerRecord, StartRecord
from tests.checks.programs import CLASSES, NUMBERS, SEEDS, loud, own, run, told

DIGITS: dict[str, Any] = {
    "name": "digits",
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}},
    "model": {"kind": "mlp", "hidden": [32]},
    "training": {"epochs": 4, "device": "cpu"},
}


def said(name: str, known: Any) -> list[str]:
    rule = find_rule(name)
    assert rule is not None
    return [finding.severity for finding in rule.judge(known)]


def layers(norm: float, ratio: float | None = None) -> tuple[LayerRecord, ...]:
    return (LayerRecord(name="0", parameters=640, weight_norm=norm, update_ratio=ratio),)


def begun(**fields: Any) -> StartRecord:
    return StartRecord(initial_loss=2.4, expected_loss=2.3, layers=layers(4.0), **fields)


def with_training(program: dict[str, Any], **training: Any) -> dict[str, Any]:
    return {**program, "training": {**program["training"], **training}}


# -- learning-rate-too-high -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("largest", "norm", "expected"), [(13.0, 9.0, 1), (11.0, 9.0, 0), (13.0, 7.0, 0)])
def test_a_jump_counts_where_the_weights_grew(largest: float, norm: float, expected: int) -> None:
    epochs = curve([2.0], largest_step_loss=largest, layers=layers(norm))
    assert len(said("L301", evidence(start=begun(), epochs=epochs))) == expected


@pytest.mark.parametrize(("ratio", "row", "expected"), [(2.0, None, 1), (0.9, None, 0), (2.0, 1e4, 0)])
def test_whole_steps_before_a_broken_value_count_unless_a_row_threw_the_network(
    ratio: float, row: float | None, expected: int
) -> None:
    epochs = curve([float("nan")], largest_step_loss=2.4, update_ratio=ratio, row_loss_ratio=row)
    assert said("L301", evidence(start=begun(), epochs=epochs)) == ["error"] * expected


def test_optimizers_that_search_their_steps_are_not_judged() -> None:
    known = evidence(
        config=config(optimizer={"kind": "lbfgs"}, training={"batch_size": "all"}),
        start=begun(),
        epochs=curve([2.0], largest_step_loss=1e6, layers=layers(9.0)),
    )
    assert said("L301", known) == []


def test_weights_that_were_pretrained_may_have_grown() -> None:
    before = EpochRecord(phase="pretrain 1", epoch=1, train_loss=0.3)
    epochs = (before, *curve([2.3, 2.3, 2.3], layers=layers(40.0)))
    assert said("L301", evidence(start=begun(), epochs=epochs)) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("program", "optimizer"),
    [
        (DIGITS, {"kind": "adam", "lr": 1.0}),
        (DIGITS, {"kind": "momentum", "lr": 20.0}),
        (NUMBERS, {"kind": "sgd", "lr": 20.0}),
    ],
)
def test_a_rate_a_thousand_times_too_high_is_told_first_by_its_effect(
    tmp_path: Path, program: dict[str, Any], optimizer: dict[str, Any], seed: int
) -> None:
    found = run(tmp_path, with_training({**program, "optimizer": optimizer}, seed=seed)).findings
    first = ("learning-rate-too-high", "learning-rate-out-of-bounds")  # the config says it of a usual optimizer
    assert found[0].name in first, told(found)
    high = next(finding for finding in found if finding.name == "learning-rate-too-high")
    assert 0 < high.change["optimizer.lr"] <= optimizer["lr"] / 10  # type: ignore[operator]


OWN_OPTIMIZER = """
import torch

def descent(parameters, lr):
    return torch.optim.SGD(parameters, lr=lr)
"""


@pytest.mark.parametrize(("lr", "name"), [(100.0, "oversized-steps"), (1e-5, "learning-rate-too-low")])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_rate_of_a_persons_own_optimizer_is_judged_by_its_effect(
    seed: int, tmp_path: Path, lr: float, name: str
) -> None:
    found = run(tmp_path, {**DIGITS, "optimizer": own("descent", lr=lr)}, OWN_OPTIMIZER, seed=seed).findings
    assert found[0].name == name, told(found)
    assert "optimizer.kwargs.lr" in found[0].change


# -- learning-rate-too-low --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "loss", "expected"),
    [(6e-6, 2.3, 1), (2e-3, 2.3, 0), (6e-6, 1.0, 0), (1e-12, 2.3, 0)],
)
def test_weights_that_hardly_moved_count_where_little_is_learnt(ratio: float, loss: float, expected: int) -> None:
    known = evidence(
        config=config(optimizer={"kind": "sgd", "lr": 1e-5}),
        start=begun(),
        epochs=curve([2.4, 2.35, loss], layers=layers(4.0, ratio)),
        end=end(),
    )
    assert said("L302", known) == ["warning"] * expected


def test_the_usual_rate_is_not_called_too_low_aloud() -> None:
    known = evidence(start=begun(), epochs=curve([2.4, 2.35, 2.3], layers=layers(4.0, 1e-5)), end=end())
    assert said("L302", known) == ["note"]


def test_weights_that_exploded_before_are_not_called_slow() -> None:
    known = evidence(
        config=config(optimizer={"kind": "sgd", "lr": 1e-5}),
        start=begun(),
        epochs=curve([2.4, 2.35, 2.3], layers=layers(400.0, 1e-6)),
        end=end(),
    )
    assert said("L302", known) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("program", "optimizer"),
    [(DIGITS, {"kind": "sgd", "lr": 1e-4}), (NUMBERS, {"kind": "adam", "lr": 1e-5})],
)
def test_a_rate_a_hundred_times_too_low_is_told_first(
    tmp_path: Path, program: dict[str, Any], optimizer: dict[str, Any], seed: int
) -> None:
    found = run(tmp_path, with_training({**program, "optimizer": optimizer}, seed=seed, epochs=4)).findings
    assert found[0].name == "learning-rate-too-low", told(found)
    assert found[0].change["optimizer.lr"] > optimizer["lr"]


@pytest.mark.parametrize(
    ("program", "optimizer"),
    [
        (DIGITS, {"kind": "adam"}),
        (DIGITS, {"kind": "momentum", "lr": 0.05}),
        (DIGITS, {"kind": "adadelta"}),
        (CLASSES, {"kind": "lbfgs"}),
        (NUMBERS, {"kind": "adam", "lr": 0.01}),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_usual_rates_are_silent(seed: int, tmp_path: Path, program: dict[str, Any], optimizer: dict[str, Any]) -> None:
    epochs = 12 if program is not DIGITS else 6
    size = {"batch_size": "all"} if optimizer["kind"] == "lbfgs" else {}
    found = run(tmp_path, with_training({**program, "optimizer": optimizer}, epochs=epochs, **size), seed=seed).findings
    assert loud(found) == [], told(found)


# -- clipping, penalties, decay ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "accuracy", "expected"), [(0.9, 0.12, ["warning"]), (0.9, 0.9, ["note"]), (0.4, 0.12, [])]
)
def test_constant_clipping_is_a_warning_where_nothing_is_learnt(
    share: float, accuracy: float, expected: list[str]
) -> None:
    losses = [2.3, 2.29, 2.28] if accuracy < 0.5 else [1.0, 0.4, 0.3]
    epochs = curve(losses, losses, clip_share=share, train_metrics={"accuracy": accuracy})
    assert said("L303", evidence(epochs=epochs, end=end())) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bound_on_gradients_that_is_far_too_small_is_told_first(seed: int, tmp_path: Path) -> None:
    clip = {"clip": {"kind": "norm", "max_norm": 1e-4}}
    found = run(tmp_path, {**DIGITS, "optimizer": {"kind": "sgd", "lr": 0.1}, "gradients": clip}, seed=seed).findings
    assert found[0].name == "constantly-clipped-gradients", told(found)


@pytest.mark.parametrize(("penalty", "loss", "expected"), [(25.0, 2.2, 1), (20.0, 2.2, 0), (25.0, 0.5, 0)])
def test_a_penalty_counts_where_the_data_are_not_learnt(penalty: float, loss: float, expected: int) -> None:
    epochs = curve([2.4, 2.3, loss], [2.3, 2.3, loss], train_regularization=penalty)
    assert len(said("R201", evidence(epochs=epochs))) == expected


@pytest.mark.parametrize(("norm", "loss", "expected"), [(1.5, 2.3, 1), (2.5, 2.3, 0), (1.5, 0.5, 0)])
def test_weights_that_shrink_count_where_little_is_learnt(norm: float, loss: float, expected: int) -> None:
    epochs = curve([2.3, 2.3, loss], layers=layers(norm))
    assert len(said("R201", evidence(start=begun(), epochs=epochs))) == expected


@pytest.mark.parametrize(
    "sections",
    [
        {"regularization": {"l2": 10.0}},
        {"regularization": {"l1": 1.0}},
        {"optimizer": {"kind": "adamw", "weight_decay": 100.0}},
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_penalty_that_is_far_too_large_is_named(seed: int, tmp_path: Path, sections: dict[str, Any]) -> None:
    found = run(tmp_path, with_training({**DIGITS, **sections}, epochs=6), seed=seed).findings
    assert "overwhelming-regularization" in [finding.name for finding in found[:2]], told(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_small_penalty_is_silent(seed: int, tmp_path: Path) -> None:
    found = run(tmp_path, with_training({**DIGITS, "regularization": {"l2": 1e-4}}, epochs=6), seed=seed).findings
    assert loud(found) == [], told(found)


def decayed(*rates: float, losses: list[float]) -> tuple[EpochRecord, ...]:
    epochs = curve(losses, losses)
    return tuple(epoch.model_copy(update={"lr": rate}) for epoch, rate in zip(epochs, rates, strict=True))


def test_a_rate_that_falls_while_the_loss_falls_fast_counts_where_it_then_stops() -> None:
    rates = [0.1] * 4 + [0.01] * 6
    frozen = [2.3, 2.0, 1.7, 1.4, 1.39, 1.38, 1.37, 1.37, 1.36, 1.36]
    going_on = [2.3, 2.0, 1.7, 1.4, 1.2, 1.0, 0.8, 0.6, 0.4, 0.3]
    flat = [2.3, 2.29, 2.28, 2.27, 2.26, 2.25, 2.24, 2.23, 2.22, 2.21]
    for losses, expected in ((frozen, ["warning"]), (going_on, []), (flat, [])):
        assert said("T110", evidence(epochs=decayed(*rates, losses=losses), end=end())) == expected
    late = [0.1] * 8 + [0.01] * 2
    assert said("T110", evidence(epochs=decayed(*late, losses=frozen), end=end())) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rate_that_decays_at_once_is_named(seed: int, tmp_path: Path) -> None:
    schedule = {"kind": "step", "step_size": 2, "gamma": 0.01}
    program = {**DIGITS, "optimizer": {"kind": "sgd", "lr": 0.02}, "schedule": schedule}
    found = run(tmp_path, with_training(program, epochs=8), seed=seed).findings
    assert "decayed-while-falling" in loud(found), told(found)


def test_data_without_a_baseline_are_judged_by_the_untrained_loss() -> None:
    known = evidence(
        data=data(baseline={}), start=begun(), epochs=curve([2.0], largest_step_loss=99.0, layers=layers(9.0))
    )
    assert said("L301", known) == ["warning"]
