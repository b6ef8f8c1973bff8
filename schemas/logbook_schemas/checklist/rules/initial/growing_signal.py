"""A signal that grows on its way through the untrained network.

What it checks: on the probe batch, before training, how much the sums of each hidden layer vary from example to
example. Where one varies a hundred times as much as the first, a warning. The same of what a layer says along a
sequence: a recurrent one at its last step beside the first, and one that is called again and again at its last call.

Why it matters: the outputs, the first loss and the gradients are huge, and training explodes or spends its steps on
getting back.

Instead: weights by the fan-in, or normalization between the layers; a residual branch that begins small.

Source: Troubleshooting Neural Net Training (S1-07); Practical Advice for Building Deep Neural Networks (S2-08);
Debugging Neural Networks: A Checklist (S3-14); where the guides contradict each other on the
scheme, its effect is judged (C4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    if (grown := _along_sequence(evidence.start.layers, at)) is not None:
        name, times = grown
        yield Said(
            message=f"Along a sequence, the state of {name} in the untrained network grows {number(times)}-fold.",
            where=name,
            measured=times,
            expected="a state that stays about as large from step to step",
            remedy="Begin the recurrent weights smaller, as an orthogonal matrix of gain 1 or less, or take an LSTM or"
            " GRU.",
        )
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


def _along_sequence(layers: Sequence[LayerRecord], at: Thresholds) -> tuple[str, float] | None:
    """Return the name of a layer whose state grows from step to step, and how many times; None where none does."""
    calls: dict[str, list[LayerRecord]] = {}
    for layer in layers:
        calls.setdefault(layer.name.partition("#")[0], []).append(layer)
        if (layer.time_growth or 0) > at.ratio and (layer.unit_std or 0) > at.size:
            return layer.name, layer.time_growth or 0
    for name, called in calls.items():
        stds = [layer.unit_std for layer in called if layer.unit_std]
        if called[0].fan_in is None or len(stds) < at.calls:
            continue
        if stds[-1] > at.ratio * stds[0] and stds[-1] > at.size:
            return name, stds[-1] / stds[0]
    return None


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
    version=2,
    thresholds={
        "ratio": Threshold(
            100.0, "deviation of a hidden layer over that of the first; healthy ones reach 4 (measured)"
        ),
        "calls": Threshold(3.0, "calls of one layer, from which on it walks along a sequence; our own"),
        "size": Threshold(10.0, "deviation of a hidden layer below which it isn't large, however small the first is"),
    },
    explains=(
        "implausible-initial-loss",
        *TRAINING,
    ),
)
