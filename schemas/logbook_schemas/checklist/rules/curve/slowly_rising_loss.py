"""A training loss that rises slowly and steadily after its minimum.

What it checks: whether the training loss rose from epoch to epoch 5 times running, to more than 5 % above its best,
and by more than 2 % of what guessing loses. Not judged while the learning rate rises by its schedule.

Why it matters: after a solid drop the training undoes its own work. Of triplets, harder ones are then chosen than the
network can tell apart; else the steps are too long, or a penalty takes over.

Instead: with a triplet loss, mine semi-hard triplets or lower the margin; else divide the learning rate by three.

Source: What to do when a neural network does not learn (S4-43).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from logbook_schemas.checklist.curves import finite, last_phase
from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import guessing_loss, other_rate
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count, number

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    window = last_phase(evidence)[-int(at.epochs) - 1 :]
    losses = finite(epoch.train_loss for epoch in window)
    guessing = guessing_loss(evidence)
    if len(window) <= at.epochs or len(losses) < len(window) or guessing is None:
        return
    rates = finite(epoch.lr for epoch in window)
    is_raised = any(later > earlier for earlier, later in pairwise(rates))
    best = min(finite(epoch.train_loss for epoch in last_phase(evidence)))
    rise = losses[-1] - best
    if is_raised or not all(later > earlier for earlier, later in pairwise(losses)):
        return
    if rise <= at.rise * abs(best) or rise <= at.noise * guessing:
        return
    yield Said(
        message=f"The training loss has risen in each of the last {count(len(window) - 1, 'epoch')}, from"
        f" {number(losses[0])} to {number(losses[-1])}; its best was {number(best)}.",
        where="train_loss",
        measured=losses[-1],
        expected=f"a loss near its best, {number(best)}",
        remedy="With a triplet loss, mine semi-hard triplets or lower the margin; else lower the learning rate.",
        change={} if evidence.config and evidence.config.loss.kind == "triplet" else other_rate(evidence, 1 / 3),
    )


RULE = Rule(
    code="T108",
    name="slowly-rising-loss",
    severity="warning",
    moment="epoch",
    title="The training loss rises slowly after its minimum",
    why="After a solid drop the training undoes its own work.",
    source=cite("S4-43"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.3, 1.2, 0.9, 0.94, 0.99, 1.03, 1.08, 1.11])),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "epochs": Threshold(5.0, "epochs running in which it rises (S4-43)"),
        "rise": Threshold(0.05, "share of its best by which it is above it (S4-43)"),
        "noise": Threshold(
            0.02, "share of the loss of guessing that the rise exceeds: near 0, 5 % is nothing (measured)"
        ),
    },
)
