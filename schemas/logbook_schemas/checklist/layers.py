"""What rules ask of layers: which are hidden, and whether the training goes well all the same.

Strange numbers in a layer are a fault only where the training suffers: gradients fade, units die and updates shrink
in every network that has learnt what there is to learn.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import islice

from pydantic import JsonValue

from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.config.initial_weights import CheckpointInit
from logbook_schemas.records.measures import EpochRecord, LayerRecord

__all__ = [
    "at_every_call",
    "begins_trained",
    "fading",
    "hidden_layers",
    "hidden_matrices",
    "is_converged",
    "is_rate_run_down",
    "is_stalled",
    "last_matrix",
    "lower_rate",
    "matrices",
    "measured_epochs",
    "present_at_start",
    "reference_loss",
    "remedy_init",
    "update_ratios",
]

_STALLED, _CONVERGED = 0.9, 0.1
"""Shares of the loss of a guess."""

_RUN_DOWN = 0.1
"""Share of the learning rate that the config asks for."""

_CALL = re.compile(r"#\d+")
"""The number of a call in the name of a layer that is called several times in a pass."""

_LEAST_PARAMETERS, _LEAST_NORM = 10, 1e-3


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


def hidden_matrices(layers: Sequence[LayerRecord]) -> list[LayerRecord]:
    """Return the layers with a matrix of weights before the output layer, in the order in which they are called."""
    return matrices(layers)[:-1]


def fading(layers: Sequence[LayerRecord]) -> tuple[float | None, float | None]:
    """Return how much what the output layer is given varies, as a share of the first layer's sums, and by itself.

    What reaches the output counts, not each layer: a residual branch may begin at nothing. None where there are no
    two hidden layers, or where that wasn't measured.
    """
    called = matrices(layers)
    first, last = (called[0].unit_std, called[-1].input_unit_std) if len(called) > 2 else (None, None)
    if not first or last is None or not math.isfinite(first) or not math.isfinite(last):
        return None, None
    return last / first, last


def at_every_call(layers: Iterable[LayerRecord]) -> list[LayerRecord]:
    """Return for each layer the call at which fewest of its units are 0: no more of them can be so at each."""
    fewest: dict[str, LayerRecord] = {}
    for layer in layers:
        name = _CALL.sub("", layer.name)
        if layer.dead_share is not None and layer.dead_share <= (fewest.get(name, layer).dead_share or 0):
            fewest[name] = layer.model_copy(update={"name": name})
    return list(fewest.values())


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


def is_rate_run_down(evidence: Evidence) -> bool:
    """Say whether a schedule has brought the learning rate down, or not yet up: small steps are then meant."""
    rates = [epoch.lr for epoch in evidence.epochs[-1:] if epoch.lr is not None]
    asked = getattr(evidence.config.optimizer, "lr", None) if evidence.config else None
    return bool(rates) and isinstance(asked, float) and rates[0] < _RUN_DOWN * asked


def update_ratios(epoch: EpochRecord) -> dict[str, float]:
    """Return norm(update) / norm(weights) by layer, of layers large enough for the ratio to mean something."""
    return {
        layer.name: layer.update_ratio
        for layer in epoch.layers
        if layer.update_ratio is not None
        and math.isfinite(layer.update_ratio)
        and layer.parameters >= _LEAST_PARAMETERS
        and (layer.weight_norm or 0) > _LEAST_NORM
    }


def lower_rate(evidence: Evidence) -> dict[str, JsonValue]:
    """Return a tenth of the learning rate as a change in the config; nothing where it has none."""
    lr = getattr(evidence.config.optimizer, "lr", None) if evidence.config else None
    return {"optimizer.lr": float(f"{lr / 10:.6g}")} if isinstance(lr, float) and lr > 0 else {}


def begins_trained(evidence: Evidence) -> bool:
    """Say whether the network begins with weights of an earlier training."""
    model = evidence.config.model if evidence.config else None
    return isinstance(getattr(model, "init", None), CheckpointInit)


def remedy_init(evidence: Evidence) -> tuple[str, dict[str, JsonValue]]:
    """Return what to do about initial weights, and the change in the config where our network has the setting."""
    model = evidence.config.model if evidence.config else None
    activation = getattr(getattr(model, "activation", None), "kind", getattr(model, "activation", None))
    if getattr(model, "init", None) is None:
        return "Draw the weights by the fan-in: torch.nn.init.kaiming_normal_ for relu, xavier_uniform_ for tanh.", {}
    scheme = "xavier" if activation in ("tanh", "sigmoid") else "lecun" if activation == "selu" else "he"
    return f"Draw the weights by the fan-in: model.init {scheme}.", {"model.init": scheme}


def present_at_start(evidence: Evidence) -> dict[str, LayerRecord]:
    """Return the layers of the untrained network by name."""
    return {layer.name: layer for layer in evidence.start.layers} if evidence.start else {}
