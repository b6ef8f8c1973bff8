"""Each model and each data source of ours, with its defaults as far as a small machine bears them."""

from __future__ import annotations

from typing import Any

from tests.checks.healthy.program import Program, blobs, sklearn

__all__ = ["PROGRAMS"]

DIGITS = sklearn("digits")
BYTES_TO_ONE = {**DIGITS, "inputs": [{"kind": "min-max", "per": "whole"}]}
GOOD = "accuracy>0.9"


def synthetic(kind: str, rows: int, **pattern: Any) -> dict[str, Any]:
    return {"source": {"kind": "synthetic", "pattern": {"kind": kind, **pattern}, "rows": rows}}


def trained(config: dict[str, Any], reaches: str) -> Program:
    return Program(config=config, reaches=reaches)


PROGRAMS = {
    # -- the data that come along, with the defaults of everything ---------------------------------------------
    "digits": trained({"data": DIGITS}, GOOD),
    "wine": trained({"data": sklearn("wine")}, GOOD),
    "iris": trained({"data": sklearn("iris")}, "accuracy>0.85"),
    "breast_cancer": trained({"data": sklearn("breast_cancer")}, GOOD),
    "diabetes": trained({"data": sklearn("diabetes")}, "val_loss<0.75"),
    "blobs": trained({"data": blobs()}, "accuracy>0.8"),
    "spirals": trained({"data": synthetic("spirals", 1000)}, "accuracy>0.8"),
    "xor": trained({"data": synthetic("xor", 600)}, GOOD),
    "sine": trained({"data": synthetic("sine", 600)}, "val_loss<0.2"),
    "parity of eight bits": trained(
        {
            "data": synthetic("parity", 256, bits=8),
            "model": {"kind": "mlp", "hidden": [64]},
            "optimizer": {"kind": "adam", "lr": 0.01},
            "training": {"epochs": 60},
        },
        "accuracy>0.75",
    ),
    "copy": trained(
        {
            "data": synthetic("copy", 400, symbols=8, length=3, delay=3),
            "model": {"kind": "rnn", "hidden": [48], "embedding": 16},
            "optimizer": {"kind": "adam", "lr": 0.01},
            "training": {"epochs": 25},
        },
        "accuracy>0.8",
    ),
    "csv of categories": trained(
        {
            "task": "binary",
            "data": {
                "source": {
                    "kind": "csv",
                    "path": "examples/tabular/bicycles.csv",
                    "target": "busy",
                    "ignore": ["day"],
                    "categorical": ["station"],
                    "missing": {"kind": "impute", "statistic": "median"},
                }
            },
            "model": {"kind": "mlp", "hidden": [16]},
            "training": {"epochs": 60, "batch_size": 16},
        },
        "accuracy>0.8",
    ),
    "csv by groups": trained(
        {
            "task": "classification",
            "data": {
                "source": {"kind": "csv", "path": "examples/tabular/gait.csv", "target": "gait"},
                "split": {"kind": "group", "by": "person", "validation": 0.25},
            },
            "model": {"kind": "mlp", "hidden": [32]},
            "optimizer": {"kind": "adam", "lr": 0.01},
            "training": {"batch_size": 16},
        },
        GOOD,
    ),
    "a folder of images": trained(
        {
            "task": "classification",
            "data": {
                "source": {"kind": "images", "path": "examples/images/stripes", "channels": 1, "size": [8, 8]},
                "split": {"validation": 0.25},
            },
            "model": {"kind": "cnn", "channels": [8], "hidden": []},
            "training": {"epochs": 40, "batch_size": 4},
        },
        GOOD,
    ),
    "docstrings": trained(
        {
            "data": {"source": {"kind": "docstrings", "characters": 30_000, "length": 40}},
            "model": {"kind": "rnn", "hidden": [64], "embedding": 16},
            "optimizer": {"kind": "adam", "lr": 0.01},
            "training": {"batch_size": 16, "epochs": 4},
        },
        "accuracy>0.3",
    ),
    # -- each model ----------------------------------------------------------------------------------------------
    "linear on digits": trained({"data": DIGITS, "model": "linear", "optimizer": {"kind": "adam", "lr": 0.01}}, GOOD),
    "linear on diabetes": trained(
        {"data": sklearn("diabetes"), "model": "linear", "optimizer": {"kind": "adam", "lr": 0.01}}, "val_loss<0.75"
    ),
    "cnn on digits": trained(
        {"data": DIGITS, "model": {"kind": "cnn", "channels": [8, 16]}, "training": {"epochs": 8}}, GOOD
    ),
    "residual-cnn on digits": trained(
        {
            "data": DIGITS,
            "model": {"kind": "residual-cnn", "channels": [8, 16], "blocks": 1},
            "optimizer": {"kind": "adam", "lr": 0.005},
            "training": {"epochs": 6},
        },
        GOOD,
    ),
    "residual-cnn that begins silent": trained(
        {
            "data": DIGITS,
            "model": {"kind": "residual-cnn", "channels": [8, 16], "blocks": 1, "zero_init_residual": True},
            "optimizer": {"kind": "adam", "lr": 0.005},
            "training": {"epochs": 6},
        },
        GOOD,
    ),
    "gru on copy": trained(
        {
            "data": synthetic("copy", 400, symbols=8, length=3, delay=3),
            "model": {"kind": "rnn", "cell": "gru", "hidden": [48], "embedding": 16},
            "optimizer": {"kind": "adam", "lr": 0.01},
            "training": {"epochs": 25},
        },
        "accuracy>0.8",
    ),
    "lstm on rows of digits": trained(
        {
            "data": {"source": {"kind": "python", "target": "healthy_data:rows_of_digits"}},
            "task": "classification",
            "model": {"kind": "rnn", "hidden": [64]},
            "optimizer": {"kind": "adam", "lr": 0.005},
            "training": {"epochs": 8},
        },
        GOOD,
    ),
    "transformer on rows of digits": trained(
        {
            "data": {"source": {"kind": "python", "target": "healthy_data:rows_of_digits"}},
            "task": "classification",
            "model": {"kind": "transformer", "width": 32, "heads": 4},
            "optimizer": {"kind": "adam", "lr": 0.003},
            "training": {"epochs": 8},
        },
        "accuracy>0.85",
    ),
    "transformer on text": trained(
        {
            "data": {"source": {"kind": "docstrings", "characters": 30_000, "length": 32}},
            "model": {"kind": "transformer", "layers": 1, "width": 32},
            "optimizer": {"kind": "adamw", "lr": 0.005},
            "schedule": {"kind": "cosine", "warmup": 30},
            "training": {"batch_size": 16, "epochs": 4},
        },
        "accuracy>0.25",
    ),
    "autoencoder": trained(
        {
            "task": "reconstruction",
            "data": BYTES_TO_ONE,
            "model": {"kind": "autoencoder", "hidden": [48], "bottleneck": 16},
            "loss": "bce-with-logits",
            "optimizer": {"kind": "adam", "lr": 0.003},
            "training": {"epochs": 15},
        },
        "val_loss<0.4",
    ),
    "rbm": trained(
        {
            "task": "reconstruction",
            "data": BYTES_TO_ONE,
            "model": {"kind": "rbm", "hidden": 64},
            "optimizer": {"kind": "momentum", "lr": 0.1, "momentum": 0.5},
            "training": {"procedure": {"kind": "contrastive-divergence", "k": 1}, "epochs": 8},
        },
        "val_loss<0.5",
    ),
    "deep-belief network": trained(
        {
            "data": BYTES_TO_ONE,
            "model": {"kind": "mlp", "hidden": [64, 32], "activation": "sigmoid"},
            "optimizer": {"kind": "adam", "lr": 0.01},
            "training": {"pretraining": {"visible": "binary", "epochs": 5, "k": 1}, "epochs": 8},
        },
        GOOD,
    ),
    "embedding": trained(
        {
            "task": "metric-learning",
            "data": DIGITS,
            "model": {"kind": "embedding", "size": 16, "network": {"kind": "mlp", "hidden": [64]}},
            "loss": {"kind": "triplet", "margin": 0.2, "mining": "semi-hard"},
            "training": {"procedure": {"kind": "triplets", "examples_per_class": 4}, "epochs": 8, "batch_size": 40},
        },
        "nearest-neighbour-accuracy>0.9",
    ),
}
