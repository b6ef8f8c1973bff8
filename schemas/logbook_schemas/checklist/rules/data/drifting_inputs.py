"""Features that are distributed otherwise in the validation or test split than in the training split.

What it checks: for each feature the distance of the two distribution functions (Kolmogorov-Smirnov), as the network
sees them. It counts above 0.2, and above what chance exceeds in one of a thousand data sets over all features
together. It is a note; a warning above 0.5 where the source brought its splits, since those should be alike. Splits
drawn at random differ by chance alone, whatever is measured, and aren't looked at; those by group or by order are
meant to differ, and get a note at most. Columns that are row numbers or ids differ by themselves and are left out.

Why it matters: what was learnt on one kind of data is measured on another; the validation loss then says little, and
it rises for reasons that no setting mends.

Instead: mix the rows and split again, or leave the feature out; where the future does differ, measure on it.

Source: Practical Advice for Building Deep Neural Networks (S2-11). Measured on scikit-learn's tables with random
splits of several seeds: the largest distance is 0.18, always below what chance allows (0.14 to 0.44).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION
from logbook_schemas.checklist.words import count, listing, number
from logbook_schemas.records.measures import DataRecord, ShiftRecord

__all__ = ["RULE"]

_MEANT_TO_DIFFER = ("ordered", "group", "time")


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    for shift in data.shifts if data is not None else ():
        if data is not None and (shift.given or _is_meant_to_differ(evidence)) and shift.rows >= at.rows:
            yield from _said(data, shift, at)


def _is_meant_to_differ(evidence: Evidence) -> bool:
    return evidence.config is not None and (
        evidence.config.data.split.kind in _MEANT_TO_DIFFER or evidence.config.data.split.column is not None
    )


def _said(data: DataRecord, shift: ShiftRecord, at: Thresholds) -> Iterator[Said]:
    ids = {column.name for column in data.columns if column.is_whole and column.distinct == column.rows}
    bound = max(at.distance, shift.chance)
    found = {
        name: distance
        for name, distance in zip(shift.columns, shift.distances, strict=False)
        if distance > bound and name not in ids
    }
    if not found:
        return
    names = sorted(found, key=lambda name: -found[name])
    largest = found[names[0]]
    has = "has" if len(names) == 1 else "have"
    yield Said(
        message=f"{count(len(names), 'feature')} of {len(shift.columns):,} {has} other values in the {shift.split}"
        f" split than in the training split, most of all {listing(names, limit=3)} (distance"
        f" {number(largest)} of 1).",
        where=f"data.split: {shift.split}",
        measured=largest,
        expected=f"at most {number(bound)}",
        remedy="Mix the rows and split again, or leave these features out."
        if shift.given
        else "If new data will be like the training split, split at random.",
        severity="warning" if shift.given and largest > at.large else "note",
    )


def _shifted(distance: float) -> ShiftRecord:
    return ShiftRecord(
        split="validation", rows=400, given=True, columns=("a", "b"), distances=(0.03, distance), chance=0.1
    )


RULE = Rule(
    code="D118",
    name="drifting-inputs",
    severity="note",
    moment="data",
    title="The splits hold different kinds of data",
    why="What was learnt on one kind of data is measured on another.",
    source=cite("S2-11"),
    check=check,
    bad=lambda: evidence(data=data(shifts=(_shifted(0.7),))),
    good=lambda: evidence(data=data(shifts=(_shifted(0.18),))),
    doc=__doc__ or "",
    thresholds={
        "distance": Threshold(0.2, "Kolmogorov-Smirnov distance (S2-11; the default of Deepchecks)"),
        "large": Threshold(0.5, "the distance from which on given splits get a warning (our own)"),
        "rows": Threshold(20, "rows of the split from which on it is compared"),
    },
    explains=POOR_VALIDATION,
)
