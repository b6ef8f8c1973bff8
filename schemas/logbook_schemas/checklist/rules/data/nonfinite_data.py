"""Data that hold NaN or infinity.

What it checks: every value of the inputs and targets of every split.

Why it matters: one NaN in one row makes the loss NaN, then every weight; or it hides in the validation split and
makes its loss NaN alone.

Instead: find out where it comes from, then fill in a value or drop the row or column.

Source: What to do when a neural network does not learn (S4-12).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import count
from logbook_schemas.records.measures import NonFinite

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    for found in evidence.data.nonfinite if evidence.data else ():
        if found.count > 0:
            yield _said(found)


def _said(found: NonFinite) -> Said:
    verb = "is" if found.count == 1 else "are"
    place = f"row {found.row}" if found.line is None else f"line {found.line}"
    source = "source" if found.line is None else "file"
    return Said(
        message=f"The {found.split} {found.array} hold {count(found.count, 'value')} that {verb} NaN or infinite;"
        f" the first is {found.kind} in {place}{_column(found)}.",
        where=f"{found.split} {found.array}",
        measured=found.count,
        expected="none",
        remedy=f"Look at {place} of the {source}, then fill the value in or drop the row or the column.",
    )


def _column(found: NonFinite) -> str:
    """Name the column; a file's target has one only, and it is no number of the file's columns."""
    return "" if found.array == "targets" and found.line is not None else f", column {found.column}"


RULE = Rule(
    code="D102",
    name="nonfinite-data",
    severity="error",
    moment="data",
    title="The data hold NaN or infinity",
    why="One NaN in one row is enough to make the loss NaN, and then every weight.",
    source=cite("S4-12"),
    check=check,
    bad=lambda: evidence(
        data=data(nonfinite=(NonFinite(split="train", array="inputs", count=3, kind="NaN", row=17, column="hue"),))
    ),
    good=evidence,
    doc=__doc__ or "",
    explains=SYMPTOMS,
)
