"""Faults of the plan: how long, in which batches, with which network, judged by what."""

from __future__ import annotations

from benchmarks.faults.bases import cancer, digits, houses, own, points, target
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]

PROGRAMS = (
    Program(
        id="one-epoch",
        kind="too-few-updates",
        source="S1-09, S1-10; DeepCrime: epochs",
        twin=digits(),
        fault={"training.epochs": 1},
        moment="config",
    ),
    Program(
        id="three-epochs-of-sgd",
        kind="too-few-updates",
        source="S1-10; DeepCrime: epochs",
        twin=houses(optimizer={"kind": "sgd", "lr": 0.005}, **{"training.epochs": 60}),
        fault={"training.epochs": 3},
        moment="data",
    ),
    Program(
        id="all-in-one-batch",
        kind="too-few-updates",
        source="S0-24, S1-33; DeepCrime: batching off",
        twin=digits(),
        fault={"training.batch_size": "all"},
        moment="config",
    ),
    Program(
        id="no-validation",
        kind="no-validation",
        source="S0-12; DeepCrime: validation removed",
        twin=digits(),
        fault={"data.split": {"kind": "random", "validation": 0.0}},
        moment="config",
        hidden="there is no score",
    ),
    Program(
        id="patience-of-one",
        kind="impatience",
        source="S1-11; DeepCrime: patience",
        twin=points(optimizer={"kind": "momentum", "lr": 0.05}, **{"training.early_stopping": {"patience": 10}}),
        fault={"training.early_stopping": {"patience": 1, "min_delta": 0.02}},
        moment="epoch",
    ),
    Program(
        id="fifty-steps-a-batch",
        kind="repeated-batch",
        source="S1-09",
        twin=cancer(),
        fault={"training.updates_per_batch": 50, "training.epochs": 3},
        moment="config",
        hidden="fifty steps on one batch fit that batch",
    ),
    Program(
        id="two-hidden-units",
        kind="narrow-network",
        source="S0-54, S0-56, S4-26",
        twin=digits(),
        fault={"model.hidden": [2]},
        moment="config",
    ),
    Program(
        id="line-through-spirals",
        kind="too-simple-network",
        source="S4-25",
        twin=points(),
        fault={"model": {"kind": "linear"}},
        moment="epoch",
    ),
    Program(
        id="no-bias",
        kind="missing-bias",
        source="S2-06; DeepCrime: bias remove",
        twin=own("classification", target("tables:clouds"), {"kind": "mlp", "hidden": [32]}, 25),
        fault={"model.bias": False},
        moment="config",
        hidden="centred data need biases least",
    ),
    Program(
        id="learnt-by-heart",
        kind="overfitting",
        source="S1-10, S3-01",
        twin=own("classification", target("tables:clouds", rows=300, apart=0.8), {"kind": "mlp", "hidden": [64]}, 30),
        fault={"model.hidden": [256, 256], "training.epochs": 60},
        moment="epoch",
        learns=0.4,
        hidden="the loss on validation rises, the accuracy little changes",
    ),
    Program(
        id="wide-bottleneck",
        kind="overcomplete-autoencoder",
        source="S1-40",
        twin={
            "task": "reconstruction",
            "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "limit": 600},
            "model": {"kind": "autoencoder", "hidden": [64], "bottleneck": 12},
            "training": {"epochs": 20, "device": "cpu"},
        },
        fault={"model.hidden": [96], "model.bottleneck": 96},
        moment="config",
        learns=0.3,
        hidden="it may copy: there is nothing to learn",
    ),
)
