"""First steps that are longer than the weights themselves.

What it checks: before training, how far the first step will move each trained layer, over the size of its weights: the
learning rate times the gradient's norm under gradient descent, the learning rate in each weight under Adam, its
variants and RMSprop. Where that is more than the whole size in half of the layers, a warning. Layers that begin at 0
don't count, and a schedule that begins low isn't judged, nor a step that is clipped.

Why it matters: after one step nothing is left of the weights that were drawn with care. About a hundredth of their size
is usual, a tenth is much. What is too high for a wide network may be right for one of four units: the rate alone
doesn't say it.

Instead: divide the learning rate by ten, or by as much as the finding says. Where the gradients are huge, look at the
scale of inputs, targets and initial weights first.

Source: Troubleshooting Neural Net Training (S1-14, S1-15); Practical Advice for Building Deep Neural Networks
(S2-22); where the guides contradict each other on the size of an update (C13). Measured on small networks: healthy ones
reach 0.5, with Adam at 0.05 on XOR.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import learning_rate, other_rate
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import EXPLODING, LAYERS, NOT_LEARNING, POOR_VALIDATION
from logbook_schemas.checklist.torch_targets import built_optimizer
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]

_DESCENT = ("sgd", "momentum", "nesterov")
_BY_SIGN = ("adam", "adamw", "amsgrad", "nadam", "rmsprop")
"""Optimizers that divide a gradient by its size: their first steps move each weight by the rate."""

_BEGIN_LOW = ("one-cycle",)
_FEWEST, _LEAST = 10, 1e-3


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known, built, rate = evidence.config, built_optimizer(evidence), learning_rate(evidence)
    if evidence.start is None or built is None or rate is None or known is None:
        return
    if known.schedule.warmup or known.schedule.kind in _BEGIN_LOW:
        return
    is_descent = built.kind in _DESCENT
    if not is_descent and built.kind not in _BY_SIGN:
        return
    if is_descent and (known.gradients.clip.kind != "none" or known.gradients.renormalize.kind != "none"):
        return
    ratios = {
        layer.name: rate * step / (layer.weight_norm or 1)
        for layer in evidence.start.layers
        if (step := _step(layer, is_descent=is_descent)) is not None
    }
    ratio = median(ratios.values()) if ratios else 0.0
    if not ratio > at.ratio:
        return
    yield Said(
        message=f"At a learning rate of {number(rate)} the first step is {number(ratio)} times as long as the weights"
        " of a layer themselves.",
        where="optimizer.lr",
        measured={name: one if math.isfinite(one) else str(one) for name, one in ratios.items()},
        expected=f"steps of about {number(at.healthy)} of the weights' size",
        remedy="Lower the learning rate; where the gradients are huge, scale inputs, targets or initial weights first.",
        change=other_rate(evidence, at.healthy / ratio),
    )


def _step(layer: LayerRecord, *, is_descent: bool) -> float | None:
    """Return how long a step of rate 1 would be; None where nothing can be said."""
    if layer.gradient_norm is None or layer.parameters < _FEWEST or (layer.weight_norm or 0) <= _LEAST:
        return None
    return layer.gradient_norm if is_descent else math.sqrt(layer.parameters)


def _layers(gradient: float) -> tuple[LayerRecord, ...]:
    return (
        LayerRecord(name="hidden.0", parameters=4160, weight_norm=4.6, gradient_norm=gradient),
        LayerRecord(name="output", parameters=650, weight_norm=1.8, gradient_norm=gradient),
    )


RULE = Rule(
    code="L110",
    name="oversized-steps",
    severity="warning",
    moment="start",
    title="The first steps are longer than the weights themselves",
    why="After one step nothing is left of the weights that were drawn with care.",
    source=cite("S1-14", "S1-15", "S2-22", "C13"),
    check=check,
    bad=lambda: evidence(config=config(optimizer={"kind": "adam", "lr": 0.3}), start=start(layers=_layers(0.5))),
    good=lambda: evidence(config=config(optimizer={"kind": "sgd", "lr": 0.3}), start=start(layers=_layers(0.5))),
    doc=__doc__ or "",
    thresholds={
        "ratio": Threshold(1.0, "length of the first step over the size of the weights, in the median layer (C13)"),
        "healthy": Threshold(0.01, "the same, where training goes well (C13)"),
    },
    explains=("learning-rate-too-high", "corrected-start", *EXPLODING, *LAYERS, *NOT_LEARNING, *POOR_VALIDATION),
)
