"""Early stopping that ended a training in its middle.

What it checks: at the end of a training that early stopping ended, whether its patience was below 3 epochs or only
large improvements counted (`B110 impatient-stopping` says so before), whether the training loss was still falling by
more than 1 % an epoch, and whether the network had come less than four fifths of the way from guessing to perfection.

Why it matters: the validation loss goes up and down from epoch to epoch; the first bad one is no sign of overfitting,
and the rest of what the network can learn was never tried.

Instead: a patience of 5 to 10 epochs, with a `min_delta` of 0; the best checkpoint is kept anyway.

Source: Troubleshooting Neural Net Training (S1-10, S1-11).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.curves import finite, last_phase, planned_share
from logbook_schemas.checklist.examples import config, curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import falling, learnt_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import count, number, percent

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs, known = last_phase(evidence), evidence.config
    stopping = known.training.early_stopping if known else None
    if stopping is None or known is None or evidence.end is None or evidence.end.status != "early-stopped":
        return
    is_hasty = stopping.patience < at.patience or stopping.min_delta > at.min_delta
    if not epochs or not is_hasty or epochs[-1].epoch > planned_share(evidence, at.planned):
        return
    losses, share = finite(epoch.train_loss for epoch in epochs), learnt_share(evidence, epochs[-1])
    fall = falling(losses, min(int(at.window), len(losses) - 1))
    if share is None or share >= at.learnt or fall <= at.fall:
        return
    large = f" by {number(stopping.min_delta)}" if stopping.min_delta else ""
    yield Said(
        message=f"Early stopping ended the training in epoch {epochs[-1].epoch} of {known.training.epochs:,}, after"
        f" {count(stopping.patience, 'epoch')} without a {known.monitor.metric} that was better{large}: the training"
        f" loss still fell by {percent(fall)} an epoch, and {percent(max(0.0, share))} of the way from guessing to"
        " perfection was done.",
        where="training.early_stopping",
        measured=stopping.patience,
        expected="a patience of 5 to 10 epochs",
        remedy="Wait 10 epochs, and let every improvement count.",
        change={"training.early_stopping": {"patience": 10}},
    )


_HASTY = {"epochs": 50, "early_stopping": {"patience": 1}}

RULE = Rule(
    code="T117",
    name="premature-stopping",
    severity="warning",
    moment="end",
    title="Early stopping ended the training in its middle",
    why="The first bad epoch is no sign of overfitting, and the rest of what can be learnt was never tried.",
    source=cite("S1-10", "S1-11"),
    check=check,
    bad=lambda: evidence(
        config=config(training=_HASTY), epochs=curve([2.3, 2.0, 1.8], [2.2, 1.7, 1.72]), end=end(status="early-stopped")
    ),
    good=lambda: evidence(
        config=config(training=_HASTY), epochs=curve([1.3, 0.4, 0.1], [0.6, 0.2, 0.21]), end=end(status="early-stopped")
    ),
    doc=__doc__ or "",
    thresholds={
        "patience": Threshold(3.0, "epochs of patience below which it was hasty (S1-11)"),
        "min_delta": Threshold(0.01, "improvement of a loss or accuracy above which it was; our own"),
        "planned": Threshold(0.5, "share of the planned epochs until which it was early"),
        "window": Threshold(3.0, "epochs at the end over which the training loss is looked at"),
        "fall": Threshold(0.01, "share by which the training loss still fell an epoch (measured)"),
        "learnt": Threshold(0.8, "share of the way from guessing to perfection from which on it may stop (measured)"),
    },
    explains=NOT_LEARNING,
)
