"""Outputs of an example that depend on the other examples of its batch.

What it checks: one row's outputs in evaluation mode, the other rows of the batch exchanged. They must stay as they
are. Batch normalization that keeps no running statistics mixes on purpose: a note.

Why it matters: rows, steps of time and features were confused, as by `view` where `permute` was meant, or by a
recurrent layer or an attention without `batch_first=True`. It trains on a muddle of examples, and what it says of one
depends on its neighbours.

Instead: keep the first axis for the examples everywhere; `permute` or `transpose` swaps axes, `view` and `reshape`
never do.

Source: Practical Advice for Building Deep Neural Networks (S2-28); What to do when a neural network does not learn
(S4-03).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.fit import is_softmax_over_rows
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING
from logbook_schemas.checklist.words import percent
from logbook_schemas.records.start import OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or is_softmax_over_rows(start) or start.behaviour.left_training:
        return
    mixing = start.behaviour.mixing
    if mixing is None or not mixing > at.change:
        return
    on_purpose = start.behaviour.batch_statistics
    yield Said(
        message="Batch normalization without running statistics makes outputs depend on the other rows of the batch."
        if on_purpose
        else f"The outputs of an example change by {percent(mixing)} as the other examples of its batch are exchanged.",
        where="model",
        measured=mixing,
        expected="0: each example by itself, in evaluation mode",
        remedy="Keep running statistics (track_running_stats=True)."
        if on_purpose
        else "Look for view or reshape where permute was meant, for batch_first=True that is missing, and for a"
        " mean, softmax or norm over axis 0.",
        severity="note" if on_purpose else "error",
    )


RULE = Rule(
    code="M204",
    name="mixed-examples",
    severity="error",
    moment="start",
    title="What the model says of an example depends on the other examples of the batch",
    why="Axes are confused: the network learns from a muddle of examples.",
    source=cite("S2-28", "S4-03"),
    check=check,
    bad=lambda: evidence(start=start(behaviour=OutputRecord(mixing=0.4))),
    good=lambda: evidence(start=start(behaviour=OutputRecord(mixing=1e-7))),
    thresholds={
        "change": Threshold(1e-3, "change of a row's outputs over the largest output; rounding made at most 1e-6"),
    },
    explains=(
        *TRAINING,
        *POOR_VALIDATION,
    ),
    doc=__doc__ or "",
)
