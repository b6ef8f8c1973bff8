"""Data sorted by their label and cut in order.

What it checks: in which order the training labels stand in the source. Where every class stands in one stretch, or the
targets only rise or only fall, and the validation rows go on where the training rows end, it is a warning; a note
where the split is ordered by a column. Sorted data that are split at random are in order: batches are drawn anew in
each epoch, from all training rows.

Why it matters: the last classes, or the largest targets, are then validated and never trained on.

Instead: `"split": "random"`, with `stratify` for classes; a source that hands over its own splits should shuffle
inputs and targets together before it cuts.

Source: Debugging Neural Networks: A Checklist (S3-07); Practical Advice for Building Deep Neural Networks (S2-11);
What to do when a neural network does not learn (S4-13).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING
from logbook_schemas.records.rows import LabelOrder

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    order = evidence.data.label_order if evidence.data else None
    if order is None or not order.goes_on or order.rows < at.rows or not _is_sorted(order, at):
        return
    split = evidence.config.data.split if evidence.config else None
    is_ordered = split is not None and split.kind == "ordered"
    by = split.column if split is not None else None
    what = f"by class ({order.classes} in {order.runs} stretches)" if order.classes else "by target"
    yield Said(
        message=f"The {order.rows:,} training rows are sorted {what}, and the validation rows go on where they end.",
        where="data.split",
        measured=order.runs,
        expected=f"about {order.chance_runs:,.0f} stretches, as in shuffled rows",
        remedy="Split at random, with stratify for classes."
        if is_ordered
        else "Shuffle inputs and targets together before cutting them into splits.",
        change={"data.split": {"kind": "random"}} if is_ordered else {},
        severity="warning" if by is None else "note",
    )


def _is_sorted(order: LabelOrder, at: Thresholds) -> bool:
    few = max(at.stretches, 1.0) * order.classes if order.classes else max(1.0, at.turns * order.chance_runs)
    return order.runs <= few and order.chance_runs > at.times * max(order.runs, 1)


def _order(runs: int) -> LabelOrder:
    return LabelOrder(rows=1440, runs=runs, chance_runs=1296, classes=10, goes_on=True)


RULE = Rule(
    code="D135",
    name="sorted-data",
    severity="warning",
    moment="data",
    title="The data are sorted by label and cut in order",
    why="What stands last is validated and never trained on.",
    source=cite("S3-07", "S2-11", "S4-13"),
    check=check,
    bad=lambda: evidence(data=data(label_order=_order(8))),
    good=lambda: evidence(data=data(label_order=_order(1300))),
    doc=__doc__ or "",
    thresholds={
        "rows": Threshold(20, "training rows, from which an order can be told"),
        "stretches": Threshold(1.2, "stretches of one class for each class, up to which rows are sorted by class"),
        "turns": Threshold(0.01, "stretches of rising or falling targets, as a share of those in shuffled rows"),
        "times": Threshold(3.0, "times as many stretches in shuffled rows, at least"),
    },
    explains=(
        "drifting-inputs",
        "drifting-labels",
        "unseen-class",
        *TRAINING,
        *POOR_VALIDATION,
    ),
)
