"""What a config means that names torch's own classes where a person's own may stand.

`{"kind": "python", "target": "torch.optim:SGD", "kwargs": {"lr": 10}}` is gradient descent with rate 10, and is judged
as such. Of any other target nothing is known but what is measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import JsonValue

from logbook_schemas.config.losses import Loss
from logbook_schemas.config.optimizer import Optimizer, PythonOptimizer

if TYPE_CHECKING:
    from logbook_schemas.checklist.rule import Evidence

__all__ = ["OptimizerSettings", "built_optimizer", "loss_kind", "optimizer_settings", "torch_class"]

_OPTIMIZERS: Final[Mapping[str, str]] = {
    "SGD": "sgd",
    "Adagrad": "adagrad",
    "Adadelta": "adadelta",
    "RMSprop": "rmsprop",
    "Adam": "adam",
    "Adamax": "adam",
    "RAdam": "adam",
    "AdamW": "adamw",
    "NAdam": "nadam",
    "LBFGS": "lbfgs",
}
_LOSSES: Final[Mapping[str, str]] = {
    "CrossEntropyLoss": "cross-entropy",
    "NLLLoss": "nll",
    "BCELoss": "bce",
    "BCEWithLogitsLoss": "bce-with-logits",
    "MSELoss": "mse",
    "L1Loss": "l1",
    "HuberLoss": "huber",
    "SmoothL1Loss": "huber",
}
_WEIGHT_DECAY: Final[Mapping[str, float]] = {"AdamW": 0.01}
"""torch's default where it isn't 0."""


@dataclass(frozen=True, kw_only=True)
class OptimizerSettings:
    """What is known of an optimizer: its kind in our words (python for an unknown one), and its numbers.

    `lr` is None where there is none or it isn't said. `path` is where the config says them. `is_decoupled` tells
    whether the weight decay is applied apart from the gradient, times the learning rate.
    """

    kind: str
    path: str
    lr: float | None = None
    momentum: float = 0.0
    weight_decay: float = 0.0
    is_decoupled: bool = False


def torch_class(target: str, package: str) -> str | None:
    """Return the name of the class that a target names below a package of torch's, "torch.optim", or None."""
    dotted = target.replace(":", ".")
    return dotted.rsplit(".", 1)[1] if dotted.startswith(f"{package}.") else None


def optimizer_settings(optimizer: Optimizer) -> OptimizerSettings:
    """Return what the config says of its optimizer, ours or torch's."""
    if not isinstance(optimizer, PythonOptimizer):
        return OptimizerSettings(
            kind=optimizer.kind,
            path="optimizer",
            lr=getattr(optimizer, "lr", None),
            momentum=getattr(optimizer, "momentum", 0.0),
            weight_decay=getattr(optimizer, "weight_decay", 0.0),
            is_decoupled=optimizer.kind == "adamw" or getattr(optimizer, "decoupled", False),
        )
    name, kwargs = torch_class(optimizer.target, "torch.optim") or "", optimizer.kwargs
    kind = _OPTIMIZERS.get(name, "python")
    momentum = _number(kwargs.get("momentum")) or 0.0
    if kind == "sgd" and momentum > 0:
        kind = "nesterov" if kwargs.get("nesterov") is True else "momentum"
    decay = _number(kwargs.get("weight_decay"))
    return OptimizerSettings(
        kind=kind,
        path="optimizer.kwargs",
        lr=_number(kwargs.get("lr")),
        momentum=momentum,
        weight_decay=_WEIGHT_DECAY.get(name, 0.0) if decay is None else decay,
        is_decoupled=name == "AdamW" or kwargs.get("decoupled_weight_decay") is True,
    )


def built_optimizer(evidence: Evidence) -> OptimizerSettings | None:
    """Return what is known of a run's optimizer: by its config, and of a person's own by what their code built."""
    known = optimizer_settings(evidence.config.optimizer) if evidence.config else None
    built = evidence.start.optimizer if evidence.start else None
    if built is None or (known is not None and known.kind != "python"):
        return known
    kind = _OPTIMIZERS.get(built.torch_class, "python")
    if kind == "sgd" and built.momentum > 0:
        kind = "nesterov" if built.nesterov else "momentum"
    return OptimizerSettings(
        kind=kind,
        path="optimizer.kwargs",
        lr=built.lr,
        momentum=built.momentum,
        weight_decay=built.weight_decay,
        is_decoupled=built.is_decoupled,
    )


def loss_kind(loss: Loss) -> str:
    """Return the kind of a loss in our words, torch's CrossEntropyLoss being cross-entropy; python where unknown."""
    if loss.kind != "python":
        return loss.kind
    return _LOSSES.get(torch_class(loss.target, "torch.nn") or "", "python")


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
