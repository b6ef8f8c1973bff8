"""A training loss that goes up and down from epoch to epoch.

What it checks: at the end of training, whether in the last third of the epochs (at least 8) the training loss rose in
40 % of them or more, and typically changed by more than a fifth of its size, while it was still more than a tenth
of what guessing loses.

Why it matters: the steps leap over what they are to reach. A smoothed curve hides it.

Instead: divide the learning rate by three, or let it fall towards the end of training; take larger batches.

Source: What to do when a neural network does not learn (S4-42); Practical Advice for Building Deep Neural Networks
(S2-34).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from statistics import fmean, median

from logbook_schemas.checklist.curves import finite, last_phase
from logbook_schemas.checklist.examples import curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import guessing_loss, other_rate
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number, percent

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs, guessing = last_phase(evidence), guessing_loss(evidence)
    window = epochs[-max(int(at.epochs), len(epochs) // 3) :]
    losses = finite(epoch.train_loss for epoch in window)
    if evidence.end is None or guessing is None or len(losses) <= at.epochs - 1 or len(losses) < len(window):
        return
    size = fmean(losses)
    changes = [later - earlier for earlier, later in pairwise(losses)]
    rising, typical = sum(change > 0 for change in changes) / len(changes), median(map(abs, changes))
    if size < at.done * guessing or rising < at.rising or typical < at.change * size:
        return
    yield Said(
        message=f"In the last {len(window)} epochs the training loss rose {percent(rising)} of the time, by"
        f" {percent(typical / size)} of its size up or down; it is {number(losses[-1])}, where guessing loses"
        f" {number(guessing)}.",
        where="train_loss",
        measured=rising,
        expected="a loss that falls, or changes little",
        remedy="Divide the learning rate by three, or let it fall towards the end of training.",
        change=other_rate(evidence, 1 / 3),
    )


RULE = Rule(
    code="T106",
    name="oscillating-loss",
    severity="warning",
    moment="end",
    title="The training loss goes up and down",
    why="The steps leap over what they are to reach.",
    source=cite("S2-34", "S4-42"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.3, 1.2, 2.0, 1.1, 1.9, 1.0, 2.1, 1.2, 1.8, 1.1]), end=end()),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "epochs": Threshold(8.0, "fewest epochs that are looked at: fewer ups and downs are chance"),
        "rising": Threshold(0.4, "share of them in which the loss rises; up and down in turn is half of them (S4-42)"),
        "change": Threshold(0.2, "typical change from epoch to epoch over the loss's size (measured)"),
        "done": Threshold(0.1, "share of the loss of guessing below which it may do as it likes (measured)"),
    },
    explains=("sudden-drop",),
)
