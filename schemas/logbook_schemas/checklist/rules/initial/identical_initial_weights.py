"""Units of a hidden layer that begin with the same weights: zeros, a constant, a copied row.

What it checks: before training, whether units of a trained hidden layer have the same weights to the last bit, and
whether the gradients of these weights are the same as well, so that they can never part. An output layer of zeros is
fine, and so is a branch that begins at 0 on purpose and gets a gradient of its own.

Why it matters: units with the same weights say the same, get the same gradient and stay the same: a layer of a
thousand works as one. Weights of 0 pass no gradient on at all.

Instead: random weights, scaled by the fan-in (he, xavier, lecun).

Source: My Neural Network isn't working! What should I do? (S0-45); Debugging Neural Networks: A Checklist (S3-12).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import begins_trained, hidden_layers, remedy_init
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import listing, percent
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if evidence.start is None:
        return
    layers = evidence.start.layers
    alike = [layer for layer in hidden_layers(layers) if (layer.identical_units or 0) >= at.share]
    stuck = [layer for layer in alike if (layer.identical_gradients or 0) >= at.share]
    if not stuck:
        return
    first = stuck[0]
    more = [layer.name for layer in stuck[1:]]
    remedy, change = remedy_init(evidence)
    is_zero = first.weight_zero_share == 1
    yield Said(
        message=f"{'All weights' if is_zero else percent(first.identical_units or 0) + ' of the units'} of {first.name}"
        f" begin {'at 0' if is_zero else 'with the weights of another one'}, and their gradients are the same too"
        f"{f' (so in {listing(more)})' if more else ''}.",
        where=first.name,
        measured=first.identical_units,
        expected="random weights, different in each unit",
        remedy=remedy,
        change=change,
        severity="warning" if begins_trained(evidence) or (first.identical_units or 0) < 1 else "error",
    )


def _layers(identical: float) -> tuple[LayerRecord, ...]:
    hidden = LayerRecord(
        name="hidden.0.linear", kind="Linear", order=0, fan_in=64, identical_units=identical,
        identical_gradients=identical, gradient_norm=0.1, weight_zero_share=0.0,
    )  # fmt: skip
    output = LayerRecord(name="output", kind="Linear", order=2, fan_in=64, identical_units=1.0, identical_gradients=0.0)
    return hidden, output


RULE = Rule(
    code="I102",
    name="identical-initial-weights",
    severity="error",
    moment="start",
    title="The units of a layer begin alike and can never part",
    why="Units with the same weights and gradients stay the same for ever: the layer works as a single unit.",
    source=cite("S0-45", "S3-12"),
    check=check,
    bad=lambda: evidence(start=start(layers=_layers(1.0))),
    good=lambda: evidence(start=start(layers=_layers(0.0))),
    doc=__doc__ or "",
    thresholds={"share": Threshold(0.5, "share of units whose weights, and gradients, another one has too")},
    explains=(
        "ignored-inputs",
        *SYMPTOMS,
    ),
)
