"""Labels that come otherwise in one split than in the training split.

What it checks: the class shares of the validation and the test split against those of the training rows, before
`data.balance`; half the summed difference above 0.15, and more than chance would do, is a finding. Of numbers, the
largest gap between the shares of rows below a value (Kolmogorov and Smirnov's distance) above 0.15. A warning where
splits were meant to be alike; a note where rows were ordered or grouped, since days and patients do differ, and where
the training rows have as many of each class, which somebody saw to.

Why it matters: what is measured on such a split says little of the data that the network was trained for, and the
other way round.

Instead: draw splits from shuffled rows, with `stratify`; collect training examples as they will come later.

Source: Practical Advice for Building Deep Neural Networks (S2-11). Where labels count as drifting is the bound of
Deepchecks, 0.15.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION
from logbook_schemas.checklist.words import number, percent
from logbook_schemas.records.measures import DataRecord
from logbook_schemas.records.rows import LabelDrift

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None:
        return
    for drift in data.label_drift:
        if drift.distance > at.distance and drift.probability < at.chance and not _has_unseen(data, drift):
            yield _said(evidence, data, drift, at)


def _has_unseen(data: DataRecord, drift: LabelDrift) -> bool:
    """Say whether a class is missing in training altogether: that has a rule of its own."""
    here, there = data.splits.get(drift.split), data.splits.get(drift.other)
    if here is None or there is None:
        return False
    return any(rows > 0 and seen == 0 for rows, seen in zip(here.class_counts, there.class_counts, strict=False))


def _said(evidence: Evidence, data: DataRecord, drift: LabelDrift, at: Thresholds) -> Said:
    is_drawn_alike = not drift.is_evened_out and not _keeps_rows_together(evidence)
    return Said(
        message=f"The targets of the {drift.split} split differ from those of the {drift.other} split"
        f"{f' in column {drift.column}' if drift.column else ''}: {_how(data, drift)}.",
        where=f"{drift.split}, {drift.other}",
        measured=drift.distance,
        expected=f"a difference of at most {number(at.distance)}",
        remedy="Draw the splits from shuffled rows, with stratify for classes.",
        severity="warning" if is_drawn_alike else "note",
        explains=None if is_drawn_alike else (),
    )


def _keeps_rows_together(evidence: Evidence) -> bool:
    split = evidence.config.data.split if evidence.config else None
    return split is not None and (split.kind in ("ordered", "group") or split.column is not None)


def _how(data: DataRecord, drift: LabelDrift) -> str:
    here, there = data.splits.get(drift.split), data.splits.get(drift.other)
    counts = [split.class_counts if split else () for split in (here, there)]
    if not all(sum(each) for each in counts):
        return f"a distance of {number(drift.distance)}"
    mine, theirs = ([rows / sum(each) for rows in each] for each in counts)
    worst = max(range(len(mine)), key=lambda index: abs(mine[index] - theirs[index]))
    name = data.classes[worst] if worst < len(data.classes) else str(worst)
    return f"class {name} is {percent(mine[worst])} of the rows there and {percent(theirs[worst])} here"


RULE = Rule(
    code="D130",
    name="drifting-labels",
    severity="warning",
    moment="data",
    title="Two splits have different shares of the classes, or different targets",
    why="A score on data of another kind says little of what was learnt.",
    source=cite("S2-11"),
    check=check,
    bad=lambda: evidence(
        data=data(label_drift=(LabelDrift(split="validation", other="train", distance=0.3, probability=1e-20),))
    ),
    good=lambda: evidence(
        data=data(label_drift=(LabelDrift(split="validation", other="train", distance=0.3, probability=0.2),))
    ),
    doc=__doc__ or "",
    thresholds={
        "distance": Threshold(
            0.15, "half the summed difference of class shares, or the largest gap between shares below a value"
        ),
        "chance": Threshold(1e-4, "probability of such a distance by chance alone"),
    },
    explains=POOR_VALIDATION,
)
