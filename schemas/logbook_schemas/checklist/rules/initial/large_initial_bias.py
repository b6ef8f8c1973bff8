"""A hidden layer that begins with biases far larger than its signal.

What it checks: the largest absolute bias of each trained hidden layer before training. Above 1, a note; a warning
where it outweighs what the layer hears of the inputs: then the units say nearly the same for each example, and behind
a relu negative ones are dead from the start. Small constants and PyTorch's own random biases pass, and so do biases
of the output layer (the mean of the targets, the odds of the classes), of recurrent gates, and of normalization.

Why it matters: a unit whose bias drowns its inputs is always on or always off, and learns slowly or never.

Instead: biases of 0; at most small constants such as 0.01 against dead relus.

Source: My Neural Network isn't working! What should I do? (S0-47); where the guides contradict each other on 0
or 0.01, any bias up to 1 passes (C8).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import begins_trained, last_matrix, matrices
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import listing, number
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]

_GATED = ("RNN", "LSTM", "GRU")


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if evidence.start is None or begins_trained(evidence):
        return
    layers = evidence.start.layers
    last = last_matrix(layers)
    large = [
        layer
        for layer in matrices(layers)
        if (layer.order or 0) < last
        and layer.kind not in _GATED
        and layer.gradient_norm is not None
        and (layer.bias_max or 0) > at.largest
    ]
    drowned = [layer for layer in large if _outweighs(layer, at)]
    for found, severity in ((drowned, "warning"), (large, "note")):
        if found:
            first, more = found[0], [layer.name for layer in found[1:]]
            yield Said(
                message=f"A bias of {first.name} begins at {number(first.bias_max or 0)} in size"
                f"{f' (so in {listing(more)})' if more else ''}; the signal that its units hear of the inputs varies"
                f" by {number(first.unit_std or 0)}.",
                where=first.name,
                measured=first.bias_max,
                expected=f"at most {number(at.largest)}, best 0",
                remedy="Begin with biases of 0.",
                severity="warning" if severity == "warning" else "note",
            )
            return


def _outweighs(layer: LayerRecord, at: Thresholds) -> bool:
    mean, spread = layer.activation_mean, layer.unit_std
    return mean is not None and spread is not None and abs(mean) > at.outweighs * spread


def _layers(bias: float) -> tuple[LayerRecord, ...]:
    hidden = LayerRecord(
        name="hidden.0.linear", kind="Linear", order=0, fan_in=64, bias_max=abs(bias), gradient_norm=0.1,
        activation_mean=bias, unit_std=1.0,
    )  # fmt: skip
    return hidden, LayerRecord(name="output", kind="Linear", order=2, fan_in=64, bias_max=7.0, gradient_norm=0.1)


RULE = Rule(
    code="I103",
    name="large-initial-bias",
    severity="warning",
    moment="start",
    title="A hidden layer begins with large biases",
    why="A unit whose bias drowns its inputs is always on or always off, and learns slowly or never.",
    source=cite("S0-47", "C8"),
    check=check,
    bad=lambda: evidence(start=start(layers=_layers(-5.0))),
    good=lambda: evidence(start=start(layers=_layers(0.125))),
    doc=__doc__ or "",
    thresholds={
        "largest": Threshold(1.0, "largest absolute bias of a hidden layer (S0-47, C8)"),
        "outweighs": Threshold(2.0, "mean of the layer's sums over their deviation from example to example"),
    },
    explains=(
        "ignored-inputs",
        *SYMPTOMS,
    ),
)
