"""Rows that were scaled one by one, instead of the columns.

What it checks: tables of three columns or more. A warning where every row has mean 0 and deviation 1 by itself, while
the columns don't: the column in the middle lies more than 5 of its deviations from 0.

Why it matters: a row of measurements in different units is ruled by its largest one. Divided by its own deviation, all
rows look alike: what told them apart is left in small differences, far from 0.

Instead: scale each column over the training rows (`axis=0` in NumPy). Pictures and spectra, whose values have one unit,
may be scaled one by one; their columns lie near 0 then, or should be scaled afterwards.

Source: My Neural Network isn't working! What should I do? (S0-01, S0-05): every feature by its own mean and deviation.
Measured: scaled by rows, wine is at 16, iris at 8 and breast cancer at 19; flattened digits are at 0.9.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, SYMPTOMS
from logbook_schemas.checklist.words import number
from logbook_schemas.records.rows import RowScalingRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    found = evidence.data.row_scaling if evidence.data else None
    if found is None or max(found.mean_error, found.std_error) > at.exact or found.distance <= at.distance:
        return
    yield Said(
        message="Every row has mean 0 and deviation 1 by itself, and the columns don't: the one in the middle lies"
        f" {number(found.distance)} of its deviations from 0.",
        where="data.source",
        measured=found.distance,
        expected="columns of mean 0 and deviation 1",
        remedy="Scale each column over the training rows (axis=0), or leave it to data.inputs.",
        change={"data.inputs": [{"kind": "standardize"}]},
    )


RULE = Rule(
    code="D141",
    name="row-scaled-inputs",
    severity="warning",
    moment="data",
    title="Rows were scaled instead of columns",
    why="All rows look alike then: what told them apart is left in small differences.",
    source=cite("S0-01", "S0-05"),
    check=check,
    bad=lambda: evidence(data=data(row_scaling=RowScalingRecord(mean_error=1e-7, std_error=1e-7, distance=16.0))),
    good=lambda: evidence(data=data(row_scaling=RowScalingRecord(mean_error=1e-7, std_error=1e-7, distance=0.9))),
    doc=__doc__ or "",
    thresholds={
        "exact": Threshold(1e-3, "distance of a row from mean 0 and deviation 1 that only its own statistics give"),
        "distance": Threshold(5.0, "distance of the middle column from 0, in deviations (measured, see above)"),
    },
    explains=(*SYMPTOMS, *POOR_VALIDATION),
)
