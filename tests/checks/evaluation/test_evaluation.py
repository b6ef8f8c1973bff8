"""What the end of a training tells: accuracy by chance, units, modes, copies, outputs."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.checklist.examples import config, curve, data, end, evidence, regression_data
from logbook_schemas.records.measures import ArrayRecord, OutputRecord, VerbatimRecord
from tests.checks.programs import CLASSES, NUMBERS, SEEDS, loud, own, run, told


def said(name: str, known: Any) -> list[str]:
    rule = find_rule(name)
    assert rule is not None
    return [finding.severity for finding in rule.judge(known)]


def with_training(program: dict[str, Any], **training: Any) -> dict[str, Any]:
    return {**program, "training": {**program["training"], **training}}


@pytest.mark.parametrize(("accuracy", "loss", "expected"), [(0.13, 2.4, 1), (0.14, 2.4, 0), (0.1, 1.9, 0)])
def test_chance_ends_two_standard_errors_above_one_class_in_ten(accuracy: float, loss: float, expected: int) -> None:
    epochs = curve([2.3] * 3, [loss] * 3, metrics={"accuracy": accuracy})
    assert len(said("E102", evidence(data=data(baseline={}), epochs=epochs, end=end()))) == expected
    assert said("E102", evidence(epochs=epochs, end=end())) == []  # E101 compares with more


def output(std: float, correlation: float | None = 0.97, share: float | None = None) -> OutputRecord:
    return OutputRecord(
        name="0",
        prediction_mean=0.0,
        prediction_std=std,
        target_mean=0.0,
        target_std=10.0,
        correlation=correlation,
        loss_share=share,
    )


@pytest.mark.parametrize(
    ("std", "correlation", "expected"),
    [(150.0, 0.97, ["warning"]), (90.0, 0.97, []), (150.0, 0.5, []), (0.5, 0.97, ["note"]), (0.5, None, [])],
)
def test_other_units_are_told_by_predictions_that_follow(
    std: float, correlation: float | None, expected: list[str]
) -> None:
    known = evidence(data=regression_data(), end=end(outputs=(output(std, correlation),)))
    assert said("E103", known) == expected


@pytest.mark.parametrize(
    ("training", "evaluation", "steps", "expected"),
    [
        (0.2, 2.6, 500, ["warning"]),
        (0.2, 2.6, 20, ["note"]),
        (1.9, 0.4, 500, ["note"]),
        (0.5, 0.05, 500, []),
        (2.0, 2.6, 500, []),
    ],
)
def test_modes_that_differ_by_a_quarter_of_guessing(
    training: float, evaluation: float, steps: int, expected: list[str]
) -> None:
    ended = end(loss_train_mode=training, loss_eval_mode=evaluation)
    assert said("E104", evidence(epochs=curve([1.0], steps=steps), end=ended)) == expected


LATE = """
from torch import nn

def model(input_shape, output_size):
    norm = nn.BatchNorm1d(16, momentum=1e-5)
    return nn.Sequential(nn.Linear(input_shape[0], 16), norm, nn.ReLU(), nn.Linear(16, output_size))
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_statistics_that_never_arrive_make_another_network_of_it(seed: int, tmp_path: Path) -> None:
    found = run(
        tmp_path, with_training({**CLASSES, "model": own("model")}, epochs=12, batch_size=8), LATE, seed=seed
    ).findings
    assert "unlike-in-evaluation" in loud(found), told(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_batch_normalization_that_works_is_silent(seed: int, tmp_path: Path) -> None:
    good = LATE.replace("momentum=1e-5", "momentum=0.1")
    found = run(
        tmp_path, with_training({**CLASSES, "model": own("model")}, epochs=20, batch_size=16), good, seed=seed
    ).findings
    assert "unlike-in-evaluation" not in loud(found), told(found)


@pytest.mark.parametrize(("longest", "natural", "expected"), [(60, 5, ["note"]), (50, 5, []), (60, 40, [])])
def test_a_copy_is_longer_than_what_texts_have_in_common(longest: int, natural: int, expected: list[str]) -> None:
    copied = VerbatimRecord(prompts=2, prompt_tokens=32, generated=120, longest=longest, natural=natural)
    assert said("E105", evidence(end=end(verbatim=copied))) == expected


@pytest.mark.parametrize(
    ("trained", "validated", "expected"), [(0.7, 0.95, ["note"]), (0.92, 0.96, []), (0.97, 1.0, [])]
)
def test_validation_must_be_better_by_more_than_chance(trained: float, validated: float, expected: list[str]) -> None:
    epochs = curve([0.5], [0.2], metrics={"accuracy": validated}, train_metrics={"accuracy": trained})
    assert said("E106", evidence(epochs=epochs, end=end())) == expected


def test_a_loss_alone_is_noted() -> None:
    assert said("E107", evidence(config=config(metrics=[]), end=end())) == ["note"]
    assert said("E107", evidence(config=config(metrics=["accuracy"]), end=end())) == []
    source = {"source": {"kind": "sklearn", "dataset": "diabetes"}, "targets": []}
    units = config(task="regression", loss={"kind": "l1"}, metrics=[], data=source)
    assert said("E107", evidence(config=units, data=regression_data(), end=end())) == []


@pytest.mark.parametrize(
    ("share", "stds", "expected"),
    [(0.98, (300.0, 1.0), ["warning"]), (0.98, (1.0, 1.0), ["note"]), (0.85, (300.0, 1.0), [])],
)
def test_an_output_dominates_by_its_scale_or_its_difficulty(
    share: float, stds: tuple[float, ...], expected: list[str]
) -> None:
    outputs = (output(1.0, share=share), output(1.0, share=1 - share))
    known = evidence(data=regression_data(targets=ArrayRecord(column_stds=stds)), end=end(outputs=outputs))
    assert said("E108", known) == expected


TWO = """
import numpy as np

def data(scale):
    random = np.random.default_rng(0)
    inputs = random.normal(size=(200, 5)).astype("float32")
    return inputs, (inputs @ random.normal(size=(5, 2))).astype("float32") * np.array([scale, 1.0], "float32")
"""


@pytest.mark.parametrize(("scale", "expected"), [(30.0, True), (1.0, False)])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_large_output_dominates_a_real_training(seed: int, tmp_path: Path, scale: float, expected: bool) -> None:
    program = {**NUMBERS, "task": "regression", "data": {"source": own("data", scale=scale)}}
    found = run(tmp_path, with_training(program, epochs=5), TWO, seed=seed).findings
    assert ("dominating-output" in loud(found)) == expected, told(found)


RECENT = """
import torch
from torch import nn

class Recent(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.table, self.last, self.out = nn.Embedding(outputs, 8), nn.Conv1d(8, 128, 4), nn.Linear(128, outputs)

    def forward(self, tokens):
        letters = nn.functional.pad(self.table(tokens).transpose(1, 2), (3, 0))
        return self.out(self.last(letters).relu().transpose(1, 2))

def model(output_size):
    return Recent(output_size)
"""
"""Says the next letter by the last four: enough to know a short text by heart."""


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("epochs", "expected"), [(60, True), (3, False)])
def test_a_language_model_that_knows_its_text_by_heart_is_told(
    tmp_path: Path, epochs: int, expected: bool, seed: int
) -> None:
    letters = random.Random(0)
    (tmp_path / "book.txt").write_text("".join(letters.choice("abcdefghijklmnop ") for _ in range(1000)))
    source = {"kind": "text", "path": "book.txt", "length": 100}
    program = {
        "name": "book",
        "task": "language-model",
        "data": {"source": source, "split": {"kind": "ordered", "validation": 0.2}},
        "model": own("model"),
        "monitor": {"metric": "train_loss_eval"},  # the best by the validation loss has learnt nothing by heart yet
        "optimizer": {"kind": "adam", "lr": 0.01},
        "training": {"epochs": epochs, "batch_size": 2, "device": "cpu"},
    }
    found = run(tmp_path, program, RECENT, seed=seed).findings
    assert ("verbatim-copy" in {one.name for one in found}) is expected
