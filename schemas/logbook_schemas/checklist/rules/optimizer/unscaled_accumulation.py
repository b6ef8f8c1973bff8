"""Gradients averaged over several batches, at the learning rate of one.

What it checks: `gradients.accumulation` above 1 while the optimizer's rate is the one that it has by default. A note.

Why it matters: a step over several batches is more certain and there are fewer of them, so it may go further;
at the old rate the network learns less in the same epochs.

Instead: begin with the rate times the number of batches for gradient descent, or times its square root for Adam, and
look whether the loss bears it.

Source: Troubleshooting Neural Net Training (S1-17).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None or known.gradients.accumulation <= at.batches:
        return
    field = type(known.optimizer).model_fields.get("lr")
    usual = field.default if field is not None else None
    lr = getattr(known.optimizer, "lr", None)
    if lr is None or lr != usual:
        return
    batches = known.gradients.accumulation
    yield Said(
        message=f"Each step averages the gradients of {batches} batches, at the usual learning rate {number(lr)} of"
        f" {known.optimizer.kind}; so many fewer steps bear a higher one.",
        where="optimizer.lr",
        measured=lr,
        expected="a rate that grows with the rows of a step",
        remedy=f"Try {number(lr * batches**0.5)} to {number(lr * batches)}, or more epochs.",
    )


RULE = Rule(
    code="L106",
    name="unscaled-accumulation",
    severity="note",
    moment="config",
    title="Several batches make one step, at the rate of one batch",
    why="There are fewer steps, and each is more certain: at the old rate less is learnt in the same epochs.",
    source=cite("S1-17"),
    check=check,
    bad=lambda: evidence(config=config(gradients={"accumulation": 8})),
    good=lambda: evidence(config=config(gradients={"accumulation": 8}, optimizer={"kind": "adam", "lr": 0.003})),
    doc=__doc__ or "",
    thresholds={"batches": Threshold(1.0, "batches of a step above which it is noted (S1-17)")},
)
