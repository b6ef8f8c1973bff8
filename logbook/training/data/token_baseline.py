"""What a language model reaches that always says how often each token occurs: the unigram baseline."""

from __future__ import annotations

import math

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.loaded import LoadedData
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook_schemas.config.losses import CrossEntropy
from logbook_schemas.config.run import RunConfig, metric_name

__all__ = ["token_baseline"]


def token_baseline(loaded: LoadedData, config: RunConfig) -> tuple[dict[str, float], str]:
    """Return `val_loss` and the built-in metrics of the training targets' frequencies, judged on validation.

    The frequencies are those of counted targets; a token that the training split lacks counts as a fraction of one.
    """
    assert loaded.validation is not None  # the caller looked
    sizes = [_counts(split.raw.targets, loaded.output_size) for split in (loaded.train, loaded.validation) if split.raw]
    if len(sizes) < 2 or not all(counts.sum() for counts in sizes):
        return {}, ""
    train, validation = sizes
    shares = np.where(train > 0, train, 1 / loaded.output_size)
    shares = shares / shares.sum()
    actual = validation / validation.sum()
    cost = float(-(actual @ np.log(shares)))
    found = {"accuracy": float(actual[np.argmax(shares)]), "perplexity": math.exp(cost)}
    found["bits-per-character"] = cost / math.log(2)
    asked = {metric_name(metric) for metric in config.metrics}
    reached = {name: value for name, value in found.items() if name in asked}
    loss = _loss(config, shares, actual)
    return (reached if loss is None else {"val_loss": loss, **reached}), "token frequencies"


def _loss(config: RunConfig, shares: Array, actual: Array) -> float | None:
    if config.loss.kind == "python":
        return None
    smoothing = config.loss.label_smoothing if isinstance(config.loss, CrossEntropy) else 0.0
    shares = (1 - smoothing) * shares + smoothing / len(shares)
    return float(-(((1 - smoothing) * actual + smoothing / len(actual)) @ np.log(shares)))


def _counts(targets: Array, tokens: int) -> Array:
    known = targets[targets != NOT_COUNTED]
    return np.bincount(known, minlength=tokens).astype(np.float64)
