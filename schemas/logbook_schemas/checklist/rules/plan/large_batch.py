"""A batch that is a large part of the training split.

What it checks: batches of more than a tenth of the training rows, or of more than 512; with as many rows as there are,
or more, it says so. A note: what it costs shows in the number of updates, which `few-updates` judges. Batches asked
for as `all`, and optimizers that need them, are left alone.

Why it matters: an epoch has few updates then, and small batches find minima that generalize better.

Instead: 32 to start with; 16 to 128 are common, and smaller ones are no mistake.

Source: My Neural Network isn't working! What should I do? (S0-24, S0-25, S0-28); Troubleshooting Neural Net Training
(S1-32, S1-33); What to do when a neural network does not learn (S4-37); where the guides contradict each other on the
size, none is warned of for itself (C6).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count, percent

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    trained = evidence.data.splits.get("train") if evidence.data else None
    if known is None or trained is None or not trained.rows or known.training.batch_size == "all":
        return
    size, rows = known.training.batch_size, trained.rows
    share = size / rows
    if size <= at.usual or (share <= at.share and size <= at.rows):
        return
    part = "all of them" if share >= 1 else percent(share)
    yield Said(
        message=f"A batch of {size:,} of {count(rows, 'training row')} is {part}.",
        where="training.batch_size",
        measured=size,
        expected=f"at most {percent(at.share)} of the rows, 16 to 128",
        remedy="Take batches of 32.",
        change={"training.batch_size": 32},
    )


RULE = Rule(
    code="B102",
    name="large-batch",
    severity="note",
    moment="data",
    title="A batch is a large part of the training split",
    why="An epoch has few updates then, and small batches find minima that generalize better.",
    source=cite("S0-24", "S0-25", "S0-28", "S1-32", "S1-33", "S4-37", "C6"),
    check=check,
    bad=lambda: evidence(config=config(training={"batch_size": 1000})),
    good=lambda: evidence(config=config(training={"batch_size": 128})),
    doc=__doc__ or "",
    thresholds={
        "usual": Threshold(32.0, "rows of a batch up to which nothing is said, however few there are (S1-32)"),
        "share": Threshold(0.1, "share of the training rows above which it is noted (S0-24)"),
        "rows": Threshold(512.0, "rows of a batch above which it is noted (S1-32)"),
    },
)
