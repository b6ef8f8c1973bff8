"""A learning rate that is too low, measured in the training itself.

What it checks: when a training of at least 3 epochs has ended and its loss has come less than half of the way from
guessing to 0, whether the weights have hardly moved: all steps together by less than a quarter of their size, even in
the layer that moves most, and a step by less than 2e-3. A layer that gets no gradient at all is another fault. A note
where the rate is the optimizer's usual one or higher.

Why it matters: the training would succeed, in a hundred times as many epochs.

Instead: multiply the learning rate by ten, or by as much as the finding says, until the loss no longer falls faster.

Source: Troubleshooting Neural Net Training (S1-14); Debugging Neural Networks: A Checklist (S3-17); What to do
when a neural network does not learn (S4-34); where the guides contradict each other on the size of an update (C13).
Bounds measured on trainings with rates a hundred and a thousand times too low, and on healthy ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from logbook_schemas.checklist.curves import finite, last_phase
from logbook_schemas.checklist.examples import config, curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import (
    guessing_loss,
    has_own_step_length,
    largest_ratio,
    learning_rate,
    other_rate,
    usual_rate,
    weight_growth,
)
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import number, percent
from logbook_schemas.records.measures import EpochRecord, LayerRecord
from logbook_schemas.records.summary import ENDED

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs, guessing = last_phase(evidence), guessing_loss(evidence)
    ended = evidence.end is not None and evidence.end.status in ENDED
    if not ended or len(epochs) < at.epochs or guessing is None or has_own_step_length(evidence):
        return
    loss = min(finite(epoch.train_loss for epoch in epochs), default=0.0)
    ratios = [ratio for ratio in map(largest_ratio, epochs) if ratio is not None]
    if loss < (1 - at.learnt) * guessing or len(ratios) < at.epochs:
        return
    ratio, moved = median(ratios), _moved(epochs)
    if not at.least <= ratio < at.ratio or moved >= at.moved:
        return
    if (weight_growth(evidence, epochs[-1]) or 1.0) > at.grown:  # they moved far when nobody looked: it exploded
        return
    rate, usual = learning_rate(evidence), usual_rate(evidence)
    named = f" of {number(rate)}" if rate is not None else ""
    yield Said(
        message=f"The learning rate{named} is too low: in {epochs[-1].steps:,} steps the weights moved by at most"
        f" {percent(moved)} of their size, and the training loss is still {number(loss)}, where guessing loses"
        f" {number(guessing)}.",
        where="optimizer.lr",
        measured=ratio,
        expected=f"updates of about {number(at.healthy_ratio)} of the weights' size; {number(ratio)} measured",
        remedy="Raise the learning rate.",
        change=other_rate(evidence, at.healthy_ratio / ratio),
        severity="note" if rate is not None and usual is not None and rate >= usual else "warning",
    )


def _moved(epochs: Sequence[EpochRecord]) -> float:
    """Return by how much of their size all steps together can have moved the weights, an epoch without a measurement
    like the one before it."""
    moved, before, ratio = 0.0, 0, 0.0
    for epoch in epochs:
        measured = largest_ratio(epoch)
        ratio = ratio if measured is None else measured
        moved, before = moved + (epoch.steps - before) * ratio, epoch.steps
    return moved


def _slow_layers() -> tuple[LayerRecord, ...]:
    return (LayerRecord(name="0", parameters=4160, weight_norm=4.6, update_ratio=6e-6),)


RULE = Rule(
    code="L302",
    name="learning-rate-too-low",
    severity="warning",
    moment="end",
    title="The learning rate is too low",
    why="The training would succeed, in a hundred times as many epochs.",
    source=cite("S1-14", "S3-17", "S4-34", "C13"),
    check=check,
    bad=lambda: evidence(
        config=config(optimizer={"kind": "sgd", "lr": 1e-5}),
        epochs=curve([2.41, 2.4, 2.4, 2.39], [2.41, 2.4, 2.4, 2.4], layers=_slow_layers()),
        end=end(),
    ),
    good=lambda: evidence(epochs=curve([2.31, 0.4, 0.02, 0.01], [2.1, 0.5, 0.1, 0.1], layers=_slow_layers())),
    doc=__doc__ or "",
    thresholds={
        "epochs": Threshold(3.0, "fewest epochs of a training that is judged"),
        "learnt": Threshold(0.5, "share of the way from guessing to a loss of 0 that leaves nothing to say (measured)"),
        "moved": Threshold(0.25, "all steps together over the size of the weights; healthy: from 0.3 on (measured)"),
        "grown": Threshold(2.0, "size of the weights over that at the start, from which on they did move"),
        "ratio": Threshold(2e-3, "size of an update over that of the weights, in the layer that moves most (measured)"),
        "least": Threshold(1e-9, "the same, below which no gradient arrives and no rate helps"),
        "healthy_ratio": Threshold(3e-3, "the same, in healthy trainings (C13, measured)"),
    },
    explains=(
        "tiny-updates",
        "forgotten-beginning",
        *NOT_LEARNING,
    ),
)
