"""What a healthy program may choose: optimizers, schedules, activations, normalization, losses, preparation, splits."""

from __future__ import annotations

from typing import Any

from tests.checks.healthy.program import Program, blobs, sklearn

__all__ = ["PROGRAMS"]

SMALL = {"kind": "mlp", "hidden": [64]}
GOOD = "accuracy>0.9"


def digits(epochs: int = 8, model: dict[str, Any] | None = None, reaches: str = GOOD, **sections: Any) -> Program:
    training = {"epochs": epochs, **sections.pop("training", {})}
    data = {**sklearn("digits"), **sections.pop("data", {})}
    return Program(
        config={"data": data, "model": {**SMALL, **(model or {})}, "training": training, **sections}, reaches=reaches
    )


def diabetes(reaches: str = "val_loss<0.75", **sections: Any) -> Program:
    data = {**sklearn("diabetes"), **sections.pop("data", {})}
    return Program(config={"data": data, "model": {"kind": "mlp", "hidden": [32]}, **sections}, reaches=reaches)


def cancer(reaches: str = GOOD, **sections: Any) -> Program:
    data = {**sklearn("breast_cancer"), **sections.pop("data", {})}
    return Program(config={"data": data, "model": {"kind": "mlp", "hidden": [32]}, **sections}, reaches=reaches)


PROGRAMS = {
    # -- optimizers ----------------------------------------------------------------------------------------------
    "sgd at 0.1": digits(10, optimizer={"kind": "sgd", "lr": 0.1}),
    "momentum": digits(optimizer={"kind": "momentum", "lr": 0.02}),
    "nesterov": digits(optimizer={"kind": "nesterov", "lr": 0.02}),
    "adagrad": digits(optimizer={"kind": "adagrad", "lr": 0.02}),
    "adadelta": digits(10, optimizer={"kind": "adadelta", "lr": 1.0}),
    "rmsprop": digits(optimizer={"kind": "rmsprop", "lr": 0.001}),
    "adamw": digits(10, optimizer={"kind": "adamw", "lr": 0.002}),
    "amsgrad": digits(10, optimizer={"kind": "amsgrad", "lr": 0.002}),
    "nadam": digits(10, optimizer={"kind": "nadam", "lr": 0.002}),
    "padam": digits(optimizer={"kind": "padam", "lr": 0.05, "partial": 0.25}),
    "adam at 0.01": digits(optimizer={"kind": "adam", "lr": 0.01}),
    "lbfgs on all rows": Program(
        config={
            "data": sklearn("wine"),
            "model": {"kind": "mlp", "hidden": [16], "activation": "tanh"},
            "optimizer": {"kind": "lbfgs", "max_iter": 10},
            "regularization": {"l2": 0.01},
            "training": {"batch_size": "all", "epochs": 8},
        },
        reaches=GOOD,
    ),
    # -- schedules, clipping, steps ------------------------------------------------------------------------------
    "cosine": digits(10, optimizer={"kind": "adam", "lr": 0.003}, schedule="cosine"),
    "one-cycle": digits(10, optimizer={"kind": "momentum", "lr": 0.05}, schedule="one-cycle"),
    "plateau": digits(15, optimizer={"kind": "adam", "lr": 0.003}, schedule={"kind": "plateau", "patience": 3}),
    "a late drop": digits(12, optimizer={"kind": "adam", "lr": 0.003}, schedule="final-drop"),
    "steps": digits(
        12, optimizer={"kind": "momentum", "lr": 0.05}, schedule={"kind": "multi-step", "milestones": [380]}
    ),
    "warm-up": digits(10, optimizer={"kind": "adam", "lr": 0.003}, schedule={"kind": "constant", "warmup": 40}),
    "clipping": digits(gradients={"clip": {"kind": "norm", "max_norm": 5.0}}),
    "accumulation": digits(12, gradients={"accumulation": 2}, training={"batch_size": 16}),
    "bfloat16": digits(training={"precision": "bfloat16"}),
    "early stopping": digits(60, optimizer={"kind": "adam", "lr": 0.005}, training={"early_stopping": {"patience": 4}}),
    "batches of four": digits(4, training={"batch_size": 4}),
    "long after the best epoch": digits(60),
    "averaged weights": digits(10, training={"weight_average": {"kind": "exponential", "decay": 0.95}}),
    # -- networks ------------------------------------------------------------------------------------------------
    "tanh": digits(model={"activation": "tanh"}),
    "one sigmoid layer": digits(15, model={"activation": "sigmoid"}, optimizer={"kind": "adam", "lr": 0.005}),
    "elu": digits(model={"activation": "elu"}),
    "leaky relu": digits(model={"activation": "leaky-relu"}),
    "selu": digits(model={"activation": "selu", "hidden": [48, 48, 48]}),
    "gelu": digits(model={"activation": "gelu"}),
    "maxout": digits(model={"activation": "maxout"}),
    "orthogonal weights": digits(model={"init": "orthogonal"}),
    "torch's own weights": digits(model={"init": "default", "hidden": [64, 64]}),
    "batch normalization": digits(model={"normalization": "batch", "hidden": [64, 64]}),
    "layer normalization": digits(model={"normalization": "layer", "hidden": [64, 64]}),
    "half of the units dropped": digits(20, model={"dropout": 0.5, "hidden": [256]}),
    "five layers": digits(10, model={"hidden": [64] * 5}),
    "wide": digits(6, model={"hidden": [512, 512]}),
    # -- losses --------------------------------------------------------------------------------------------------
    "log-softmax and nll": digits(model={"output_activation": "log-softmax"}, loss="nll"),
    "smoothed labels": digits(loss={"kind": "cross-entropy", "label_smoothing": 0.1}),
    "sigmoid and bce": cancer(
        model={"kind": "mlp", "hidden": [32], "output_activation": "sigmoid"}, loss="bce", task="binary"
    ),
    "binary for a long time": cancer(training={"epochs": 60}),
    "weights by class": cancer(data={"balance": "class-weights"}),
    "mean absolute error": diabetes(loss="l1"),
    "huber": diabetes(loss="huber"),
    "targets beyond 100, standardized": diabetes(data={"targets": ["standardize"]}),
    "l2 and adam": digits(10, regularization={"l2": 1e-4}),
    "weight decay": digits(10, optimizer={"kind": "adamw", "lr": 0.002, "weight_decay": 0.05}),
    # -- data ----------------------------------------------------------------------------------------------------
    "pixels from 0 to 1": digits(12, data={"inputs": [{"kind": "min-max", "per": "whole"}]}),
    "centred pixels": digits(12, data={"inputs": [{"kind": "min-max", "per": "whole"}, "center"]}),
    "noise on the inputs": digits(10, data={"augment": [{"kind": "noise", "std": 0.1}]}),
    "folds": digits(data={"split": {"kind": "k-fold", "folds": 5, "fold": 1}}),
    "a test split": digits(data={"split": {"validation": 0.2, "test": 0.2}}),
    "fifty rows by heart": Program(
        config={
            "data": {**sklearn("digits"), "limit": 50},
            "model": {"kind": "mlp", "hidden": [128]},
            "training": {"epochs": 60, "batch_size": 10},
        },
        reaches="train_loss<0.2",
    ),
    "a thousand columns": Program(
        config={"data": blobs(400, features=1000, spread=3.0), "model": SMALL, "training": {"epochs": 10}}, reaches=GOOD
    ),
    "twenty classes": Program(
        config={"data": blobs(2000, classes=20, features=8), "model": SMALL, "training": {"epochs": 10}}, reaches=GOOD
    ),
}
