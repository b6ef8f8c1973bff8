"""A first epoch that is spent on correcting the start.

What it checks: whether the untrained network lost more than 3 times what guessing loses, and the loss fell below a
tenth of that within the first epoch, or the first twentieth of them.

Why it matters: the curve looks like a hockey stick. The steep part is no learning: the last layer only shrinks what
it says to the size of the targets, and the layers below take in the noise meanwhile.

Instead: scale the last layer's initial weights down, or set its bias to what is usual of the targets.

Source: Debugging Neural Networks: A Checklist (S3-21).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.curves import finite, last_phase, planned_share
from logbook_schemas.checklist.examples import curve, evidence, regression_data, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = last_phase(evidence)
    if not epochs or evidence.start is None or epochs[-1].epoch > max(1, planned_share(evidence, at.share)):
        return
    data = evidence.data
    guessing = finite([data.baseline.get("val_loss") if data else None, evidence.start.expected_loss])
    initial = evidence.start.initial_loss
    last = epochs[-1].train_loss if epochs[-1].train_loss_eval is None else epochs[-1].train_loss_eval
    if not guessing or initial is None or last is None or guessing[0] <= 0:
        return
    if initial <= at.times * guessing[0] or not 0 <= last < at.left * initial:
        return
    yield Said(
        message=f"The loss fell from {number(initial)} to {number(last)} by epoch {epochs[-1].epoch}; guessing loses"
        f" {number(guessing[0])}: most of that fall only corrected the initial weights.",
        where="train_loss",
        measured=initial,
        expected=f"an initial loss of about {number(guessing[0])}",
        remedy="Scale the last layer's initial weights down, or set its bias to what is usual of the targets.",
    )


RULE = Rule(
    code="T109",
    name="corrected-start",
    severity="note",
    moment="epoch",
    title="The first steps only corrected the initial weights",
    why="Until the outputs have the size of the targets, the layers below take in noise.",
    source=cite("S3-21"),
    check=check,
    bad=lambda: evidence(
        data=regression_data(),
        start=start(initial_loss=31.0, expected_loss=None),
        epochs=curve([4.0], [0.04], train_loss_eval=0.03),
    ),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "times": Threshold(3.0, "initial loss over that of guessing (S3-21)"),
        "left": Threshold(0.1, "share of the initial loss that is left (S3-21)"),
        "share": Threshold(0.05, "share of the planned epochs in which that happens, at least one (S3-21)"),
    },
)
