"""What rules ask of layers: which are hidden, and whether the training goes well all the same.

Strange numbers in a layer are a fault only where the training suffers: gradients fade, units die and updates shrink
in every network that has learnt what there is to learn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import islice

from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.config.initial_weights import CheckpointInit
from logbook_schemas.records.measures import EpochRecord, LayerRecord

__all__ = [
    "begins_trained",
    "hidden_layers",
    "is_converged",
    "is_stalled",
    "last_matrix",
    "matrices",
    "measured_epochs",
    "present_at_start",
    "reference_loss",
]

_STALLED, _CONVERGED = 0.9, 0.1


def matrices(layers: Iterable[LayerRecord]) -> list[LayerRecord]:
    """Return the layers with a matrix of weights in the order in which they are called; a shared one stands once."""
    called = [layer for layer in layers if layer.fan_in is not None and layer.order is not None]
    return sorted(called, key=lambda layer: layer.order or 0)


def last_matrix(layers: Sequence[LayerRecord]) -> int:
    """Return the order of the last layer with a matrix of weights, the output layer; -1 where there is none."""
    return max((layer.order or 0 for layer in matrices(layers)), default=-1)


def hidden_layers(layers: Sequence[LayerRecord]) -> list[LayerRecord]:
    """Return the layers of every kind that are called before the output layer."""
    last = last_matrix(layers)
    return [layer for layer in layers if layer.order is not None and layer.order < last]


def measured_epochs(evidence: Evidence, amount: int) -> list[EpochRecord]:
    """Return the newest epochs of training whose layers were measured, newest first; none where the newest wasn't."""
    if not evidence.epochs or not evidence.epochs[-1].layers or evidence.epochs[-1].phase != "train":
        return []
    return list(islice((e for e in reversed(evidence.epochs) if e.layers and e.phase == "train"), amount))


def reference_loss(evidence: Evidence) -> float | None:
    """Return the loss of a guess; where that isn't known, of the untrained network."""
    known = evidence.data.baseline.get("val_loss") if evidence.data else None
    initial = evidence.start.initial_loss if evidence.start else None
    for loss in (known, initial):
        if loss is not None and math.isfinite(loss) and loss > 0:
            return loss
    return None


def is_stalled(evidence: Evidence) -> bool:
    """Say whether the newest training loss is hardly better than a guess, or no number any more."""
    reference, loss = reference_loss(evidence), _loss(evidence)
    if loss is not None and not math.isfinite(loss):
        return True
    return reference is not None and loss is not None and loss > _STALLED * reference


def is_converged(evidence: Evidence) -> bool:
    """Say whether the newest training loss is a small share of that of a guess."""
    reference, loss = reference_loss(evidence), _loss(evidence)
    return reference is not None and loss is not None and loss < _CONVERGED * reference


def _loss(evidence: Evidence) -> float | None:
    return evidence.epochs[-1].train_loss if evidence.epochs else None


def begins_trained(evidence: Evidence) -> bool:
    """Say whether the network begins with weights of an earlier training."""
    model = evidence.config.model if evidence.config else None
    return isinstance(getattr(model, "init", None), CheckpointInit)


def present_at_start(evidence: Evidence) -> dict[str, LayerRecord]:
    """Return the layers of the untrained network by name."""
    return {layer.name: layer for layer in evidence.start.layers} if evidence.start else {}
