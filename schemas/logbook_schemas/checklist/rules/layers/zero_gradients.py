"""A layer whose gradient is exactly 0.

What it checks: over the sampled steps of an epoch, the share of each hidden layer's gradient entries that are exactly
0, while the loss is hardly better than a guess: all of them is an error, more than 95 % a warning, more than 70 % a
note. The first layer, which sparse inputs leave many zeros in, and tables of vectors count where all is 0 alone;
frozen layers have no gradient and don't count.

Why it matters: such a layer doesn't learn: its units are dead, or something between it and the loss has no gradient.

Instead: look for dead units, and for rounding, comparisons, detached results on the way to the loss.

Source: My Neural Network isn't working! What should I do? (S0-40, S0-42); Debugging Neural Networks: A Checklist
(S3-28).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import is_stalled, matrices, measured_epochs
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import listing, percent
from logbook_schemas.records.findings import Severity
from logbook_schemas.records.measures import EpochRecord, LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    for epoch in measured_epochs(evidence, 1):
        if epoch.train_loss == 0 or not is_stalled(evidence):
            return
        silent = [layer for layer in epoch.layers if layer.gradient_zero_share == 1 and _has_weights(layer)]
        sparse = [layer for layer in _behind_first(epoch) if (layer.gradient_zero_share or 0) > at.some]
        found = silent or sparse
        if not found:
            return
        worst = max(found, key=lambda layer: layer.gradient_zero_share or 0)
        share = worst.gradient_zero_share or 0
        severity: Severity = "error" if silent else "warning" if share > at.most else "note"
        what = "every entry" if silent else percent(share)
        more = [layer.name for layer in found if layer is not worst]
        yield Said(
            message=f"In epoch {epoch.epoch}, {what} of the gradient of {worst.name} is exactly 0"
            f"{f', and of {listing(more)}' if more else ''}.",
            where=worst.name if silent else "hidden layers",
            measured={layer.name: layer.gradient_zero_share for layer in found},
            expected=f"at most {percent(at.some)} of a layer's gradient exactly 0",
            remedy="Look for dead units, and for round, argmax, comparisons or detach between this layer and the loss.",
            severity=severity,
        )


def _has_weights(layer: LayerRecord) -> bool:
    return layer.parameters > 1 and layer.order is not None


def _behind_first(epoch: EpochRecord) -> list[LayerRecord]:
    return [layer for layer in matrices(epoch.layers)[1:] if layer.gradient_zero_share is not None]


def _layers(share: float) -> tuple[LayerRecord, ...]:
    return tuple(
        LayerRecord(name=name, kind="Linear", order=order, fan_in=64, parameters=640, gradient_zero_share=one)
        for order, (name, one) in enumerate((("hidden.0.linear", share), ("output", 0.0)))
    )


RULE = Rule(
    code="G205",
    name="zero-gradients",
    severity="warning",
    moment="epoch",
    title="A layer's gradient is exactly 0",
    why="Such a layer doesn't learn: its units are dead, or something between it and the loss has no gradient.",
    source=cite("S0-40", "S0-42", "S3-28"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.31, 2.3], layers=_layers(1.0))),
    good=lambda: evidence(epochs=curve([2.31, 2.3], layers=_layers(0.3))),
    doc=__doc__ or "",
    thresholds={
        "some": Threshold(0.7, "share of a layer's gradient entries that are exactly 0 (S3-28)"),
        "most": Threshold(0.95, "the same, from which it is a warning; healthy relu nets pass 0.7 (measured)"),
    },
    explains=("vanishing-gradients", "tiny-updates", *NOT_LEARNING),
)
