"""A network that doesn't even learn its training examples.

What it checks: when a training of at least 3 epochs has ended and stands still, whether it has come less than half of
the way from guessing to perfection on the training examples themselves. A note: it may be that the inputs say
no more. (Where nothing at all was learnt, other rules warn.)

Why it matters: more data or regularization won't help a network that can't say what its training data say.

Instead: take more units or another layer, fewer regularizers, better features; see whether the network can learn 50
examples by heart.

Source: What to do when a neural network does not learn (S4-25); Troubleshooting Neural Net Training (S1-10).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import standing_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import percent

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    share = standing_share(evidence, at)
    if share is None or not at.nothing <= share < at.learnt:
        return
    yield Said(
        message=f"On its own training examples the network has come {percent(max(0.0, share))} of the way from guessing"
        " to perfection, and stands still.",
        where="train_loss",
        measured=share,
        expected=f"at least {percent(at.learnt)}, where the inputs say that much",
        remedy="Take more units or layers and less regularization; see whether 50 examples can be learnt by heart.",
    )


RULE = Rule(
    code="T115",
    name="underfitting",
    severity="note",
    moment="end",
    title="The network doesn't learn even its training examples",
    why="More data or regularization won't help a network that can't say what its training data say.",
    source=cite("S1-10", "S4-25"),
    check=check,
    bad=lambda: evidence(
        epochs=curve([2.1, 1.9, 1.85, 1.85], [2.0, 1.9, 1.9, 1.9], train_metrics={"accuracy": 0.31}), end=end()
    ),
    good=lambda: evidence(epochs=curve([1.31, 0.42, 0.25, 0.18]), end=end()),
    doc=__doc__ or "",
    thresholds={
        "learnt": Threshold(0.5, "share of the way from guessing to perfection on training examples"),
        "nothing": Threshold(0.1, "the same, below which nothing is learnt at all, and other rules warn"),
        "epochs": Threshold(3.0, "fewest epochs of a training that is judged"),
        "fall": Threshold(0.02, "share by which the training loss falls an epoch while it doesn't stand still"),
    },
)
