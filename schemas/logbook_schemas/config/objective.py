"""The task, what follows from it by default, and penalties on the weights."""

from __future__ import annotations

from typing import Literal

from logbook_schemas.config.base import Section, setting

__all__ = [
    "Regularization",
    "Task",
    "default_loss",
    "default_metrics",
]

Task = Literal[
    "classification",
    "binary",
    "multilabel",
    "regression",
    "language-model",
    "reconstruction",
    "metric-learning",
]


class Regularization(Section):
    """Penalties on the weights as terms of the loss, reported apart from the data term."""

    l1: float = setting(0.0, about="Factor on the sum of absolute weights.", ge=0, neutral=0.0)
    l2: float = setting(0.0, about="Factor on half the sum of squared weights.", ge=0, neutral=0.0, source="S1-25")


_LOSS_FOR = {
    "classification": "cross-entropy",
    "binary": "bce-with-logits",
    "multilabel": "bce-with-logits",
    "regression": "mse",
    "reconstruction": "mse",
    "metric-learning": "triplet",
    "language-model": "cross-entropy",
}


def default_loss(task: object) -> dict[str, str]:
    """Return the loss of a task that names none (S1-21, S0-36, S1-22)."""
    return {"kind": _LOSS_FOR.get(str(task), "cross-entropy")}


def default_metrics(task: object) -> list[dict[str, str]]:
    """Return the metrics of a task that names none: in units that a person can judge (S0-11)."""
    if task == "metric-learning":
        return [{"kind": "nearest-neighbour-accuracy"}]
    if task == "language-model":
        return [{"kind": "accuracy"}, {"kind": "perplexity"}]
    return [{"kind": "mae"}] if task in ("regression", "reconstruction") else [{"kind": "accuracy"}]
