"""People's own networks, losses, optimizers and data, as they are written by hand and quite in order."""

from __future__ import annotations

from typing import Any

from tests.checks.healthy.program import Program, sklearn

__all__ = ["PROGRAMS"]

GOOD = "accuracy>0.9"


def net(name: str, epochs: int = 8, reaches: str = GOOD, after: str | None = None, **sections: Any) -> Program:
    kwargs = sections.pop("kwargs", {})
    model = {"kind": "python", "target": f"healthy_nets:{name}", "kwargs": kwargs, **sections.pop("model", {})}
    config = {"data": sklearn("digits"), "task": "classification", "model": model, "training": {"epochs": epochs}}
    return Program(config={**config, **sections}, reaches=reaches, after=after)


def own_data(name: str, task: str, reaches: str, epochs: int = 15, **sections: Any) -> Program:
    data = {"source": {"kind": "python", "target": f"healthy_data:{name}"}, **sections.pop("data", {})}
    config = {"data": data, "task": task, "model": {"kind": "mlp", "hidden": [32]}, "training": {"epochs": epochs}}
    return Program(config={**config, **sections}, reaches=reaches)


PROGRAMS = {
    # -- networks ------------------------------------------------------------------------------------------------
    "relu as a function": net("Functional"),
    "one relu for all layers": net("Shared"),
    "relu in place": net("in_place"),
    "residual, with layer normalization": net("Residual"),
    "a branch that begins at zero": net("ZeroBranch"),
    "tied weights": net("Tied", task="reconstruction", reaches="val_loss<0.8", epochs=10),
    "convolutions and batch normalization": net("convolutions", epochs=15, optimizer={"kind": "adam", "lr": 0.003}),
    "dropout as a function, told the mode": net("Dropping", epochs=10),
    "a head of its own beside a frozen trunk": net("FrozenTrunk", epochs=15, reaches="accuracy>0.8"),
    "weight normalization": net("weight_normalized"),
    "lazy layers": net("lazy"),
    "a counter and a buffer of its own": net("Counting"),
    "lstm by hand": net("OwnLstm", epochs=10),
    "self-attention by hand": net("Attention", epochs=12, optimizer={"kind": "adam", "lr": 0.003}),
    "a table of vectors with unused rows": own_data(
        "words",
        "classification",
        GOOD,
        model={"kind": "python", "target": "healthy_nets:Bag"},
        optimizer={"kind": "adam", "lr": 0.01},
    ),
    "log-probabilities into nll": net("LogProbabilities", loss="nll"),
    # -- transfer ------------------------------------------------------------------------------------------------
    "transfer from a checkpoint": Program(
        config={
            "data": sklearn("digits"),
            "model": {"kind": "mlp", "init": {"kind": "checkpoint", "run": "r1"}},
            "optimizer": {"kind": "adam", "lr": 1e-4},
            "training": {"epochs": 5},
        },
        reaches=GOOD,
        after="digits",
    ),
    # -- losses, optimizers, metrics -----------------------------------------------------------------------------
    "focal loss": net("Functional", loss={"kind": "python", "target": "healthy_parts:focal"}),
    "torch's own loss": net("Functional", loss={"kind": "python", "target": "torch.nn:CrossEntropyLoss"}),
    "torch's own optimizer": net(
        "Functional", optimizer={"kind": "python", "target": "torch.optim:Adam", "kwargs": {"lr": 0.002}}
    ),
    "groups of parameters": net("Functional", optimizer={"kind": "python", "target": "healthy_parts:groups"}),
    # -- data ----------------------------------------------------------------------------------------------------
    "one class five times as frequent": own_data("imbalanced", "classification", GOOD),
    "binary, one in six": own_data("imbalanced_binary", "binary", "accuracy>0.85"),
    "sparse inputs": own_data("sparse", "classification", "accuracy>0.8"),
    "standardized, and as far as 7": own_data("heavy", "regression", "val_loss<0.3", data={"inputs": []}),
    "targets in thousands": own_data(
        "prices", "regression", "val_loss<0.3", data={"inputs": ["standardize"], "targets": ["standardize"]}
    ),
    "three targets": own_data("three_targets", "regression", "val_loss<0.3", data={"targets": ["standardize"]}),
    "several labels a row": own_data("labels", "multilabel", "val_loss<0.5"),
    "sixty rows": own_data(
        "few", "classification", "accuracy>0.75", epochs=30, training={"epochs": 30, "batch_size": 8}
    ),
    "already split": own_data("split_already", "classification", GOOD),
    "a season in order": own_data(
        "season",
        "regression",
        "val_loss<0.5",
        data={"split": {"kind": "ordered", "validation": 0.2}, "targets": ["standardize"]},
        epochs=20,
    ),
    "tanh within its targets": own_data(
        "within_one",
        "regression",
        "val_loss<0.02",
        model={"kind": "mlp", "hidden": [32], "output_activation": "tanh"},
        data={"targets": []},
    ),
    "a Dataset of one's own": own_data("dataset", "classification", GOOD),
}
