"""Healthy configs that the programs start from: small, quick, and they learn.

Each call returns a new dict; `edit` are dotted paths, as in a program's fault.
"""

from __future__ import annotations

from typing import Any

from benchmarks.faults.program import Config, edited

__all__ = ["cancer", "digits", "houses", "own", "own_digits", "own_houses", "points", "sequences", "target", "wine"]


def target(name: str, **kwargs: Any) -> Config:
    """Return a `python` section for something in `benchmarks/faults/own`: `nets:Mlp`."""
    section: Config = {"kind": "python", "target": f"benchmarks.faults.own.{name}"}
    return {**section, "kwargs": kwargs} if kwargs else section


def own(task: str, source: Config, model: Config, epochs: int, /, **edit: Any) -> Config:
    """Return a config of the person's own data and network."""
    config: Config = {
        "task": task,
        "data": {"source": source},
        "model": model,
        "training": {"epochs": epochs, "device": "cpu"},
    }
    return edited(config, edit)


def digits(**edit: Any) -> Config:
    """The handwritten digits, 600 rows, a small MLP: about 0.93 accuracy."""
    config: Config = {
        "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "limit": 600},
        "model": {"kind": "mlp", "hidden": [64]},
        "training": {"epochs": 12, "device": "cpu"},
    }
    return edited(config, edit)


def wine(**edit: Any) -> Config:
    """Three wines by 13 measurements: about 0.97 accuracy."""
    config: Config = {
        "data": {"source": {"kind": "sklearn", "dataset": "wine"}, "split": {"kind": "random", "validation": 0.3}},
        "model": {"kind": "mlp", "hidden": [32]},
        "training": {"epochs": 30, "batch_size": 16, "device": "cpu"},
    }
    return edited(config, edit)


def cancer(**edit: Any) -> Config:
    """Tumours by 30 measurements, two classes: about 0.96 accuracy."""
    config: Config = {
        "data": {"source": {"kind": "sklearn", "dataset": "breast_cancer"}},
        "model": {"kind": "mlp", "hidden": [32]},
        "training": {"epochs": 15, "device": "cpu"},
    }
    return edited(config, edit)


def points(**edit: Any) -> Config:
    """Two interleaved spirals: no straight line divides them."""
    config: Config = {
        "data": {"source": {"kind": "synthetic", "pattern": {"kind": "spirals"}, "rows": 600}},
        "model": {"kind": "mlp", "hidden": [64, 64]},
        "training": {"epochs": 30, "device": "cpu"},
    }
    return edited(config, edit)


def houses(**edit: Any) -> Config:
    """Prices of made-up houses, in a person's own arrays, prepared by the config; r2 about 0.9."""
    config: Config = {
        "task": "regression",
        "data": {"source": target("tables:houses"), "inputs": ["standardize"], "targets": ["standardize"]},
        "model": {"kind": "mlp", "hidden": [64]},
        "training": {"epochs": 20, "device": "cpu"},
    }
    return edited(config, edit)


def own_digits(model: Config, **edit: Any) -> Config:
    """The digits as a person loads them (0 to 1), with their own network."""
    config = own("classification", target("images:digits"), model, 12)
    return edited(config, edit)


def own_houses(model: Config, **edit: Any) -> Config:
    """The houses, scaled by the person, with their own network."""
    config = own("regression", target("tables:houses", scaled=True), model, 20)
    return edited(config, edit)


def sequences(model: Config, **edit: Any) -> Config:
    """Noisy waves of two frequencies, 24 steps of 2 sensors, to be told apart by an own network."""
    config = own("classification", target("signals:waves"), model, 10)
    return edited(config, edit)
