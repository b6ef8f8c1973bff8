"""Short ways to write the sections that the blind programs share."""

from __future__ import annotations

from typing import Any

from benchmarks.faults.program import Config

__all__ = ["data", "net", "objective", "optimizer", "sklearn", "train"]

OWN = "benchmarks.faults.own.blind"


def _python(module: str, name: str, kwargs: dict[str, Any]) -> Config:
    return {"kind": "python", "target": f"{OWN}.{module}:{name}", "kwargs": kwargs}


def data(name: str, *, module: str = "tables", **kwargs: Any) -> Config:
    """Made-up data, a quarter of them for validation."""
    return {"source": _python(module, name, kwargs), "split": {"validation": 0.25}}


def sklearn(dataset: str) -> Config:
    """One of scikit-learn's own sets, standardized, a quarter for validation."""
    return {
        "source": {"kind": "sklearn", "dataset": dataset},
        "split": {"validation": 0.25},
        "inputs": ["standardize"],
    }


def net(name: str, *, module: str = "plain_nets", **kwargs: Any) -> Config:
    """A network of the module."""
    return _python(module, name, kwargs)


def objective(name: str, **kwargs: Any) -> Config:
    """A loss of one's own."""
    return _python("objectives", name, kwargs)


def optimizer(name: str, **kwargs: Any) -> Config:
    """An optimizer of one's own."""
    return _python("objectives", name, kwargs)


def train(epochs: int, batch_size: int | str = 32, **more: Any) -> Config:
    """The loop."""
    return {"epochs": epochs, "batch_size": batch_size, **more}
