"""Which output activation fits which loss: decided on the pair, for the config and for what is measured later.

The accepted pairs are the checklist's (C1). A person's own model is not judged, and of their own losses torch's alone:
the last operation isn't in the config. Nor is an rbm, whose outputs follow from its units, or an embedding, whose
outputs are places.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from logbook_schemas.checklist.torch_targets import loss_kind
from logbook_schemas.config.model import Embedding, PythonModel, Rbm
from logbook_schemas.config.preparation import Center, MinMax, ScaleBytes, Standardize, TanhSquash
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Severity
from logbook_schemas.records.measures import DataRecord

__all__ = ["Mismatch", "mismatch"]


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """A pair that doesn't fit, and the change that makes it fit."""

    activation: str
    loss: str
    problem: str
    expected: str
    change: Mapping[str, JsonValue]
    severity: Severity = "error"


Range = tuple[float, float]

_RANGES: Mapping[str, Range] = {
    "sigmoid": (0, 1),
    "softmax": (0, 1),
    "tanh": (-1, 1),
    "relu": (0, math.inf),
    "softplus": (0, math.inf),
    "log-softmax": (-math.inf, 0),
}
_WANTED: Mapping[str, tuple[str, str]] = {
    "cross-entropy": ("none", "raw outputs: it applies softmax itself"),
    "nll": ("log-softmax", "log-probabilities"),
    "bce": ("sigmoid", "probabilities"),
    "bce-with-logits": ("none", "raw outputs: it applies sigmoid itself"),
}
_PROBLEMS: Mapping[tuple[str, str], str] = {
    ("cross-entropy", "softmax"): "softmax is applied twice, so the loss can't come near 0",
    ("cross-entropy", "sigmoid"): "raw outputs squeezed into 0 to 1 can't make any class probable",
    ("cross-entropy", "tanh"): "raw outputs squeezed into -1 to 1 can't make any class probable",
    ("cross-entropy", "relu"): "outputs below 0 are cut off, and their gradient with them",
    ("cross-entropy", "softplus"): "raw outputs may be negative, and these can't",
    ("nll", "none"): "raw outputs are no log-probabilities, so the loss falls without bound",
    ("nll", "softmax"): "the loss wants the logarithm of these probabilities",
    ("bce", "none"): "raw outputs are no probabilities, and the loss fails outside 0 to 1",
    ("bce-with-logits", "sigmoid"): "sigmoid is applied twice, so no probability falls below one half",
    ("bce-with-logits", "relu"): "outputs can't be negative, so no probability falls below one half",
    ("bce-with-logits", "softplus"): "outputs can't be negative, so no probability falls below one half",
    ("bce-with-logits", "tanh"): "raw outputs squeezed into -1 to 1 can't make anything probable",
}
_HARMLESS: Final = ("cross-entropy", "log-softmax")
"""Log-softmax twice is log-softmax: it costs time and says something that isn't meant."""


def mismatch(config: RunConfig, data: DataRecord | None = None) -> Mismatch | None:
    """Return what is wrong with the config's pair of output activation and loss, or None.

    The range of targets that are numbers is taken from the data where they are known, else from their preparation.
    """
    loss = loss_kind(config.loss)
    if isinstance(config.model, PythonModel | Rbm | Embedding) or loss == "python":
        return None
    activation = config.model.output_activation.kind
    if activation == "softmax" and _has_one_output(config, data):
        return _numbers_want_none(activation, loss, "softmax over a single output is always 1", "error")
    scale = config.model.output_scale
    if loss in _WANTED:
        return _on_classes(activation, loss) or _scaled_probabilities(activation, loss, scale)
    return _on_numbers(config, activation, loss, _target_range(config, data), scale)


def _has_one_output(config: RunConfig, data: DataRecord | None) -> bool:
    if data is not None and data.output_size:
        return data.output_size == 1
    return config.task == "binary" and loss_kind(config.loss) not in ("cross-entropy", "nll")


def _on_classes(activation: str, loss: str) -> Mismatch | None:
    wanted, meaning = _WANTED[loss]
    if activation == wanted:
        return None
    default = f"the loss wants {meaning.split(':')[0]}"
    return Mismatch(
        activation=activation,
        loss=loss,
        problem="it is applied twice, which only costs time"
        if (loss, activation) == _HARMLESS
        else _PROBLEMS.get((loss, activation), default),
        expected=f"{wanted} ({meaning})",
        change=_change(activation, loss),
        severity="warning" if (loss, activation) == _HARMLESS else "error",
    )


def _scaled_probabilities(activation: str, loss: str, scale: float) -> Mismatch | None:
    """Raw outputs may have any scale; probabilities and their logarithms have one."""
    if loss not in ("nll", "bce") or scale == 1:
        return None
    return Mismatch(
        activation=activation,
        loss=loss,
        problem=f"output_scale {scale:g} makes {_WANTED[loss][1]} into something else",
        expected="model.output_scale 1",
        change={"model.output_scale": 1.0},
    )


def _change(activation: str, loss: str) -> dict[str, JsonValue]:
    """Return the shortest way to a pair that fits; probabilities are left to the loss, which is more exact."""
    target = "bce-with-logits" if loss == "bce" else loss
    wanted = _WANTED[target][0]
    changes = {"model.output_activation": wanted, "loss": target}
    return {path: value for path, value in changes.items() if value not in (activation, loss)}


def _on_numbers(config: RunConfig, activation: str, loss: str, targets: Range | None, scale: float) -> Mismatch | None:
    if activation == "none":
        return None
    if activation == "softmax":
        problem = "its outputs sum to 1, and the targets don't"
        severity: Severity = "error" if config.task == "regression" else "warning"
        return None if config.task == "classification" else _numbers_want_none(activation, loss, problem, severity)
    low, high = (bound * scale for bound in _RANGES[activation])
    reach = f"it gives {low:g} to {high:g}".replace("-inf to 0", "nothing above 0").replace(
        "0 to inf", "nothing below 0"
    )
    if targets is not None and (targets[0] < low or targets[1] > high):
        return _numbers_want_none(activation, loss, f"{reach}, and targets lie outside", "error")
    if activation == "relu":
        return _numbers_want_none(activation, loss, f"{reach}, and no gradient where it cuts off", "warning")
    if targets is None and activation != "softplus":
        # What the targets are is measured before the first step; until then this is a question.
        return _numbers_want_none(activation, loss, f"{reach}, and targets may lie outside", "note")
    return None


def _numbers_want_none(activation: str, loss: str, problem: str, severity: Severity) -> Mismatch:
    change: dict[str, JsonValue] = {"model.output_activation": "none"}
    if loss == "bce":
        change["loss"] = "bce-with-logits"
    return Mismatch(
        activation=activation, loss=loss, problem=problem, expected="none", change=change, severity=severity
    )


def _target_range(config: RunConfig, data: DataRecord | None) -> Range | None:
    """Return between what the targets lie as the network is to meet them, or None where that isn't known."""
    if config.task not in ("regression", "reconstruction"):
        return (0.0, 1.0)
    if data is not None and data.targets is not None and data.targets.min is not None and data.targets.max is not None:
        return (data.targets.min, data.targets.max)
    steps = config.data.targets if config.task == "regression" else config.data.inputs
    match steps[-1] if steps else None:
        case MinMax(low=low, high=high):
            return (low, high)
        case ScaleBytes(low=low):
            return (float(low), 1.0)
        case TanhSquash():
            return (-1.0, 1.0)
        case Standardize():  # beyond ±1 on both sides
            return (-math.inf, math.inf)
        case Center():  # only the signs are sure
            return (-1e-9, 0.0)
        case _:
            return None
