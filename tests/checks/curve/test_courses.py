"""The course of losses and metrics: what rises, swings, drops, stops too early or is never learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.checklist.examples import config, curve, data, end, evidence, regression_data, start
from logbook_schemas.records.measures import EpochRecord, ExtremeRow, OutputRecord, SplitRecord
from tests.checks.programs import CLASSES, NUMBERS, SEEDS, loud, own, run, told


def said(name: str, known: Any) -> list[str]:
    rule = find_rule(name)
    assert rule is not None
    return [finding.severity for finding in rule.judge(known)]


def with_training(program: dict[str, Any], **training: Any) -> dict[str, Any]:
    return {**program, "training": {**program["training"], **training}}


def with_accuracy(losses: list[float], accuracies: list[float]) -> tuple[EpochRecord, ...]:
    pairs = zip(curve(losses), accuracies, strict=True)
    return tuple(epoch.model_copy(update={"train_metrics": {"accuracy": accuracy}}) for epoch, accuracy in pairs)


# -- up and down ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([1.2, 2.0] * 5, ["warning"]),
        ([1.5, 1.6] * 5, []),
        ([0.1, 0.2] * 5, []),
        ([2.3, 2.2, 1.9, 1.6, 1.3, 1.0, 0.8, 0.6, 0.5, 0.4], []),
        ([1.2, 2.0] * 3, []),
    ],
)
def test_swings_count_where_they_are_wide_and_much_is_left(losses: list[float], expected: list[str]) -> None:
    assert said("T106", evidence(epochs=curve(losses), end=end())) == expected


@pytest.mark.parametrize(
    ("losses", "accuracies", "expected"),
    [
        ([1.0, 0.6, 0.4, 0.3, 1.5], [0.5, 0.7, 0.8, 0.9, 0.5], ["warning"]),
        ([1.0, 0.6, 0.4, 0.3, 0.4], [0.5, 0.7, 0.8, 0.9, 0.5], []),
        ([1.0, 0.6, 0.4, 0.3, 1.5], [0.5, 0.7, 0.8, 0.9, 0.75], []),
    ],
)
def test_a_fall_back_is_one_of_loss_and_accuracy(
    losses: list[float], accuracies: list[float], expected: list[str]
) -> None:
    assert said("T107", evidence(epochs=with_accuracy(losses, accuracies))) == expected


def test_a_fall_back_of_the_first_epochs_is_a_beginning() -> None:
    assert said("T107", evidence(epochs=with_accuracy([1.0, 0.3, 1.5], [0.5, 0.9, 0.4]))) == []


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([0.9, 0.9, 0.9, 0.9, 3.0], ["warning"]),
        ([0.9, 0.9, 0.9, 0.9, 2.0], []),
        ([0.01, 0.01, 0.01, 0.01, 0.1], []),
    ],
)
def test_without_accuracy_a_loss_must_triple(losses: list[float], expected: list[str]) -> None:
    assert said("T107", evidence(epochs=curve(losses))) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rate_that_jumps_in_the_middle_is_told(seed: int, tmp_path: Path) -> None:
    schedule = {"kind": "multi-step", "milestones": [4], "gamma": 20_000.0}
    program = {**CLASSES, "optimizer": {"kind": "sgd", "lr": 0.05}, "schedule": schedule}
    found = run(tmp_path, with_training(program, epochs=6), seed=seed).findings
    assert {"sudden-drop", "learning-rate-too-high", "diverging-loss"} & set(loud(found)), told(found)


@pytest.mark.parametrize(
    ("losses", "rates", "expected"),
    [
        ([0.9, 0.92, 0.95, 0.98, 1.01, 1.05], [0.01] * 6, ["warning"]),
        ([0.9, 0.92, 0.95, 0.98, 1.01, 1.05], [0.01, 0.02, 0.03, 0.04, 0.05, 0.06], []),
        ([0.9, 0.92, 0.95, 0.94, 1.01, 1.05], [0.01] * 6, []),
        ([0.01, 0.011, 0.012, 0.013, 0.014, 0.015], [0.01] * 6, []),
    ],
)
def test_a_slow_rise_counts_where_the_rate_does_not_rise(
    losses: list[float], rates: list[float], expected: list[str]
) -> None:
    epochs = zip(curve(losses), rates, strict=True)
    known = evidence(epochs=tuple(epoch.model_copy(update={"lr": rate}) for epoch, rate in epochs))
    assert said("T108", known) == expected


# -- beginning and end ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("initial", "last", "expected"), [(31.0, 1.9, ["note"]), (31.0, 4.0, []), (6.0, 0.5, [])])
def test_a_steep_first_epoch_counts_where_it_began_far_off(initial: float, last: float, expected: list[str]) -> None:
    assert said(
        "T109", evidence(start=start(initial_loss=initial), epochs=curve([last * 2], train_loss_eval=last))
    ) == (expected)


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([2.3, 2.2, 1.9, 1.7], ["warning"]),
        ([1.0, 0.8, 0.6, 0.5], ["note"]),
        ([1.0, 0.5, 0.49, 0.485], []),
        ([1.0, 0.4, 0.2, 0.1], []),
    ],
)
def test_an_end_on_the_way_down_is_a_warning_where_little_is_learnt(losses: list[float], expected: list[str]) -> None:
    assert said("T111", evidence(epochs=curve(losses, losses), end=end())) == expected
    assert said("T111", evidence(epochs=curve(losses, losses), end=end(status="early-stopped"))) == []


@pytest.mark.parametrize(("loss", "expected"), [(1.4, ["note"]), (2.0, ["warning"])])
def test_text_is_never_told_to_the_end(loss: float, expected: list[str]) -> None:
    lm = config(
        task="language-model",
        data={"source": {"kind": "docstrings", "characters": 1000, "length": 50}},
        model={"kind": "rnn", "hidden": [8]},
    )
    assert said("T111", evidence(config=lm, epochs=curve([2.3, 2.2, loss], [2.3, 2.2, loss]), end=end())) == expected


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_one_epoch_of_a_few_steps_is_told_first(tmp_path: Path, seed: int) -> None:
    program = {**NUMBERS, "optimizer": {"kind": "adam", "lr": 0.002}}
    found = run(tmp_path, with_training(program, epochs=1, seed=seed)).findings
    assert "unfinished-training" in [finding.name for finding in found[:2]], told(found)


# -- learnt by heart, never learnt ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trained", "validated", "expected"),
    [(0.99, 0.12, ["warning"]), (0.99, 0.75, ["note"]), (0.99, 0.9, []), (0.3, 0.12, [])],
)
def test_a_gap_is_a_note_until_validation_is_lost(trained: float, validated: float, expected: list[str]) -> None:
    epochs = curve([2.3], [2.4], metrics={"accuracy": validated}, train_metrics={"accuracy": trained})
    assert said("T112", evidence(epochs=epochs, end=end())) == expected


NOISE = """
import numpy as np

def data():
    random = np.random.default_rng(0)
    return random.normal(size=(120, 20)).astype("float32"), random.integers(0, 2, 120)
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_without_sense_are_learnt_by_heart(seed: int, tmp_path: Path) -> None:
    program = {**CLASSES, "data": {"source": own("data")}, "model": {"kind": "mlp", "hidden": [64]}}
    program = {**program, "task": "classification", "optimizer": {"kind": "adam", "lr": 0.02}}
    found = run(tmp_path, with_training(program, epochs=25), NOISE, seed=seed).findings
    assert {"memorized-training-set", "no-better-than-baseline"} <= set(loud(found)), told(found)


def recall(*shares: float) -> dict[str, Any]:
    return {"class_recall": shares, "metrics": {"accuracy": 0.8}}


@pytest.mark.parametrize(("rows", "share", "expected"), [(36, 0.0, ["warning"]), (9, 0.0, []), (36, 0.1, [])])
def test_a_class_counts_as_ignored_from_ten_examples_on(rows: int, share: float, expected: list[str]) -> None:
    classes = ("a", "b", "c")
    splits = {"validation": SplitRecord(rows=200 + rows, class_counts=(100, 100, rows))}
    known = evidence(
        data=data(classes=classes, splits=splits), epochs=curve([1.0, 0.8, 0.7], **recall(0.9, 0.9, share)), end=end()
    )
    assert said("T113", known) == expected


def output(std: float) -> OutputRecord:
    return OutputRecord(name="0", prediction_mean=1.0, prediction_std=std, target_mean=1.0, target_std=10.0)


@pytest.mark.parametrize(("stds", "expected"), [((0.1,), ["warning"]), ((0.3,), []), ((0.1, 5.0), [])])
def test_predictions_are_constant_where_every_output_is(stds: tuple[float, ...], expected: list[str]) -> None:
    known = evidence(data=regression_data(), end=end(outputs=tuple(map(output, stds))))
    assert said("T114", known) == expected


DEAD = """
from torch import nn

def model(input_shape, output_size):
    network = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
    nn.init.constant_(network[0].bias, -100.0)
    return network
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_dead_network_predicts_the_mean(seed: int, tmp_path: Path) -> None:
    found = run(tmp_path, with_training({**NUMBERS, "model": own("model")}, epochs=6), DEAD, seed=seed).findings
    assert "constant-predictions" in loud(found), told(found)


@pytest.mark.parametrize(("accuracy", "expected"), [(0.4, ["note"]), (0.7, []), (0.12, [])])
def test_underfitting_lies_between_nothing_and_half(accuracy: float, expected: list[str]) -> None:
    epochs = curve([2.25] * 5, [2.25] * 5, train_metrics={"accuracy": accuracy})
    assert said("T115", evidence(epochs=epochs, end=end())) == expected


@pytest.mark.parametrize(
    ("loss", "value", "expected"),
    [
        ({"kind": "cross-entropy"}, -0.4, ["error"]),
        ({"kind": "cross-entropy"}, -1e-6, []),
        ({"kind": "cross-entropy"}, float("nan"), []),
    ],
)
def test_a_negative_loss_of_ours_is_an_error(loss: dict[str, Any], value: float, expected: list[str]) -> None:
    assert said("T116", evidence(config=config(loss=loss), epochs=curve([value]))) == expected


@pytest.mark.parametrize(("accuracy", "expected"), [(0.02, ["note"]), (0.9, [])])
def test_a_negative_loss_of_ones_own_counts_where_metrics_are_worse_than_guessing(
    accuracy: float, expected: list[str]
) -> None:
    own_loss = config(loss={"kind": "python", "target": "own:loss"})
    assert said("T116", evidence(config=own_loss, epochs=curve([-3.0], metrics={"accuracy": accuracy}))) == expected


def test_the_validation_rises_and_nothing_regularizes() -> None:
    course = curve([1.2, 0.7, 0.4, 0.2, 0.1, 0.05], [1.1, 0.8, 0.75, 0.9, 1.0, 1.2])
    plain, dropout = config(), config(model={"kind": "mlp", "dropout": 0.1})
    decay, stopping = config(optimizer={"kind": "adamw"}), config(training={"early_stopping": {}})
    assert said("R202", evidence(config=plain, epochs=course, end=end())) == ["note"]
    for regularized in (dropout, decay, stopping):
        assert said("R202", evidence(config=regularized, epochs=course, end=end())) == []


# -- rows that stand out ----------------------------------------------------------------------------------------

OUTLIER = """
import numpy as np

def data():
    random = np.random.default_rng(0)
    inputs = random.normal(size=(400, 5)).astype("float32")
    targets = inputs @ np.arange(5.0, dtype="float32")
    inputs[77] = 1e6
    return inputs, targets[:, None]
"""


def test_the_row_that_throws_the_network_is_named_and_the_rate_is_not_blamed(tmp_path: Path) -> None:
    program = {**NUMBERS, "data": {"source": own("data")}}
    program = {**program, "task": "regression", "optimizer": {"kind": "sgd", "lr": 0.01}}
    found = {finding.name: finding for finding in run(tmp_path, program, OUTLIER).findings}
    assert "row 77" in found["nonfinite-loss"].message
    assert "learning-rate-too-high" not in found


def test_rows_that_do_not_stand_out_are_not_named() -> None:
    def message(rows: tuple[ExtremeRow, ...]) -> str:
        rule = find_rule("T101")
        assert rule is not None
        ended = end(
            status="diverged", nonfinite_step=3, nonfinite_epoch=1, nonfinite_value="NaN", extreme_rows=rows,
            typical_loss=1.0, typical_input=1.0,
        )  # fmt: skip
        return next(iter(rule.judge(evidence(end=ended)))).message

    assert "row 4 (loss 500)" in message((ExtremeRow(row=4, loss=500.0),))
    assert "row 5 (input of 900)" in message((ExtremeRow(row=5, loss=1.0, largest_input=900.0),))
    assert "stand out" not in message((ExtremeRow(row=4, loss=9.0, largest_input=8.0),))
