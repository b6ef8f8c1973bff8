"""Faults of the examples themselves: their labels, their number, their split."""

from __future__ import annotations

from benchmarks.faults.bases import digits, own, target
from benchmarks.faults.program import Config, Program

__all__ = ["PROGRAMS"]


def _digits(source: Config, **edit: object) -> Config:
    """A small MLP on digits that a person's own function returns."""
    return own("classification", source, {"kind": "mlp", "hidden": [64]}, 12, **edit)


SOURCE = "data.source"

PROGRAMS = (
    Program(
        id="shuffled-labels",
        kind="shuffled-labels",
        source="S4-13",
        twin=_digits(target("images:corrupted_digits")),
        fault={SOURCE: target("images:corrupted_digits", shuffled=True)},
        moment="data",
    ),
    Program(
        id="noisy-labels",
        kind="label-noise",
        source="DeepCrime: label noise",
        twin=_digits(target("images:corrupted_digits")),
        fault={SOURCE: target("images:corrupted_digits", wrong=0.4)},
        moment="data",
    ),
    Program(
        id="contradicted-labels",
        kind="overlapping-classes",
        source="DeepCrime: overlap",
        twin=_digits(target("images:split_digits")),
        fault={SOURCE: target("images:split_digits", contradicted=0.6)},
        moment="data",
    ),
    Program(
        id="deleted-rows",
        kind="deleted-data",
        source="DeepCrime: deleted data",
        twin=digits(**{"training.epochs": 30}),
        fault={"data.limit": 25},
        moment="epoch",
    ),
    Program(
        id="one-in-sixty",
        kind="imbalance",
        source="S3-07; DeepCrime: imbalance",
        twin=own(
            "classification",
            target("tables:defects"),
            {"kind": "mlp", "hidden": [32]},
            15,
            metrics=["balanced-accuracy"],
        ),
        fault={SOURCE: target("tables:defects", rare=1 / 60)},
        moment="data",
    ),
    Program(
        id="noise-in-training",
        kind="drift",
        source="S2-11; DeepCrime: noise",
        twin=_digits(target("images:split_digits")),
        fault={SOURCE: target("images:split_digits", noise=1.5)},
        moment="data",
    ),
    Program(
        id="validation-in-training",
        kind="leakage",
        source="S4-14",
        twin=_digits(target("images:split_digits")),
        fault={SOURCE: target("images:split_digits", leak=0.7)},
        moment="data",
        hidden="the validation score is that of learning by heart",
    ),
    Program(
        id="sorted-by-class",
        kind="sorted-data",
        source="met: files read folder by folder, then the last part validates",
        twin=_digits(target("images:sorted_digits"), **{"data.split": {"kind": "ordered"}}),
        fault={SOURCE: target("images:sorted_digits", shuffled=False)},
        moment="data",
    ),
    Program(
        id="class-not-in-training",
        kind="unseen-class",
        source="S3-07",
        twin=_digits(target("images:digits_without")),
        fault={SOURCE: target("images:digits_without", held_back=4)},
        moment="data",
    ),
    Program(
        id="one-hot-regression",
        kind="one-hot-targets",
        source="S1-05, S4-08",
        twin=_digits(target("images:digits")),
        fault={"task": "regression", SOURCE: target("images:digits", one_hot=True)},
        moment="data",
        hidden="classes trained as numbers under a squared error",
    ),
)
