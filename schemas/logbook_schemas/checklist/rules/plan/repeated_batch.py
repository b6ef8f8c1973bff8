"""Several updates in a row on the same batch.

What it checks: `training.updates_per_batch` above 1, where a batch isn't the whole training split. A note, and a
warning from 10 on.

Why it matters: the network bends to one batch after the other, and forgets the one before.

Instead: one update a batch, and more epochs.

Source: Troubleshooting Neural Net Training (S1-09).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import OUTCOMES, POOR_VALIDATION

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None or known.training.batch_size == "all" or known.training.updates_per_batch <= at.updates:
        return
    updates = known.training.updates_per_batch
    yield Said(
        message=f"Each batch is learnt {updates:,} times in a row before the next one comes.",
        where="training.updates_per_batch",
        measured=updates,
        expected="one update a batch",
        remedy="Set training.updates_per_batch to 1, and train for more epochs.",
        change={"training.updates_per_batch": 1},
        severity="warning" if updates >= at.many else "note",
    )


RULE = Rule(
    code="B109",
    name="repeated-batch",
    severity="note",
    moment="config",
    title="Several updates in a row on the same batch",
    why="The network bends to one batch after the other, and forgets the one before.",
    source=cite("S1-09"),
    check=check,
    bad=lambda: evidence(config=config(training={"updates_per_batch": 20})),
    good=lambda: evidence(config=config(training={"updates_per_batch": 20, "batch_size": "all"})),
    doc=__doc__ or "",
    version=2,
    thresholds={
        "updates": Threshold(1.0, "updates on one batch above which it is noted (S1-09)"),
        "many": Threshold(10.0, "updates on one batch from which on it is a warning; our own"),
    },
    explains=(*OUTCOMES, *POOR_VALIDATION),
)
