"""Layers that begin with weights of very different variance for their fan-in.

What it checks: variance times fan-in of each trained hidden weight matrix before training; the largest is more than
a hundred times the smallest. The output layer is left out, and so are weights of an earlier training.

Why it matters: the layers learn at very different speeds, and the scale of one hides that of another. Weights drawn
alike for all layers, whatever their fan-in, do it.

Instead: one fan-in based scheme for every layer.

Source: Practical Advice for Building Deep Neural Networks (S2-07, S2-08); Debugging Neural Networks: A Checklist
(S3-30).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import begins_trained, hidden_matrices, remedy_init
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if evidence.start is None or begins_trained(evidence):
        return
    scales = {
        layer.name: layer.weight_std**2 * (layer.fan_in or 1)
        for layer in hidden_matrices(evidence.start.layers)
        if layer.weight_std and layer.gradient_norm is not None
    }
    if len(scales) < 2:
        return
    widest, narrowest = max(scales, key=lambda name: scales[name]), min(scales, key=lambda name: scales[name])
    ratio = scales[widest] / scales[narrowest]
    if ratio <= at.ratio:
        return
    remedy, change = remedy_init(evidence)
    yield Said(
        message=f"For its number of inputs, the initial weights of {widest} vary {number(ratio)} times as much as those"
        f" of {narrowest}.",
        where=widest,
        measured=ratio,
        expected="variances that fit the fan-in, within a factor of 100",
        remedy=remedy,
        change=change,
    )


def _layers(std: float) -> tuple[LayerRecord, ...]:
    return tuple(
        LayerRecord(
            name=f"hidden.{order}.linear", kind="Linear", order=order, fan_in=64, weight_std=one, gradient_norm=0.1
        )
        for order, one in enumerate((0.18, std, 0.18))
    )


RULE = Rule(
    code="I106",
    name="uneven-weight-variance",
    severity="note",
    moment="start",
    title="The layers begin with weights of very different variance",
    why="The layers learn at very different speeds, and the scale of one hides that of another.",
    source=cite("S2-07", "S2-08", "S3-30"),
    check=check,
    bad=lambda: evidence(start=start(layers=_layers(5.0))),
    good=lambda: evidence(start=start(layers=_layers(0.1))),
    doc=__doc__ or "",
    thresholds={"ratio": Threshold(100.0, "largest variance times fan-in over the smallest (S3-30)")},
)
