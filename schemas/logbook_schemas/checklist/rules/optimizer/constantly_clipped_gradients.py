"""Gradients that are clipped at nearly every step.

What it checks: at the end of training, whether clipping was active at more than half of the steps in more than half
of the epochs. A note where the network has learnt all the same: recurrent language models do well with it.

Why it matters: the length of a step is then set by the bound and not by the loss. A bound that is always active hides
a learning rate that is too high, and one that is far too small holds the training up.

Instead: lower the learning rate by 3 to 10 and take the clipping away; if the gradients are large, look at the scale
of inputs, targets and initial weights.

Source: My Neural Network isn't working! What should I do? (S0-31); Practical Advice for Building Deep Neural Networks
(S2-33); where the guides contradict each other on clipping (C2).
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from logbook_schemas.checklist.curves import finite, last_phase
from logbook_schemas.checklist.examples import config, curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import trained_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import number, percent

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = last_phase(evidence)
    shares = finite(epoch.clip_share for epoch in epochs)
    if not shares or evidence.end is None or median(shares) <= at.share:
        return
    share = trained_share(evidence, epochs[-1])
    norms = finite(epoch.gradient_norm for epoch in epochs)
    size = f"; the gradient's norm was {number(median(norms))} before" if norms else ""
    yield Said(
        message=f"In half of the epochs, the gradients were clipped at {percent(median(shares))} of the steps or"
        f" more{size}.",
        where="gradients.clip",
        measured=median(shares),
        expected=f"clipping at no more than {percent(at.share)} of the steps",
        remedy="Take the clipping away and lower the learning rate instead, or raise the bound above the usual norm.",
        severity="warning" if share is not None and share < at.learnt else "note",
    )


RULE = Rule(
    code="L303",
    name="constantly-clipped-gradients",
    severity="note",
    moment="end",
    title="The gradients are clipped at most steps",
    why="The bound sets the length of the steps: it hides a learning rate that is too high, or holds the training up.",
    source=cite("S0-31", "S2-33", "C2"),
    check=check,
    bad=lambda: evidence(
        config=config(gradients={"clip": {"kind": "norm", "max_norm": 1e-4}}),
        epochs=curve([2.41, 2.4, 2.4, 2.39], [2.4] * 4, clip_share=1.0, gradient_norm=1.2),
        end=end(),
    ),
    good=lambda: evidence(epochs=curve([1.31, 0.42, 0.25], [0.61, 0.33, 0.24], clip_share=0.1)),
    doc=__doc__ or "",
    thresholds={
        "share": Threshold(0.5, "share of the steps at which clipping is active, in the median epoch (S0-31)"),
        "learnt": Threshold(0.5, "share of the way from guessing to perfection from which on it is a note (C2)"),
    },
    explains=("learning-rate-too-low", *NOT_LEARNING),
)
