"""How far a network has come from guessing to perfection, and how its weights have moved: what curve rules agree on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median

from pydantic import JsonValue

from logbook_schemas.checklist.curves import finite, gain, last_phase
from logbook_schemas.checklist.rule import Evidence, Thresholds
from logbook_schemas.checklist.torch_targets import built_optimizer
from logbook_schemas.config.metrics import direction
from logbook_schemas.config.optimizer import PythonOptimizer
from logbook_schemas.records.measures import EpochRecord, LayerRecord
from logbook_schemas.records.summary import ENDED

__all__ = [
    "falling",
    "guessing_loss",
    "has_own_step_length",
    "largest_ratio",
    "learning_rate",
    "learnt_share",
    "metric_gains",
    "other_rate",
    "standing_share",
    "trained_share",
    "typical_ratio",
    "usual_rate",
    "weight_growth",
]

_FEW_WEIGHTS = 10
"""Parameters of a layer that say something of how long its steps are: a single weight may well cross 0 (C13)."""

_SEARCHING = ("lbfgs", "conjugate-gradient", "line-search")
"""Optimizers that find the length of a step themselves."""


def guessing_loss(evidence: Evidence) -> float | None:
    """Return what a constant prediction loses, else ln(C), else what the untrained model lost; None if unknown."""
    baseline = evidence.data.baseline.get("val_loss") if evidence.data else None
    start = evidence.start
    known = finite([baseline, start.expected_loss if start else None, start.initial_loss if start else None])
    return next((loss for loss in known if loss > 0), None)


def learnt_share(evidence: Evidence, epoch: EpochRecord) -> float | None:
    """Return how far an epoch has come from guessing (0) to perfection (1) on the validation split, by the loss or
    the metric that says most; by the training loss where nothing is validated. Negative is worse than guessing."""
    loss = epoch.val_loss if epoch.val_loss is not None or epoch.metrics else epoch.train_loss
    return _share(evidence, loss, epoch.metrics)


def trained_share(evidence: Evidence, epoch: EpochRecord) -> float | None:
    """Return the same on training examples, in evaluation mode where that was measured."""
    loss = epoch.train_loss if epoch.train_loss_eval is None else epoch.train_loss_eval
    return _share(evidence, loss, epoch.train_metrics)


def _share(evidence: Evidence, loss: float | None, metrics: Mapping[str, float]) -> float | None:
    guessing = guessing_loss(evidence)
    shares = [1 - value / guessing for value in finite([loss]) if guessing]
    return max(finite([*shares, *metric_gains(evidence, metrics)]), default=None)


def metric_gains(evidence: Evidence, metrics: Mapping[str, float]) -> list[float]:
    """Return which share of the way from the constant answer to perfection each metric has gone, where known."""
    data = evidence.data
    if data is None:
        return []
    known = {name: data.baseline[name] for name in metrics if math.isfinite(data.baseline.get(name, math.nan))}
    return finite(
        gain(name, metrics[name], baseline, mode=direction(name, data.metric_modes)) for name, baseline in known.items()
    )


def falling(losses: Sequence[float], epochs: int) -> float:
    """Return the share of its size by which a loss fell an epoch, over the last `epochs` of them; 0 where unknown."""
    if len(losses) <= epochs or epochs < 1 or losses[-1 - epochs] <= 0:
        return 0.0
    return (losses[-1 - epochs] - losses[-1]) / losses[-1 - epochs] / epochs


def standing_share(evidence: Evidence, at: Thresholds) -> float | None:
    """Return how far a training that ended came on its own examples, from guessing (0) to perfection (1).

    None where it didn't end by itself, had fewer than `at.epochs` epochs, or its loss still fell by more than `at.fall`
    of its size an epoch over the last tenth; and where nothing is known.
    """
    epochs = last_phase(evidence)
    ended = evidence.end is not None and evidence.end.status in ENDED
    if not ended or len(epochs) < at.epochs:
        return None
    losses = finite(epoch.train_loss for epoch in epochs)
    return None if falling(losses, max(1, len(losses) // 10)) > at.fall else trained_share(evidence, epochs[-1])


_MOST_TENS = 3
"""Powers of ten that a rate is advised to change by at once: further off, measurements say little."""


# -- steps ------------------------------------------------------------------------------------------------------


def learning_rate(evidence: Evidence) -> float | None:
    """Return the learning rate of the config, of a person's own optimizer its argument `lr` or the one that it was
    built with; None where none is."""
    optimizer, built = evidence.config.optimizer if evidence.config else None, built_optimizer(evidence)
    rate = optimizer.kwargs.get("lr") if isinstance(optimizer, PythonOptimizer) else getattr(optimizer, "lr", None)
    if not isinstance(rate, int | float) and built is not None:
        rate = built.lr
    return float(rate) if isinstance(rate, int | float) and rate > 0 else None


def usual_rate(evidence: Evidence) -> float | None:
    """Return the default learning rate of the config's optimizer; None where it has none."""
    optimizer = evidence.config.optimizer if evidence.config else None
    field = type(optimizer).model_fields.get("lr") if optimizer is not None else None
    return float(field.default) if field is not None and isinstance(field.default, int | float) else None


def other_rate(evidence: Evidence, factor: float) -> dict[str, JsonValue]:
    """Return the change to a learning rate that is higher or lower by about `factor`, rounded to a power of ten, and
    by more than ten no further than the optimizer's default."""
    rate, usual = learning_rate(evidence), usual_rate(evidence)
    if rate is None or evidence.config is None or factor <= 0:
        return {}
    tens = round(math.log10(factor)) or (1 if factor > 1 else -1)
    other = rate * 10.0 ** max(-_MOST_TENS, min(_MOST_TENS, tens))
    if usual is not None and tens > 0:
        other = min(other, max(usual, rate * 10))
    elif usual is not None:
        other = max(other, min(usual, rate / 10))
    path = "optimizer.kwargs.lr" if isinstance(evidence.config.optimizer, PythonOptimizer) else "optimizer.lr"
    return {path: float(f"{other:.6g}")}


def has_own_step_length(evidence: Evidence) -> bool:
    """Return whether the optimizer looks for the length of its steps itself: a long one is then no mistake."""
    built = built_optimizer(evidence)
    return built is not None and built.kind in _SEARCHING


def weight_growth(evidence: Evidence, epoch: EpochRecord) -> float | None:
    """Return how many times as large the weights are as at the start: the median over layers. None where unknown, and
    after pre-training, which moves them before."""
    start = evidence.start
    if start is None or any(other.phase != "train" for other in evidence.epochs[:1]):
        return None
    began = {layer.name: layer.weight_norm for layer in _sizeable(start.layers) if layer.weight_norm}
    grown = [
        layer.weight_norm / began[layer.name]
        for layer in epoch.layers
        if layer.name in began and layer.weight_norm is not None
    ]
    return median(grown) if grown else None


def typical_ratio(epoch: EpochRecord) -> float | None:
    """Return the median over layers of the norm of an update over that of the weights."""
    ratios = _ratios(epoch)
    return median(ratios) if ratios else epoch.update_ratio


def largest_ratio(epoch: EpochRecord) -> float | None:
    """Return the same of the layer that moves most. A layer that begins at 0 moves by more than its size: not it."""
    return max((ratio for ratio in _ratios(epoch) if ratio < 1), default=None)


def _ratios(epoch: EpochRecord) -> list[float]:
    return finite(layer.update_ratio for layer in _sizeable(epoch.layers))


def _sizeable(layers: Sequence[LayerRecord]) -> list[LayerRecord]:
    return [layer for layer in layers if layer.parameters >= _FEW_WEIGHTS]
