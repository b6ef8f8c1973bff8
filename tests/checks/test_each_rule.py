"""Rules that no other file here trains for: a real training in which each speaks, and one in which it is silent."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from logbook.errors import DataError
from logbook.journal import set_outcome
from logbook_schemas.checklist.catalogue import RULES
from tests.checks import programs

HERE, EXAMPLES = Path(__file__).parent, Path(__file__).parents[2] / "examples" / "broken"
DIGITS: dict[str, Any] = {
    "name": "digits",
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "limit": 400},
    "model": {"kind": "mlp", "hidden": [32]},
    "training": {"epochs": 3, "batch_size": 16, "device": "cpu"},
}
COPY: dict[str, Any] = {
    "name": "copy",
    "data": {"source": {"kind": "synthetic", "pattern": {"kind": "copy", "length": 2, "delay": 4}, "rows": 40}},
    "model": {"kind": "rnn", "hidden": [8], "embedding": 4},
    "gradients": {"clip": {"kind": "norm", "max_norm": 1.0}},
    "training": {"epochs": 2, "batch_size": 8, "device": "cpu"},
}
FIRST_TO_ONE = [{"kind": "min-max", "per": "whole"}]

OWN = """
import numpy as np
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, slip=""):
        super().__init__()
        self.slip = slip
        self.first, self.head = nn.Linear(64, 32), nn.Linear(32, 10)
        self.drop = nn.Dropout(0.9 if slip == "drop" else 0.1)
        middle = [nn.Linear(32, 32)]
        self.middle = middle if slip == "list" else nn.ModuleList(middle)

    def forward(self, x):
        x = torch.relu(self.first(x.flatten(1)))
        for layer in self.middle:
            x = torch.relu(layer(x))
        return self.head(self.drop(x)) * (100.0 if self.slip == "loud" else 1.0)

def part(parameters):
    return torch.optim.Adam(list(parameters)[2:])

def whole(parameters):
    return torch.optim.Adam(parameters)

def amounts(targets="amounts"):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4)).astype("float32")
    y = np.round(100 * x[:, 0]) + 400 if targets == "amounts" else (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
    return x, y

def images(size=40):
    rng = np.random.default_rng(0)
    return rng.normal(size=(60, 3, size, size)).astype("float32"), rng.integers(0, 2, 60)
"""


def changed(base: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """Return a config with some fields of its sections set otherwise; a section with another kind is replaced."""
    result = json.loads(json.dumps(base))
    for name, section in sections.items():
        before = result.get(name)
        merges = isinstance(section, dict) and isinstance(before, dict) and "kind" not in section
        result[name] = {**before, **section} if merges else section  # type: ignore[dict-item]
    return result


def own_net(slip: str = "") -> dict[str, Any]:
    return changed(DIGITS, task="classification", model=programs.own("Net", slip=slip))


def own_data(name: str, task: str, **kwargs: Any) -> dict[str, Any]:
    return changed(DIGITS, task=task, data={"source": programs.own(name, **kwargs), "limit": None})


def mlp(**fields: Any) -> dict[str, Any]:
    return changed(DIGITS, model={"kind": "mlp", "hidden": [32], **fields})


def training(**fields: Any) -> dict[str, Any]:
    return changed(DIGITS, training=fields)


def optimizer(kind: str, **fields: Any) -> dict[str, Any]:
    return changed(DIGITS, optimizer={"kind": kind, **fields})


def copied(**sections: Any) -> dict[str, Any]:
    return changed(COPY, **sections)


RBM = changed(
    DIGITS,
    task="reconstruction",
    model={"kind": "rbm", "visible": "gaussian", "hidden": 16},
    optimizer={"kind": "momentum", "lr": 0.001},
    training={"procedure": {"kind": "contrastive-divergence", "k": 1}},
)
BELIEF = changed(mlp(activation="sigmoid"), data={"inputs": FIRST_TO_ONE})
CNN = changed(DIGITS, model={"kind": "cnn", "channels": [8], "hidden": []})
LONG = {"source": {"kind": "synthetic", "pattern": {"kind": "copy", "length": 2, "delay": 230}, "rows": 16}}
IRIS = changed(training(epochs=60), data={"source": {"kind": "sklearn", "dataset": "iris"}, "limit": None})
NOISY = {"source": {"kind": "synthetic", "pattern": {"kind": "blobs", "spread": 9.0, "features": 10}, "rows": 240}}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # rule: (a training in which it speaks, one in which it is silent)
    "large-batch": (training(batch_size=200), DIGITS),
    "single-epoch": (training(epochs=1), DIGITS),
    "endless-training": (IRIS, changed(IRIS, training={"early_stopping": {"patience": 5}})),
    "unvalidated-training": (changed(DIGITS, data={"split": {"validation": 0.0}}), DIGITS),
    "untruncated-recurrence": (copied(data=LONG), COPY),
    "single-pass-pretraining": (
        changed(BELIEF, training={"pretraining": {"visible": "binary", "epochs": 1}}),
        changed(BELIEF, training={"pretraining": {"visible": "binary", "epochs": 3}}),
    ),
    "repeated-batch": (training(updates_per_batch=3), DIGITS),
    "impatient-stopping": (training(early_stopping={"patience": 1}), training(early_stopping={"patience": 10})),
    "regression-as-classification": (
        own_data("amounts", "classification"),
        own_data("amounts", "classification", targets="classes"),
    ),
    "classification-as-regression": (
        own_data("amounts", "regression", targets="classes"),
        changed(own_data("amounts", "regression"), data={"targets": ["standardize"]}),
    ),
    "unstandardized-gaussian-units": (changed(RBM, data={"inputs": FIRST_TO_ONE}), RBM),
    "drifting-weight-variance": (optimizer("adam", lr=1.0), DIGITS),
    "unfinished-warmup": (
        changed(DIGITS, schedule={"kind": "constant", "warmup": 5000}),
        changed(DIGITS, schedule={"kind": "constant", "warmup": 10}),
    ),
    "plain-descent": (optimizer("sgd", lr=0.1), optimizer("momentum", lr=0.05)),
    "unscaled-accumulation": (changed(DIGITS, gradients={"accumulation": 4}), DIGITS),
    "clipped-convolutions": (changed(CNN, gradients={"clip": {"kind": "norm", "max_norm": 1.0}}), CNN),
    "unclipped-recurrence": (copied(gradients={"clip": "none"}), COPY),
    "unoptimized-parameter": (
        changed(own_net(), optimizer=programs.own("part")),
        changed(own_net(), optimizer=programs.own("whole")),
    ),
    "loss-for-another-task": (changed(DIGITS, loss="mse"), DIGITS),
    "wide-convolution": (
        changed(CNN, data={"limit": 40}, model={"kind": "cnn", "channels": [600], "hidden": []}),
        CNN,
    ),
    "oversized-network": (changed(mlp(hidden=[256]), data={"limit": 60}), mlp(hidden=[16])),
    "mixed-self-normalization": (mlp(activation="selu", normalization="batch"), mlp(activation="selu")),
    "flattened-image": (own_data("images", "classification"), own_data("images", "classification", size=10)),
    "deep-network-for-few-rows": (mlp(hidden=[16] * 9), DIGITS),
    "implausible-initial-loss": (own_net("loud"), own_net()),
    "unregistered-parameter": (own_net("list"), own_net()),
    "heavy-dropout": (own_net("drop"), own_net()),
    "dropout-before-normalization": (
        mlp(hidden=[32, 32], dropout=0.2, normalization="batch"),
        mlp(hidden=[32, 32], dropout=0.2),
    ),
    "stuck-loss": (changed(optimizer("adam", lr=1e-7), training={"epochs": 8}), training(epochs=8)),
    "one-class-predictions": (changed(mlp(init="zeros"), training={"epochs": 8}), training(epochs=8)),
    "rising-validation-loss": (
        changed(mlp(hidden=[256]), data=NOISY, training={"epochs": 40}),
        training(epochs=8),
    ),
}


@pytest.mark.parametrize("seed", programs.SEEDS)
@pytest.mark.parametrize("name", CASES)
def test_a_rule_speaks_of_the_fault_and_is_silent_without_it(name: str, seed: int, tmp_path: Path) -> None:
    faulty, healthy = CASES[name]
    found = programs.run(tmp_path, faulty, OWN, seed=seed).findings
    assert name in [one.name for one in found], programs.told(found)
    assert name not in found_in(json.dumps(healthy), seed)


@cache
def found_in(config: str, seed: int) -> set[str]:
    """Return the names of what is found in a training; many rules are silent in the same one."""
    with TemporaryDirectory() as folder:
        return {one.name for one in programs.run(Path(folder), json.loads(config), OWN, seed=seed).findings}


def test_what_was_run_before_is_told_and_a_dead_end_stops(tmp_path: Path) -> None:
    programs.run(tmp_path, DIGITS)
    again = programs.check(tmp_path, DIGITS)
    assert "repeated-run" in [one.name for one in again]
    set_outcome("r1", "dead-end", because="the digits are too easy", logbook=str(tmp_path / "book"))
    assert programs.check(tmp_path, DIGITS)[0].name == "repeated-dead-end"
    assert "repeated-dead-end" not in [one.name for one in programs.check(tmp_path, mlp(hidden=[8]))]


def test_inputs_that_binary_units_cannot_stand_for_are_refused_when_they_are_loaded(tmp_path: Path) -> None:
    """So rule D122 speaks only of records from elsewhere."""
    binary = changed(RBM, model={"kind": "rbm", "visible": "binary", "hidden": 16})
    with pytest.raises(DataError, match="binary"):
        programs.run(tmp_path, binary)


def test_no_rule_is_without_a_real_program() -> None:
    """`untrained-architecture` asks for torchvision, which isn't installed here; see tests/schemas/checklist."""
    trained = [path.read_text() for path in HERE.rglob("test_*.py")] + [p.read_text() for p in EXAMPLES.glob("*.json")]
    text = "\n".join(trained)
    assert [rule.name for rule in RULES if rule.name not in text and rule.code not in text] == []
