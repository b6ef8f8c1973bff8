"""A signal that fades on its way through the untrained network.

What it checks: on the probe batch, before training, how much the sums of the first layer vary from example to
example, and how much of it the output layer is given; batch normalization by the batch's own statistics. Less than a
thousandth behind three or more hidden layers is a warning. A constant shift, as biases make it, is no signal.

Why it matters: what doesn't reach the last layer can't be learnt from, and the gradient fades in the same way going
back: the first layers stand still. Sigmoids in depth and small equal weights do it.

Instead: weights by the fan-in, relu for sigmoid, normalization, residual connections, or fewer layers.

Source: Troubleshooting Neural Net Training (S1-07); Practical Advice for Building Deep Neural Networks (S2-08);
Debugging Neural Networks: A Checklist (S3-14); where the guides contradict each other on the
scheme, its effect is judged (C4).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import begins_trained, fading, hidden_matrices
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if evidence.start is None or begins_trained(evidence):
        return
    share, _ = fading(evidence.start.layers)
    hidden = hidden_matrices(evidence.start.layers)
    if share is None or share >= at.share or len(hidden) < at.layers:
        return
    yield Said(
        message=f"From {hidden[0].name} to behind {hidden[-1].name} the signal of the untrained network fades to"
        f" {number(share)} of what it was.",
        where=hidden[-1].name,
        measured=share,
        expected="layers that vary about alike from example to example",
        remedy="Draw the weights by the fan-in (he for relu, xavier for tanh), take relu for sigmoid, or add"
        " normalization or residual connections.",
    )


def _layers(last: float) -> tuple[LayerRecord, ...]:
    stds = (1.0, last**0.5, last, last)
    return tuple(
        LayerRecord(
            name=f"hidden.{order}.linear", kind="Linear", order=order, fan_in=64, unit_std=std, input_unit_std=std
        )
        for order, std in enumerate(stds)
    )


RULE = Rule(
    code="I104",
    name="fading-signal",
    severity="warning",
    moment="start",
    title="The signal fades through the untrained network",
    why="What doesn't reach the last layer can't be learnt from, and the gradient fades in the same way going back.",
    source=cite("S1-07", "S2-08", "S3-14", "C4"),
    check=check,
    bad=lambda: evidence(start=start(layers=_layers(1e-5))),
    good=lambda: evidence(start=start(layers=_layers(0.1))),
    doc=__doc__ or "",
    thresholds={
        "share": Threshold(
            1e-3,
            "what the output layer is given over the first layer's sums; S3-14 says 0.01, healthy 7 layers reach 0.005",
        ),
        "layers": Threshold(3, "hidden layers with weights, below which nothing fades"),
    },
    explains=(*TRAINING,),
)
