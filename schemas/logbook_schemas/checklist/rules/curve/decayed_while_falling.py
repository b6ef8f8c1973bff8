"""A learning rate that was lowered while the loss was still falling fast.

What it checks: at the end of training, whether the learning rate fell to less than a fifth of its highest before half
of the run was over, while the training loss was falling by more than 5 % an epoch; and whether after that it fell by
less than a third as much an epoch, to end less than four fifths of the way from guessing to perfection.

Why it matters: steps that are too short too early freeze the network where it happens to be.

Instead: lower the rate once the loss stands still, or hold it for most of the run and let it fall at the end.

Source: Practical Advice for Building Deep Neural Networks (S2-35); where the guides contradict each other on decay
(C11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logbook_schemas.checklist.curves import last_phase
from logbook_schemas.checklist.examples import config, curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import falling, trained_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import number, percent
from logbook_schemas.records.measures import EpochRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = last_phase(evidence)
    if evidence.end is None or len(epochs) < at.epochs:
        return
    place = _decay(epochs, at)
    if place is None or place > at.share * len(epochs):
        return
    losses = [epoch.train_loss or 0.0 for epoch in epochs]
    before, after = falling(losses[:place], min(place - 1, 3)), falling(losses, len(losses) - 1 - place)
    share = trained_share(evidence, epochs[-1])
    if before <= at.fall or after > before / at.slower or share is None or share >= at.learnt:
        return
    first, last = epochs[place - 1], epochs[place]
    yield Said(
        message=f"By epoch {last.epoch} of {len(epochs)} the learning rate had fallen to {number(last.lr or 0)}, while"
        f" the training loss fell by {percent(before)} an epoch; since then it has gone from"
        f" {number(first.train_loss or 0)} to {number(losses[-1])}.",
        where="schedule",
        measured=before,
        expected="a rate that falls once the loss stands still",
        remedy="Lower the learning rate later, or by less.",
        change={"schedule": {"kind": "constant"}},
    )


def _decay(epochs: Sequence[EpochRecord], at: Thresholds) -> int | None:
    """Return the place of the first epoch whose rate is far below the highest before it; None where there is none."""
    highest = 0.0
    for place, epoch in enumerate(epochs):
        if epoch.lr is None:
            return None
        if place > 1 and epoch.lr < highest / at.times:
            return place
        highest = max(highest, epoch.lr)
    return None


def _decayed() -> tuple[EpochRecord, ...]:
    fast = curve([2.3, 2.0, 1.7, 1.4], lr=0.1)
    slow = curve([2.3, 2.0, 1.7, 1.4, 1.39, 1.38, 1.38, 1.37, 1.37, 1.36, 1.36, 1.36], lr=0.001)
    return (*fast, *slow[4:])


RULE = Rule(
    code="T110",
    name="decayed-while-falling",
    severity="warning",
    moment="end",
    title="The learning rate fell while the loss was still falling fast",
    why="Steps that are too short too early freeze the network where it happens to be.",
    source=cite("S2-35", "C11"),
    check=check,
    bad=lambda: evidence(config=config(training={"epochs": 12}), epochs=_decayed(), end=end()),
    good=lambda: evidence(epochs=curve([1.31, 0.42, 0.25, 0.18, 0.14, 0.11], [0.2] * 6, lr=0.001)),
    doc=__doc__ or "",
    thresholds={
        "epochs": Threshold(4.0, "fewest epochs of a training that is judged"),
        "times": Threshold(5.0, "by which the rate falls below its highest (C11)"),
        "share": Threshold(0.5, "share of the run before which it falls: later is a final drop (C11)"),
        "fall": Threshold(0.05, "share by which the training loss falls an epoch at that time (S2-35)"),
        "slower": Threshold(3.0, "by which the loss falls more slowly afterwards"),
        "learnt": Threshold(0.8, "share of the way from guessing to perfection from which on nothing is said"),
    },
    explains=("learning-rate-too-low", *NOT_LEARNING),
)
