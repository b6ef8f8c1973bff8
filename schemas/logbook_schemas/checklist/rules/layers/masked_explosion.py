"""A signal far too large or too small that a normalization layer hides.

What it checks: after every measured epoch, on the probe batch, the deviation of what each normalization layer behind
the first weights is given: above 1,000 a warning. Normalization of the raw inputs is left out. Below a hundred
thousandth is a note.

Why it matters: the layer makes it look well, while the weights before it have run away or vanished: their updates
do next to nothing or everything, and the first change to the network brings it to light, as NaN.

Instead: take the normalization out for one pass and look at the activations; repair the initial weights, the learning
rate or the scale of the inputs.

Source: Practical Advice for Building Deep Neural Networks (S2-24, S2-25).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import matrices, measured_epochs
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import OUTCOMES
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    for epoch in measured_epochs(evidence, 1):
        weighted = matrices(epoch.layers)
        first = (weighted[0].order or 0) if weighted else 0
        given = {
            layer.name: layer.input_std
            for layer in epoch.layers
            if layer.input_std is not None and (layer.order or 0) > first
        }
        large = {name: std for name, std in given.items() if not std <= at.largest}
        small = {name: std for name, std in given.items() if std < at.smallest}
        found = large or small
        if not found:
            return
        name = max(large, key=lambda one: large[one]) if large else min(small, key=lambda one: small[one])
        yield Said(
            message=f"What {name} is given in epoch {epoch.epoch} varies by {number(found[name])}, and it hides that.",
            where="normalization layers",
            measured={one: std if math.isfinite(std) else str(std) for one, std in found.items()},
            expected=f"a deviation between {number(at.smallest)} and {number(at.largest)}",
            remedy="Look at the network without its normalization: repair the initial weights, the learning rate or the"
            " scale of the inputs.",
            severity="warning" if large else "note",
        )


def _layers(std: float) -> tuple[LayerRecord, ...]:
    return (
        LayerRecord(name="hidden.0.linear", kind="Linear", order=0, fan_in=64),
        LayerRecord(name="hidden.0.normalization", kind="BatchNorm1d", order=1, input_std=std),
    )


RULE = Rule(
    code="G207",
    name="masked-explosion",
    severity="warning",
    moment="epoch",
    title="A normalization layer hides a signal that has run away",
    why="The weights before it have run away or vanished, and the first change to the network brings it to light.",
    source=cite("S2-24", "S2-25"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.2, 2.0], layers=_layers(4000.0))),
    good=lambda: evidence(epochs=curve([2.2, 2.0], layers=_layers(1.4))),
    doc=__doc__ or "",
    thresholds={
        "largest": Threshold(1e3, "deviation of what a normalization layer is given (S2-25)"),
        "smallest": Threshold(1e-5, "the same; S2-25 says 1e-3, which weight decay passes in health"),
    },
    explains=OUTCOMES,
)
