"""A training that suddenly falls back.

What it checks: after epoch 3, whether from one epoch to the next the training accuracy fell by more than 20
points while the training loss rose by more than half; or, where no accuracy is measured, whether the training loss
became more than three times as large, and more than a fifth of what guessing loses.

Why it matters: what was learnt is being lost. A bug may show like this, or a step that was far too long.

Instead: look at the learning rate and its schedule at that epoch, at numbers that may overflow, and at the batches
of that epoch.

Source: What to do when a neural network does not learn (S4-54).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.curves import is_finite, last_phase
from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import guessing_loss, other_rate
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number, percent

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = last_phase(evidence)
    if len(epochs) < 2 or epochs[-1].epoch <= at.epoch:
        return
    before, after = epochs[-2], epochs[-1]
    was, now = before.train_loss, after.train_loss
    if was is None or now is None or not is_finite(was) or not is_finite(now) or was <= 0:
        return
    accuracies = [epoch.train_metrics.get("accuracy") for epoch in (before, after)]
    if accuracies[0] is not None and accuracies[1] is not None:
        if accuracies[0] - accuracies[1] <= at.points or now <= (1 + at.rise) * was:
            return
        fall = f"the training accuracy fell from {percent(accuracies[0])} to {percent(accuracies[1])}"
    else:
        guessing = guessing_loss(evidence)
        if guessing is None or now <= at.times * was or now - was <= at.noise * guessing:
            return
        fall = f"the training loss became {number(now / was)} times as large"
    yield Said(
        message=f"From epoch {before.epoch} to {after.epoch} {fall}: the loss went from {number(was)} to"
        f" {number(now)}.",
        where=f"epoch {after.epoch}",
        measured=now,
        expected="a loss that falls",
        remedy="Look at the learning rate and its schedule at that epoch, and at numbers that may overflow.",
        change=other_rate(evidence, 1 / 3),
    )


RULE = Rule(
    code="T107",
    name="sudden-drop",
    severity="warning",
    moment="epoch",
    title="The training suddenly falls back",
    why="What was learnt is being lost: a bug, or a step that was far too long.",
    source=cite("S4-54"),
    check=check,
    bad=lambda: evidence(
        epochs=(
            *curve([1.3, 0.5, 0.3, 0.2], train_metrics={"accuracy": 0.95}),
            *curve([1.3, 0.5, 0.3, 0.2, 1.9], train_metrics={"accuracy": 0.4})[-1:],
        )
    ),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "epoch": Threshold(3.0, "epoch after which it is judged (S4-54)"),
        "points": Threshold(0.2, "fall of the training accuracy within one epoch (S4-54)"),
        "rise": Threshold(
            0.5, "share by which the training loss rises beside it: batch normalization may sway accuracy"
        ),
        "times": Threshold(3.0, "times as large as before that the loss is, where no accuracy is measured"),
        "noise": Threshold(0.2, "share of the loss of guessing that such a rise exceeds"),
    },
)
