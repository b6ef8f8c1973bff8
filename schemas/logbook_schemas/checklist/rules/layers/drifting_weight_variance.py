"""Weights of a layer that vary far more, or far less, than they did at the start.

What it checks: the deviation of each weight matrix after a measured epoch over that before training: more than ten
times, or less than a tenth. Layers that begin at next to nothing grow, and don't count.

Why it matters: weights that grow without end make the network ever steeper and end in NaN; weights that shrink to
nothing have been decayed away.

Instead: a lower learning rate, some weight decay where they grow, less where they shrink.

Source: Debugging Neural Networks: A Checklist (S3-30).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import curve, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import measured_epochs, present_at_start
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    for epoch in measured_epochs(evidence, 1):
        before = present_at_start(evidence)
        ratios = {
            layer.name: layer.weight_std / before[layer.name].weight_std  # type: ignore[operator]
            for layer in epoch.layers
            if layer.fan_in is not None and layer.weight_std is not None and _begins(before.get(layer.name), at)
        }
        far = {name: ratio for name, ratio in ratios.items() if ratio > at.factor or ratio < 1 / at.factor}
        if not far:
            return
        name = max(far, key=lambda one: max(far[one], 1 / max(far[one], 1e-30)))
        yield Said(
            message=f"In epoch {epoch.epoch}, the weights of {name} vary {number(far[name])} times as much as before"
            " training.",
            where="weights",
            measured={**far},
            expected=f"within a factor of {number(at.factor)} of where they began",
            remedy="Lower the learning rate where weights grow, the weight decay where they shrink.",
        )


def _begins(layer: LayerRecord | None, at: Thresholds) -> bool:
    return layer is not None and (layer.weight_variance_ratio or 0) > 1 / at.factor and bool(layer.weight_std)


def _layers(std: float) -> tuple[LayerRecord, ...]:
    return (
        LayerRecord(
            name="hidden.0.linear", kind="Linear", order=0, fan_in=64, weight_std=std, weight_variance_ratio=1.0
        ),
    )


RULE = Rule(
    code="G208",
    name="drifting-weight-variance",
    severity="note",
    moment="epoch",
    title="Weights have grown or shrunk tenfold",
    why="Weights that grow without end make the network ever steeper; weights that shrink have been decayed away.",
    source=cite("S3-30"),
    check=check,
    bad=lambda: evidence(start=start(layers=_layers(0.18)), epochs=curve([2.2, 2.0], layers=_layers(4.0))),
    good=lambda: evidence(start=start(layers=_layers(0.18)), epochs=curve([2.2, 2.0], layers=_layers(0.25))),
    doc=__doc__ or "",
    thresholds={"factor": Threshold(10.0, "deviation of the weights over that before training, either way (S3-30)")},
)
