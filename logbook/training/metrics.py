"""Metrics: one number about a whole split, from all its outputs at once.

Regression is measured in the target's original units: `unscale` undoes the preparation of both outputs and
targets first. A row whose outputs are NaN predicts no class at all, so it counts as wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any, Literal, assert_never

import torch
from torch import Tensor

from logbook.errors import ConfigError, UserCodeError
from logbook.training.own_code import build_own, own_code
from logbook.training.token_scores import mean_cost, token_accuracy
from logbook.training.triplets import nearest_neighbours
from logbook_schemas.checklist.torch_targets import loss_kind
from logbook_schemas.config import metrics as kinds
from logbook_schemas.config.losses import BceWithLogits, Triplet
from logbook_schemas.config.metric_learning import Distance
from logbook_schemas.config.run import RunConfig, metric_name

__all__ = ["Metric", "as_values", "build_metrics", "distance_of", "predict_classes", "predictions"]

Measure = Callable[[Tensor, Tensor], float]
Unscale = Callable[[Tensor], Tensor]
_BuiltIn = (
    kinds.Accuracy
    | kinds.BalancedAccuracy
    | kinds.Mae
    | kinds.Rmse
    | kinds.R2
    | kinds.NearestNeighbourAccuracy
    | kinds.Perplexity
    | kinds.BitsPerCharacter
)
NO_CLASS = -1
"""What a row of NaN predicts."""

_ON_CLASSES = ("classification", "binary", "multilabel")
_TASKS_OF: dict[str, tuple[str, ...]] = {
    "accuracy": _ON_CLASSES,
    "balanced-accuracy": _ON_CLASSES,
    "mae": ("regression", "reconstruction"),
    "rmse": ("regression", "reconstruction"),
    "r2": ("regression",),
    "nearest-neighbour-accuracy": ("metric-learning",),
}


@dataclass(frozen=True)
class Metric:
    """A named number, and whether higher or lower is better; call it with all outputs and targets of a split."""

    name: str
    mode: Literal["min", "max"]
    measure: Measure

    def __call__(self, outputs: Tensor, targets: Tensor) -> float:
        return self.measure(outputs.detach(), targets)


def build_metrics(config: RunConfig, folder: Path, *, unscale: Unscale | None = None) -> tuple[Metric, ...]:
    """Return the metrics of a config, in its order.

    Raises ConfigError where a metric doesn't suit the task; the person's own raise UserCodeError when called.
    """
    unscale = unscale if config.task in ("regression", "reconstruction") else None
    return tuple(_build(config, section, folder, unscale or _as_is) for section in config.metrics)


def predictions(config: RunConfig, outputs: Tensor, *, unscale: Unscale | None = None) -> Tensor:
    """Return what the outputs say: class indices (int64) as `predict_classes`, or values in original units.

    Of metric-learning, the embeddings as they are.
    """
    if config.task in ("regression", "reconstruction"):
        return (unscale or _as_is)(as_values(config, outputs))
    if config.task == "metric-learning":
        return outputs
    return predict_classes(config, outputs)


def as_values(config: RunConfig, outputs: Tensor) -> Tensor:
    """Return outputs in the prepared units of the targets: logits of a reconstruction as what they stand for."""
    is_logit = config.task == "reconstruction" and isinstance(config.loss, BceWithLogits)
    return outputs.sigmoid() if is_logit else outputs


def predict_classes(config: RunConfig, outputs: Tensor) -> Tensor:
    """Return the most probable classes, int64: [N] for classification and binary, [N, K] of 0 and 1 for multilabel.

    A binary or multilabel output stands for 1 above its threshold: 0 for logits, 0.5 for probabilities.
    """
    is_nan = outputs.isnan()
    if config.task == "classification" or (config.task == "binary" and outputs.ndim > 1 and outputs.shape[1] == 2):
        return outputs.argmax(1).masked_fill(is_nan.any(1), NO_CLASS)
    found = (outputs > _threshold(config, outputs)).long().masked_fill(is_nan, NO_CLASS)
    return found.reshape(-1) if config.task == "binary" else found


def _threshold(config: RunConfig, outputs: Tensor) -> float:
    last = getattr(config.model, "output_activation", None)
    if last is not None and last.kind == "sigmoid":
        return 0.5
    # These losses pull the outputs to 0 and 1 themselves.
    kind = loss_kind(config.loss)
    if kind != "python":
        return 0.5 if kind in ("bce", "mse", "l1", "huber") else 0.0
    # What a person's own loss takes isn't known here. Logits of many rows that all lie within 0 and 1 are rare.
    known = outputs[~outputs.isnan()]
    return 0.5 if known.numel() and bool(((known >= 0) & (known <= 1)).all()) else 0.0


def _build(config: RunConfig, section: kinds.Metric, folder: Path, unscale: Unscale) -> Metric:
    if isinstance(section, kinds.PythonMetric):
        return _own_metric(config, section, folder, unscale)
    if isinstance(section, kinds.Perplexity | kinds.BitsPerCharacter) or config.task == "language-model":
        return _token_metric(config, section)
    tasks = _TASKS_OF[section.kind]
    if config.task not in tasks:
        suits = f"{', '.join(tasks[:-1])} and {tasks[-1]}" if len(tasks) > 1 else tasks[0]
        raise ConfigError(f"metric '{section.kind}' is for {suits}, but task is '{config.task}'")
    return Metric(section.kind, kinds.direction(section.kind), _measure(config, section, unscale))


def _token_metric(config: RunConfig, section: _BuiltIn) -> Metric:
    """Return a metric of a language model: it is called with scores [N, L, 2] and targets [N, L]."""
    measures: dict[str, Measure] = {
        "accuracy": token_accuracy,
        "perplexity": lambda scores, targets: _exp(mean_cost(scores, targets)),
        "bits-per-character": lambda scores, targets: mean_cost(scores, targets) / math.log(2),
    }
    if config.task != "language-model" or section.kind not in measures:
        suits = "classification and binary" if section.kind == "balanced-accuracy" else "regression"
        suits = "language-model" if section.kind in measures else suits
        raise ConfigError(f"metric '{section.kind}' is for {suits} tasks, but task is '{config.task}'")
    return Metric(section.kind, kinds.direction(section.kind), measures[section.kind])


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


def _measure(
    config: RunConfig,
    section: kinds.Accuracy
    | kinds.BalancedAccuracy
    | kinds.Mae
    | kinds.Rmse
    | kinds.R2
    | kinds.NearestNeighbourAccuracy,
    unscale: Unscale,
) -> Measure:
    match section:
        case kinds.Accuracy():
            return lambda outputs, targets: _accuracy(*_classes(config, outputs, targets))
        case kinds.BalancedAccuracy():
            return lambda outputs, targets: _balanced_accuracy(*_classes(config, outputs, targets))
        case kinds.Mae():
            return lambda outputs, targets: _mae(*_values(as_values(config, outputs), targets, unscale))
        case kinds.Rmse():
            return lambda outputs, targets: _rmse(*_values(as_values(config, outputs), targets, unscale))
        case kinds.R2():
            return lambda outputs, targets: _r2(*_values(outputs, targets, unscale))
        case kinds.NearestNeighbourAccuracy():
            return lambda outputs, targets: _neighbour_accuracy(outputs, targets, distance_of(config))
        case _:
            assert_never(section)


def _classes(config: RunConfig, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return predicted and true classes in one shape; true ones given as probabilities count as the likeliest."""
    found = predict_classes(config, outputs)
    is_soft = config.task == "classification" and targets.is_floating_point() and targets.shape == outputs.shape
    return found, (targets.argmax(1) if is_soft else targets.long()).reshape(found.shape)


def _accuracy(found: Tensor, true: Tensor) -> float:
    return (found == true).double().mean().item() if true.numel() else float("nan")


def _balanced_accuracy(found: Tensor, true: Tensor) -> float:
    """Return the mean recall of the classes that occur; for several labels, the mean of theirs."""
    if not true.numel():
        return float("nan")
    columns = zip(found.reshape(len(found), -1).T, true.reshape(len(true), -1).T, strict=True)
    return sum(map(_mean_recall, *zip(*columns, strict=True))) / (true.numel() // len(true))


def distance_of(config: RunConfig) -> Distance:
    """Return the distance of the config's triplet loss; of any other loss the Euclidean one."""
    return config.loss.distance if isinstance(config.loss, Triplet) else "euclidean"


def _neighbour_accuracy(outputs: Tensor, targets: Tensor, distance: Distance) -> float:
    """Return the share of rows whose nearest other row is of their class; NaN where no class has two rows."""
    has_partner = torch.bincount(targets)[targets] > 1
    is_hit = targets[nearest_neighbours(outputs, distance)] == targets
    # A row of NaN is nowhere, so near to nothing.
    is_hit &= ~outputs.isnan().flatten(1).any(1)
    return is_hit[has_partner].double().mean().item()


def _mean_recall(found: Tensor, true: Tensor) -> float:
    recalls = [(found[true == label] == label).double().mean() for label in torch.unique(true)]
    return torch.stack(recalls).mean().item()


def _values(outputs: Tensor, targets: Tensor, unscale: Unscale) -> tuple[Tensor, Tensor]:
    """Return outputs and targets [N, K] in original units, as float64 so that sums over a split stay exact."""
    found = unscale(outputs.reshape(targets.shape)).reshape(len(targets), -1)
    true = unscale(targets).reshape(len(targets), -1)
    return found.cpu().double(), true.cpu().double()


def _mae(found: Tensor, true: Tensor) -> float:
    return (found - true).abs().mean().item()


def _rmse(found: Tensor, true: Tensor) -> float:
    return (found - true).square().mean().sqrt().item()


def _r2(found: Tensor, true: Tensor) -> float:
    """Return the mean over the columns; NaN where a column is constant, since there is nothing to explain."""
    left = (found - true).square().sum(0)
    whole = (true - true.mean(0)).square().sum(0)
    return torch.where(whole > 0, 1 - left / whole, torch.nan).mean().item()


def _own_metric(config: RunConfig, section: kinds.PythonMetric, folder: Path, unscale: Unscale) -> Metric:
    function: Any = build_own(section, folder)
    if not callable(function):
        raise ConfigError(
            f"metric {section.target} returned an object of type {type(function).__name__};"
            " it must return a function (outputs, targets) -> number"
        )
    mode = getattr(function, "mode", "max")
    if mode not in ("min", "max"):
        raise ConfigError(f"metric {section.target} has mode {mode!r}; it must be 'min' or 'max'")

    def measure(outputs: Tensor, targets: Tensor) -> float:
        with own_code(f"metric {section.target}"):
            value = function(unscale(as_values(config, outputs)), unscale(targets))
        return _number(section.target, value)

    return Metric(metric_name(section), "min" if mode == "min" else "max", measure)


def _number(target: str, value: object) -> float:
    if isinstance(value, Tensor) and value.numel() == 1:
        return float(value)
    if isinstance(value, Real) or (hasattr(value, "item") and getattr(value, "size", None) == 1):
        return float(value)  # type: ignore[arg-type]
    found = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else repr(value)[:100]
    raise UserCodeError(f"metric {target} returned {found}, but a metric must be one number")


def _as_is(values: Tensor) -> Tensor:
    return values
