"""Faults of data in toy problems and odd set-ups, as they stand in questions of people whose network doesn't learn.

Written before any of them was run, most with the data in the person's own code.
"""

from __future__ import annotations

from typing import Any

from benchmarks.faults.bases import own, target
from benchmarks.faults.program import Config, Program

__all__ = ["PROGRAMS"]

SOURCE = "data.source"


def _program(
    id: str,
    kind: str,
    source: str,
    twin: dict[str, Any],
    fault: dict[str, Any],
    *,
    task: str = "classification",
    model: Config | None = None,
    epochs: int = 30,
    edit: dict[str, Any] | None = None,
    hidden: str = "",
    learns: float = 0.5,
    moment: Any = "data",
) -> Program:
    """Return a program whose data are `source` of a person's code, called with the twin's or the fault's arguments."""
    return Program(
        id=id,
        kind=kind,
        source="met: questions of people whose network doesn't learn",
        twin=own(task, target(source, **twin), model or {"kind": "mlp", "hidden": [32]}, epochs, **(edit or {})),
        fault={SOURCE: target(source, **{**twin, **fault})},
        moment=moment,
        hidden=hidden,
        learns=learns,
    )


PICTURES = target("toy_nets:Pictures")
RECURRENT = target("toy_nets:Recurrent")
FAST = {"optimizer": {"kind": "adam", "lr": 0.01}}
REGRESSION = {"task": "regression"}
HALVES = "toy_tables:halves"

PROGRAMS = (
    # scale
    _program(
        "gate-in-millivolts",
        "unscaled-inputs",
        "toy_tables:gate",
        {},
        {"high": 5000.0},
        model={"kind": "mlp", "hidden": [16]},
        epochs=300,
        edit={**FAST, "training.batch_size": 4},
        hidden="Adam gets over it within three hundred epochs",
    ),
    _program(
        "sine-over-hundred",
        "unscaled-inputs",
        "toy_tables:sine",
        {},
        {"turns": 16.0, "raw": True},
        **REGRESSION,
        model={"kind": "mlp", "hidden": [64, 64], "activation": "tanh"},
        epochs=60,
        edit=FAST,
    ),
    _program(
        "kelvin-beside-shares",
        "unscaled-inputs",
        "toy_tables:weather",
        {},
        {"raw": True},
    ),
    _program("gauges-at-rest", "unscaled-inputs", "toy_tables:gauges", {}, {"resting": True}, **REGRESSION, epochs=40),
    _program(
        "scaled-pictures-by-bytes",
        "unscaled-inputs",
        "toy_series:shapes",
        {},
        {"unit": 1 / 255},
        model=PICTURES,
        epochs=20,
        edit={"optimizer": {"kind": "adam", "lr": 0.003}},
    ),
    _program(
        "pictures-in-bytes",
        "unscaled-inputs",
        "toy_series:shapes",
        {},
        {"unit": 255.0},
        model=PICTURES,
        epochs=20,
        edit={"optimizer": {"kind": "adam", "lr": 0.003}},
        hidden="Adam gets over it on so small a problem",
    ),
    _program(
        "converter-counts",
        "unscaled-inputs",
        "toy_series:heartbeats",
        {},
        {"counts": True},
        model=RECURRENT,
        epochs=25,
        edit={"optimizer": {"kind": "adam", "lr": 0.005}},
    ),
    _program(
        "prices-as-quoted",
        "unscaled-series",
        "toy_series:stock",
        {},
        {"raw": True},
        **REGRESSION,
        model=RECURRENT,
        epochs=25,
        edit={"optimizer": {"kind": "adam", "lr": 0.005}},
    ),
    _program("flats-in-dollars", "unscaled-targets", "toy_tables:flats", {}, {"unit": 3e5}, **REGRESSION),
    _program("flats-in-billions", "unscaled-targets", "toy_tables:flats", {}, {"unit": 1e-5}, **REGRESSION),
    _program(
        "each-row-scaled",
        "row-scaling",
        "toy_tables:bottles",
        {},
        {"by": "row"},
        epochs=40,
        edit={"training.batch_size": 16},
    ),
    # splits
    _program("scaled-training-only", "validation-scaled-apart", HALVES, {}, {"scaled": "only"}, epochs=20),
    _program(
        "each-half-scaled",
        "validation-scaled-apart",
        HALVES,
        {},
        {"scaled": "own"},
        epochs=20,
        hidden="both halves are drawn alike, so that their statistics nearly agree",
    ),
    _program("another-hospital", "drift", HALVES, {}, {"winter": 2.5}, epochs=20),
    _program(
        "flowers-in-order",
        "sorted-data",
        "toy_tables:flowers",
        {},
        {"order": "file"},
        epochs=60,
        edit={"data.split": {"kind": "ordered"}, "training.batch_size": 16},
        hidden="the last kind, which alone is validated, still has rows in training",
    ),
    _program(
        "tumours-twice",
        "leakage",
        "toy_tables:tumours",
        {},
        {"twice": True},
        epochs=20,
        hidden="the validation score is that of learning by heart",
    ),
    _program(
        "wine-with-its-kind",
        "label-among-inputs",
        "toy_tables:bottles",
        {},
        {"answer": True},
        epochs=40,
        edit={"training.batch_size": 16},
        hidden="the score is that of reading the answer",
    ),
    _program(
        "progression-among-inputs",
        "label-among-inputs",
        "toy_tables:patients",
        {},
        {"answer": True},
        **REGRESSION,
        hidden="the score is that of reading the answer",
        learns=0.3,
    ),
    _program(
        "flowers-with-their-number",
        "id-column",
        "toy_tables:flowers",
        {},
        {"order": "file", "numbered": True},
        epochs=60,
        edit={"training.batch_size": 16},
        hidden="the rows of the file are sorted by kind, so that their number is the answer",
    ),
    _program(
        "twenty-tumours",
        "deleted-data",
        "toy_tables:tumours",
        {"rows": 500},
        {"rows": 26},
        model={"kind": "mlp", "hidden": [64, 64]},
        epochs=60,
        hidden="so few rows, well chosen, do nearly as well",
    ),
    # labels
    _program("labels-one-row-off", "shuffled-labels", "toy_tables:tumours", {}, {"shifted": 1}, epochs=20),
    _program("flipped-diagnoses", "label-noise", "toy_tables:tumours", {}, {"flipped": 0.25}, epochs=20),
    _program("careless-heaps", "label-noise", "toy_tables:heaps", {}, {"wrong": 0.4}, epochs=40),
    _program(
        "careless-pictures",
        "label-noise",
        "toy_series:shapes",
        {},
        {"wrong": 0.5},
        model=PICTURES,
        epochs=20,
        edit={"optimizer": {"kind": "adam", "lr": 0.003}},
    ),
    _program(
        "lost-progression",
        "constant-target",
        "toy_tables:patients",
        {},
        {"constant": True},
        **REGRESSION,
        learns=0.3,
    ),
    _program(
        "one-failure-in-fifty",
        "imbalance",
        "toy_tables:alarms",
        {},
        {"share": 0.02},
        epochs=15,
        edit={"metrics": ["balanced-accuracy"]},
    ),
    _program(
        "one-failure-in-two-hundred",
        "imbalance",
        "toy_tables:alarms",
        {},
        {"share": 0.005},
        task="binary",
        epochs=15,
        edit={"metrics": ["balanced-accuracy"]},
    ),
    # values
    _program("rain-in-logarithms", "nonfinite-data", "toy_tables:weather", {}, {"logged": True}),
    _program(
        "age-unknown",
        "outliers",
        "toy_tables:flats",
        {},
        {"unknown": 0.12},
        **REGRESSION,
        hidden="one of four columns is squeezed",
    ),
    _program("price-unknown", "outliers", "toy_tables:flats", {}, {"worthless": 0.02}, **REGRESSION),
    _program("towns-by-number", "coded-category", "toy_tables:shirts", {}, {"coded": True}, **REGRESSION, epochs=40),
    # forms
    Program(
        id="words-by-number",
        kind="unembedded-tokens",
        source="met: questions of people whose network doesn't learn",
        twin=own("classification", target("toy_series:reviews"), target("toy_nets:Words"), 40, **FAST),
        fault={"model": target("toy_nets:Words", table=False)},
        moment="start",
    ),
    _program(
        "last-words-of-padded",
        "padding",
        "toy_series:reviews",
        {},
        {"kept": "last"},
        model=target("toy_nets:Words"),
        epochs=40,
        edit=FAST,
    ),
    _program(
        "colours-last",
        "channels-last",
        "toy_series:shapes",
        {},
        {"last": True},
        model=PICTURES,
        epochs=20,
        edit={"optimizer": {"kind": "adam", "lr": 0.003}},
        hidden="rows of pixels taken for channels still tell bars apart",
    ),
    _program(
        "empty-pictures",
        "empty-inputs",
        "toy_series:shapes",
        {},
        {"empty": True},
        model=PICTURES,
        epochs=20,
        edit={"optimizer": {"kind": "adam", "lr": 0.003}},
    ),
)
