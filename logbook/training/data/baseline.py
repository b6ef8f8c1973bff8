"""What the best constant prediction reaches on validation: a network that does no better has learnt nothing.

The constant is fitted on the training split: class shares for a loss over classes, the minimum of the loss for a
loss over numbers (the mean for mse, the median for l1). `val_loss` is in the loss's own, prepared units, as the
run's is; metrics are those of the majority class, or of the mean of the targets in original units.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from logbook.training.data.arrays import Array
from logbook.training.data.class_weights import loss_weights
from logbook.training.data.loaded import LoadedData
from logbook.training.data.reconstruction import OneWay
from logbook.training.data.token_baseline import token_baseline
from logbook_schemas.config.losses import CrossEntropy, Huber, Loss, Triplet
from logbook_schemas.config.metrics import direction
from logbook_schemas.config.run import RunConfig, metric_name

__all__ = ["measure_baseline", "metric_modes"]

_HUBER_STEPS = 200
_ROWS_OF_INPUTS = 10_000
"""Rows of each split whose inputs are averaged: they are as many numbers as the data, in float64."""


def metric_modes(config: RunConfig) -> dict[str, str]:
    """Return `min` or `max` for each metric; a person's own is taken for higher is better unless it is monitored,
    where the config says it. (What its `mode` says is known when it is built.)"""
    names = map(metric_name, config.metrics)
    modes: dict[str, str] = {name: direction(name) for name in names}
    if config.monitor.metric in modes:
        modes[config.monitor.metric] = config.monitor.mode
    return modes


def measure_baseline(loaded: LoadedData, config: RunConfig) -> tuple[dict[str, float], str]:
    """Return `val_loss` and the built-in metrics of the best constant prediction, and what that constant is."""
    validation, train = loaded.validation, loaded.train
    if validation is None or validation.raw is None or train.raw is None:
        return {}, ""
    if config.task == "language-model":
        return token_baseline(loaded, config)
    # Rows that were left out or repeated to even out the classes say nothing of how often a class comes.
    natural = train.raw.targets if loaded.natural_targets is None else loaded.natural_targets
    limit = _ROWS_OF_INPUTS if loaded.encoding.of_inputs else None
    fitted_on, judged_on = (
        _whole_rows(loaded.encoding.encode(rows[:limit])) for rows in (natural, validation.raw.targets)
    )
    if not len(fitted_on) or not len(judged_on):
        return {}, ""
    loss = _loss_of_best(config, loaded, fitted_on, judged_on)
    reached = {} if loss is None else {"val_loss": loss}
    if config.task in ("classification", "binary"):
        metrics = _class_metrics(_indices(fitted_on), _indices(judged_on), len(loaded.classes))
        name = "class shares" if config.monitor.metric in ("val_loss", "train_loss") else "majority class"
    elif config.task == "regression":
        metrics, name = _number_metrics(fitted_on, judged_on), "mean of the targets"
    elif config.task == "reconstruction":
        metrics, name = _input_metrics(loaded, fitted_on, judged_on), "mean of the inputs"
    elif config.task == "metric-learning":
        metrics, name = _neighbour_metrics(_indices(judged_on)), "every example at one point"
    else:
        metrics, name = _label_metrics(fitted_on, judged_on), "label shares"
    asked = [metric.kind for metric in config.metrics]
    return reached | {metric: value for metric, value in metrics.items() if metric in asked}, name


def _whole_rows(targets: Array) -> Array:
    """Return the rows without a NaN or infinity."""
    if targets.ndim == 1:
        return targets
    return targets[np.isfinite(targets).reshape(len(targets), -1).all(axis=1)]


def _indices(targets: Array) -> Array:
    return targets.reshape(-1).astype(np.int64)


def _loss_of_best(config: RunConfig, loaded: LoadedData, train: Array, validation: Array) -> float | None:
    loss, classes = config.loss, len(loaded.classes)
    if loss.kind == "python":
        return None
    if isinstance(loss, Triplet):
        return _loss_of_one_point(loss)
    weights = loss_weights(config, loaded)
    if loss.kind in ("cross-entropy", "nll"):
        if not loaded.encoding.as_indices:
            return None
        smoothing = loss.label_smoothing if isinstance(loss, CrossEntropy) else 0.0
        return _cross_entropy(train, validation, _by_class(weights, classes), smoothing)
    if loaded.encoding.as_indices:
        train, validation = np.eye(classes)[train], np.eye(classes)[validation]
    else:
        train, validation = loaded.targets.apply(train), loaded.targets.apply(validation)
    if "class_weights" in weights:
        return _weighted_bce(_indices(train), _indices(validation), _by_class(weights, classes))
    train, validation = _columns(train), _columns(validation)
    heavy = weights["pos_weight"].cpu().numpy() if "pos_weight" in weights else np.ones(train.shape[1])
    return _elementwise(loss, train, validation, heavy)


def _columns(rows: Array) -> Array:
    return rows.reshape(len(rows), -1).astype(np.float64)


def _by_class(weights: dict[str, Tensor], classes: int) -> Array:
    """Return the weight of each class in the loss."""
    found: Array = weights["class_weights"].cpu().numpy() if "class_weights" in weights else np.ones(classes)
    return found.astype(np.float64)


def _weighted_bce(train: Array, validation: Array, weights: Array) -> float:
    """Return the weighted mean of -log share over rows of two classes."""
    shares = np.bincount(train, minlength=2) * weights
    shares = np.maximum(shares, 1e-6) / np.maximum(shares, 1e-6).sum()
    actual = np.bincount(validation, minlength=2) * weights
    return float(actual @ -np.log(shares) / actual.sum())


def _cross_entropy(train: Array, validation: Array, weights: Array, smoothing: float) -> float:
    """Return the mean of -log share of each row's class, with the target spread by `smoothing`.

    `weights` are those of the classes: a row counts as its class weighs, and so does what is spread to a class.
    """
    classes = len(weights)

    def wanted(counts: Array) -> Array:
        total = float(counts @ weights)
        mixed: Array = ((1 - smoothing) * counts + smoothing / classes * counts.sum()) * weights / total
        return mixed

    counts = np.bincount(train, minlength=classes).astype(np.float64)
    # A class that the training split lacks counts as a fraction of a row: its loss would be infinite.
    shares = wanted(np.where(counts > 0, counts, 1 / classes))
    costs = -np.log(shares / shares.sum())
    return float(wanted(np.bincount(validation, minlength=classes).astype(np.float64)) @ costs)


def _elementwise(loss: Loss, train: Array, validation: Array, heavy: Array) -> float | None:
    """Return the mean over rows and columns of a loss between numbers [N, K] and the best constant of each column.

    `heavy` [K] is how much positive entries count, where the loss can tell them.
    """
    if loss.kind == "mse":
        return float(((validation - train.mean(axis=0)) ** 2).mean())
    if loss.kind == "l1":
        return float(np.abs(validation - np.median(train, axis=0)).mean())
    if isinstance(loss, Huber):
        gaps = np.abs(validation - _huber_centre(train, loss.delta))
        inner = np.minimum(gaps, loss.delta)
        return float((0.5 * inner**2 + loss.delta * (gaps - inner)).mean())
    if loss.kind not in ("bce", "bce-with-logits") or min(train.min(), validation.min()) < 0:
        return None
    if max(train.max(), validation.max()) > 1:
        return None
    edge = 1 / (len(train) + 2)
    shares = np.clip(train.mean(axis=0), edge, 1 - edge)
    shares = heavy * shares / (heavy * shares + 1 - shares)
    return float(-(heavy * validation * np.log(shares) + (1 - validation) * np.log1p(-shares)).mean())


def _huber_centre(train: Array, delta: float) -> Array:
    """Return the constant of least Huber loss, column by column, by descent from the median."""
    centre = np.median(train, axis=0)
    for _ in range(_HUBER_STEPS):
        gaps = train - centre
        near = np.maximum((np.abs(gaps) <= delta).mean(axis=0), 1 / len(train))
        move = np.clip(gaps, -delta, delta).mean(axis=0)
        # Newton's step where enough rows lie within delta; never further than delta, so that it can't overshoot far.
        centre = centre + np.clip(move / np.maximum(near, 0.5), -delta, delta)
        if (np.abs(move) < 1e-9 * delta).all():
            break
    return centre


def _class_metrics(train: Array, validation: Array, classes: int) -> dict[str, float]:
    majority = int(np.argmax(np.bincount(train, minlength=classes)))
    present = np.unique(validation)
    recall = 1 / len(present) if majority in present else 0.0
    return {"accuracy": float((validation == majority).mean()), "balanced-accuracy": recall}


def _label_metrics(train: Array, validation: Array) -> dict[str, float]:
    return {"accuracy": float((validation == (train.mean(axis=0) > 0.5)).mean())}


def _input_metrics(loaded: LoadedData, train: Array, validation: Array) -> dict[str, float]:
    """Return the metrics of the training inputs' mean, in original units where the preparation can be undone."""
    if isinstance(loaded.targets, OneWay):
        train, validation = loaded.targets.apply(train), loaded.targets.apply(validation)
    return {
        name: value for name, value in _number_metrics(_columns(train), _columns(validation)).items() if name != "r2"
    }


def _neighbour_metrics(classes: Array) -> dict[str, float]:
    """Return how often a neighbour drawn at random is of one's own class, of those that have another of it."""
    counts = np.bincount(classes)
    paired = counts[counts > 1]
    if not len(paired) or len(classes) < 2:
        return {}
    return {"nearest-neighbour-accuracy": float((paired * (paired - 1)).sum() / (paired.sum() * (len(classes) - 1)))}


def _loss_of_one_point(loss: Triplet) -> float | None:
    """Return what a triplet loss is where all examples lie at one point; None under batch-all.

    There the mean is over the triplets that break the margin: it may stay near the margin while these grow few.
    """
    if loss.soft_margin:
        return float(np.log(2))
    return None if loss.mining == "batch-all" else loss.margin


def _number_metrics(train: Array, validation: Array) -> dict[str, float]:
    gaps = validation - train.mean(axis=0)
    spread = ((validation - validation.mean(axis=0)) ** 2).sum()
    metrics = {"mae": float(np.abs(gaps).mean()), "rmse": float(np.sqrt((gaps**2).mean()))}
    return metrics | ({"r2": float(1 - (gaps**2).sum() / spread)} if spread > 0 else {})
