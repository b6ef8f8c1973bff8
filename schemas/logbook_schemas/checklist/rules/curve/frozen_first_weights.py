"""A network that learns badly while layers of it are frozen at weights that nothing has trained.

What it checks: when a training has ended, stands still, and has come less than half of the way from guessing to
perfection on its own training examples: whether frozen layers still have weights as torch draws them. These come close
to a bound and never pass it, and no training leaves them so. Layers that are frozen on purpose are no finding where
the network learns.

Why it matters: frozen weights are worth something once they have been learnt. Random ones mix the inputs blindly, and
what is left to train can't make up for it.

Instead: load the weights that were meant before they are frozen, or let the layers train.

Source: My Neural Network isn't working! What should I do? (S0-42); Debugging Neural Networks: A Checklist (S3-16); What
to do when a neural network does not learn (S4-06).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import curve, end, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import standing_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import listing, percent
from logbook_schemas.records.layers import LayerRecord

__all__ = ["RULE"]

_ROUNDED = 1.001
"""The bound, with what float32 adds to it."""


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    names = _frozen(evidence, at)
    share = standing_share(evidence, at)
    if not names or share is None or not share < at.learnt:
        return
    yield Said(
        message=f"{listing(names)} {'is' if len(names) == 1 else 'are'} frozen at the first, random weights; on its own"
        f" training examples the network has come {percent(max(0.0, share))} of the way from guessing to perfection.",
        where=names[0],
        measured=[*names],
        expected="frozen layers that have been trained",
        remedy="Load the trained weights before they are frozen, or leave requires_grad on.",
    )


def _frozen(evidence: Evidence, at: Thresholds) -> list[str]:
    layers = evidence.start.layers if evidence.start else ()
    return [
        layer.name
        for layer in layers
        if layer.frozen_reach is not None
        and at.low <= layer.frozen_reach <= _ROUNDED
        and layer.parameters >= at.weights
    ]


def _layer(reach: float) -> LayerRecord:
    return LayerRecord(name="body", kind="Linear", parameters=640, frozen_reach=reach)


RULE = Rule(
    code="T118",
    name="frozen-first-weights",
    severity="warning",
    moment="end",
    title="Layers are frozen at their first, random weights",
    why="Random weights mix the inputs blindly, and what is left to train can't make up for it.",
    source=cite("S0-42", "S3-16", "S4-06"),
    check=check,
    bad=lambda: evidence(
        start=start(layers=(_layer(0.999),)),
        epochs=curve([2.1, 1.9, 1.85, 1.85], [2.0, 1.9, 1.9, 1.9], train_metrics={"accuracy": 0.31}),
        end=end(),
    ),
    good=lambda: evidence(start=start(layers=(_layer(0.999),)), epochs=curve([1.31, 0.42, 0.25, 0.18]), end=end()),
    doc=__doc__ or "",
    thresholds={
        "low": Threshold(
            0.8, "reach from which on weights fill torch's bound: of 20 even numbers 99 in 100 come there"
        ),
        "weights": Threshold(20, "parameters of a layer from which on their reach says something"),
        "learnt": Threshold(0.5, "share of the way from guessing to perfection on training examples, as underfitting"),
        "epochs": Threshold(3.0, "fewest epochs of a training that is judged"),
        "fall": Threshold(0.02, "share by which the training loss falls an epoch while it doesn't stand still"),
    },
    explains=("underfitting", *(name for name in NOT_LEARNING if name != "underfitting")),
)
