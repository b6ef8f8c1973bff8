"""Hidden units of tanh or sigmoid that sit at their bounds.

What it checks: after every measured epoch, on the probe batch, the share of each hidden layer's outputs within 1 % of
a bound: |tanh| > 0.99, sigmoid outside 0.01 to 0.99. More than half, while the loss is hardly better than a guess, is
a warning; a note while it still falls. The output layer is left out: a sigmoid there saturates in every well-trained
network, and so may the states of a recurrent one.

Why it matters: at its bound an activation is flat, so that next to no gradient passes.

Instead: scale the inputs, begin with xavier weights, lower the learning rate, or take relu.

Source: Debugging Neural Networks: A Checklist (S3-22); Troubleshooting Neural Net Training (S1-07).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import hidden_layers, is_converged, is_stalled, measured_epochs
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import percent
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    for epoch in measured_epochs(evidence, 1):
        layers = [layer for layer in hidden_layers(epoch.layers) if (layer.saturated_share or 0) > at.share]
        if not layers or is_converged(evidence):
            return
        worst = max(layers, key=lambda layer: layer.saturated_share or 0)
        share = worst.saturated_share or 0
        yield Said(
            message=f"In epoch {epoch.epoch}, {percent(share)} of what {worst.name} says lies at the bounds of its"
            " activation.",
            where="hidden layers",
            measured={layer.name: layer.saturated_share for layer in layers},
            expected=f"at most {percent(at.share)} of a hidden layer's outputs within 1 % of a bound",
            remedy="Scale the inputs, begin with xavier weights, lower the learning rate, or take relu.",
            severity="warning" if is_stalled(evidence) else "note",
        )


def _layers(share: float) -> tuple[LayerRecord, ...]:
    return (
        LayerRecord(name="hidden.0.linear", kind="Linear", order=0, fan_in=64),
        LayerRecord(name="hidden.0.activation", kind="Tanh", order=1, saturated_share=share),
        LayerRecord(name="output", kind="Linear", order=2, fan_in=64),
    )


RULE = Rule(
    code="G202",
    name="saturated-units",
    severity="warning",
    moment="epoch",
    title="Hidden units sit at the bounds of their activation",
    why="At its bound an activation is flat, so that next to no gradient passes.",
    source=cite("S1-07", "S3-22"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.5, 2.4], layers=_layers(0.9))),
    good=lambda: evidence(epochs=curve([1.2, 0.5], layers=_layers(0.2))),
    doc=__doc__ or "",
    thresholds={"share": Threshold(0.5, "share of a hidden layer's outputs within 1 % of a bound (S3-22)")},
    explains=("vanishing-gradients", "unchanged-parameters", *NOT_LEARNING),
)
