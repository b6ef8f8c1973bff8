"""An accuracy that drawing classes at random would reach too.

What it checks: where the best constant answer isn't known to compare with, after at least 3 epochs, whether the best
validation accuracy is at most that of drawing one of the C classes at random, 1/C, plus two standard errors of as many
examples, and the loss isn't 10 % better than guessing.

Why it matters: the network has learnt nothing that holds for examples it hasn't seen.

Instead: see first what the other findings say; then whether the network can learn 50 examples by heart, and whether
inputs and labels belong together.

Source: Debugging Neural Networks: A Checklist (S3-31, S3-32).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logbook_schemas.checklist.curves import finite, last_phase
from logbook_schemas.checklist.examples import curve, data, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import guessing_loss
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number, percent

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known, epochs = evidence.data, last_phase(evidence)
    rows = known.splits["validation"].rows if known and "validation" in known.splits else 0
    classes = len(known.classes) if known else 0
    if known is None or evidence.end is None or known.task not in ("classification", "binary") or classes < 2:
        return
    if "accuracy" in known.baseline:  # no-better-than-baseline compares with more
        return
    accuracies = finite(epoch.metrics.get("accuracy") for epoch in epochs)
    if rows < at.rows or len(accuracies) < at.epochs or len(accuracies) < len(epochs):
        return
    chance = 1 / classes
    bound = chance + at.standard_errors * math.sqrt(chance * (1 - chance) / rows)
    best, guessing = max(accuracies), guessing_loss(evidence)
    losses = finite(epoch.val_loss for epoch in epochs)
    says_better = guessing is not None and losses and min(losses) < (1 - at.gain) * guessing
    if best > bound or says_better:
        return
    yield Said(
        message=f"The best validation accuracy is {percent(best)}; drawing one of {classes} classes at random reaches"
        f" {percent(chance)}, and up to {percent(bound)} by chance.",
        where="validation",
        measured=best,
        expected=f"more than {number(bound)}",
        remedy="Follow the other findings; then see whether 50 examples can be learnt by heart.",
    )


RULE = Rule(
    code="E102",
    name="chance-level",
    severity="warning",
    moment="end",
    title="The accuracy is that of drawing classes at random",
    why="The network has learnt nothing that holds for examples it hasn't seen.",
    source=cite("S3-31", "S3-32"),
    check=check,
    bad=lambda: evidence(
        data=data(baseline={}),
        epochs=curve([2.3, 2.2, 2.1, 2.0], [2.3, 2.4, 2.5, 2.6], metrics={"accuracy": 0.11}),
        end=end(),
    ),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "standard_errors": Threshold(2.0, "by which an accuracy must be above chance (S3-32)"),
        "epochs": Threshold(3.0, "fewest epochs of a training that is judged (S3-32)"),
        "rows": Threshold(30.0, "fewest validation examples: of fewer, two standard errors are half of the way"),
        "gain": Threshold(0.1, "share of the way from guessing by which the loss may say better (S0-09)"),
    },
    explains=("underfitting", "ignored-class"),
)
