"""Gradients that become huge, or no numbers any more.

What it checks: whether the median norm of an epoch's gradients isn't finite, or is more than a hundred times that of
the epochs before, while the loss is hardly better than a guess; or whether a
layer's gradient holds NaN or infinity at a sampled step. Steps that float16 skips are no explosion.

Why it matters: one such step can throw away what was learnt, or fill the weights with NaN.

Instead: a lower learning rate, scaled inputs and targets, weights by the fan-in; clipping is a stopgap.

Source: My Neural Network isn't working! What should I do? (S0-32); Debugging Neural Networks: A Checklist (S3-14);
Practical Advice for Building Deep Neural Networks (S2-24).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import is_stalled, lower_rate
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import OUTCOMES
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import EpochRecord

__all__ = ["RULE"]

_WINDOW = 10
"""Epochs before the newest one that its gradients are held against."""


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if not evidence.epochs or evidence.epochs[-1].phase != "train" or _skips_steps(evidence):
        return
    newest = evidence.epochs[-1]
    broken = [layer for layer in newest.layers if layer.gradient_nonfinite]
    if broken:
        yield Said(
            message=f"In epoch {newest.epoch}, the gradient of {broken[-1].name} holds NaN or infinity.",
            where=broken[-1].name,
            measured=broken[-1].gradient_nonfinite,
            expected="gradients that are finite",
            remedy="Lower the learning rate, and look for inputs, logarithms or divisions that aren't finite.",
            change=lower_rate(evidence),
            severity="error",
        )
        return
    norm, usual = newest.gradient_norm, _usual(evidence)
    if norm is None or not usual or not is_stalled(evidence):
        return
    if math.isfinite(norm) and norm <= at.growth * usual:
        return
    yield Said(
        message=f"In epoch {newest.epoch}, the gradient's norm is {number(norm)}, {number(norm / usual)} times what it"
        " was before.",
        where="gradient_norm",
        measured=norm if math.isfinite(norm) else str(norm),
        expected=f"at most {number(at.growth)} times what it was",
        remedy="Lower the learning rate, scale inputs and targets, or draw the weights by the fan-in.",
        change=lower_rate(evidence),
    )


def _skips_steps(evidence: Evidence) -> bool:
    """Say whether float16's loss scaling leaves out the steps that overflow."""
    return evidence.config is not None and evidence.config.training.precision.kind == "float16"


def _usual(evidence: Evidence) -> float | None:
    """Return the median norm of a few epochs before; None in the first."""
    before = [e.gradient_norm for e in evidence.epochs[-1 - _WINDOW : -1] if e.phase == "train" and e.gradient_norm]
    finite = [norm for norm in before if math.isfinite(norm)]
    return median(finite) if finite else None


def _later(norm: float) -> tuple[EpochRecord, ...]:
    return curve([0.0, 80.0], gradient_norm=norm)[1:]


RULE = Rule(
    code="G204",
    name="exploding-gradients",
    severity="warning",
    moment="epoch",
    title="Gradients explode",
    why="One such step can throw away what was learnt, or fill the weights with NaN.",
    source=cite("S0-32", "S2-24", "S3-14"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.2], gradient_norm=1.3) + _later(900.0)),
    good=lambda: evidence(epochs=curve([2.2, 1.9], gradient_norm=1.3)),
    doc=__doc__ or "",
    thresholds={"growth": Threshold(100.0, "median gradient norm of an epoch over that of those before it")},
    explains=OUTCOMES,
)
