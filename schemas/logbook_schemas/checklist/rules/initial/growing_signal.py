"""A signal that grows on its way through the untrained network.

What it checks: on the probe batch, before training, how much the sums of each hidden layer vary from example to
example. Where one varies a hundred times as much as the first, a warning.

Why it matters: the outputs, the first loss and the gradients are huge, and training explodes or spends its steps on
getting back.

Instead: weights by the fan-in, or normalization between the layers; a residual branch that begins small.

Source: Troubleshooting Neural Net Training (S1-07); Practical Advice for Building Deep Neural Networks (S2-08);
Debugging Neural Networks: A Checklist (S3-14); where the guides contradict each other on the
scheme, its effect is judged (C4).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import begins_trained, hidden_matrices
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if evidence.start is None or begins_trained(evidence):
        return
    hidden = [layer for layer in hidden_matrices(evidence.start.layers) if layer.unit_std]
    if len(hidden) < 2:
        return
    first, widest = hidden[0], max(hidden[1:], key=lambda layer: layer.unit_std or 0)
    ratio = (widest.unit_std or 0) / (first.unit_std or 1)
    if ratio <= at.ratio or (widest.unit_std or 0) <= at.size:
        return
    yield Said(
        message=f"From {first.name} to {widest.name} the signal of the untrained network grows {number(ratio)}-fold.",
        where=widest.name,
        measured=ratio,
        expected="layers that vary about alike from example to example",
        remedy="Draw the weights by the fan-in (he for relu, xavier for tanh), or normalize between the layers.",
    )


def _layers(last: float) -> tuple[LayerRecord, ...]:
    return tuple(
        LayerRecord(name=f"hidden.{order}.linear", kind="Linear", order=order, fan_in=64, unit_std=std)
        for order, std in enumerate((1.0, last**0.5, last, 1.0))
    )


RULE = Rule(
    code="I105",
    name="growing-signal",
    severity="warning",
    moment="start",
    title="The signal grows through the untrained network",
    why="The outputs, the first loss and the gradients are huge, and training explodes or spends its steps on that.",
    source=cite("S1-07", "S2-08", "S3-14", "C4"),
    check=check,
    bad=lambda: evidence(start=start(layers=_layers(900.0))),
    good=lambda: evidence(start=start(layers=_layers(3.0))),
    doc=__doc__ or "",
    thresholds={
        "ratio": Threshold(
            100.0, "deviation of a hidden layer over that of the first; healthy ones reach 4 (measured)"
        ),
        "size": Threshold(10.0, "deviation of a hidden layer below which it isn't large, however small the first is"),
    },
    explains=(
        "implausible-initial-loss",
        *TRAINING,
    ),
)
