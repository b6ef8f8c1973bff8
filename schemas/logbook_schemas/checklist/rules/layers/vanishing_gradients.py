"""Gradients that fade on their way back to the first layers.

What it checks: over two measured epochs running, the mean absolute gradient of the first trained layer: below 1e-6,
and less than a thousandth of the last layer's, while the loss is hardly better than a guess. Where the loss has come
down, small gradients are what they should be.

Why it matters: the first layers stand still, and what they pass on is as random as on the first day.

Instead: relu for sigmoid and tanh, weights by the fan-in, normalization, residual connections, fewer layers.

Source: Debugging Neural Networks: A Checklist (S3-14, S3-28); Troubleshooting Neural Net Training (S1-07); batch
normalization may hide it: Practical Advice for Building Deep Neural Networks (S2-24).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import is_stalled, matrices, measured_epochs
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import EpochRecord, LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = measured_epochs(evidence, int(at.epochs))
    if len(epochs) < at.epochs or not is_stalled(evidence):
        return
    pairs = [pair for epoch in epochs if (pair := _ends(epoch))]
    if len(pairs) < len(epochs) or not all(_vanishes(first, last, at) for first, last in pairs):
        return
    first, last = pairs[0]
    small, large = first.gradient_abs_mean or 0.0, last.gradient_abs_mean or 0.0
    yield Said(
        message=f"The gradient of {first.name} is {number(small)} on average, that of {last.name} {number(large)}: it"
        " fades on its way back.",
        where=first.name,
        measured=small / large,
        expected="a first layer whose gradient is at least a thousandth of the last one's",
        remedy="Take relu for sigmoid or tanh, draw the weights by the fan-in, add normalization or residual"
        " connections, or take fewer layers.",
    )


def _ends(epoch: EpochRecord) -> tuple[LayerRecord, LayerRecord] | None:
    trained = [layer for layer in matrices(epoch.layers) if layer.gradient_abs_mean is not None]
    return (trained[0], trained[-1]) if len(trained) > 1 else None


def _vanishes(first: LayerRecord, last: LayerRecord, at: Thresholds) -> bool:
    small, large = first.gradient_abs_mean or 0.0, last.gradient_abs_mean or 0.0
    return 0 < small < at.smallest and small < at.ratio * large


def _layers(first: float) -> tuple[LayerRecord, ...]:
    return tuple(
        LayerRecord(name=name, kind="Linear", order=order, fan_in=64, gradient_abs_mean=mean)
        for order, (name, mean) in enumerate((("hidden.0.linear", first), ("output", 0.01)))
    )


RULE = Rule(
    code="G203",
    name="vanishing-gradients",
    severity="warning",
    moment="epoch",
    title="Gradients fade on their way back",
    why="The first layers stand still, and what they pass on is as random as on the first day.",
    source=cite("S1-07", "S2-24", "S3-14", "S3-28"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.31, 2.3], layers=_layers(1e-9))),
    good=lambda: evidence(epochs=curve([2.31, 2.3], layers=_layers(1e-3))),
    doc=__doc__ or "",
    thresholds={
        "smallest": Threshold(1e-6, "mean absolute gradient of the first layer (published tools: 1e-6 and 1e-7)"),
        "ratio": Threshold(1e-3, "first layer's mean absolute gradient over the last one's (S3-14)"),
        "epochs": Threshold(2, "measured epochs in a row"),
    },
    explains=NOT_LEARNING,
)
