"""A feature that looks like an angle: its end lies next to its beginning.

What it checks: each column of rows of features, as loaded, of 50 different values or more: a range from 0, or from
minus a half, over 98 to 100 % of 360 or of 2π, with 3 % of the values in each outermost tenth, as a bell has not.

Why it matters: 359 and 1 degrees are neighbours, and as numbers farthest apart: the network must learn a jump.

Instead: give the sine and the cosine of the angle, two columns.

Source: My Neural Network isn't working! What should I do? (S0-16).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import pi

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import listing, number
from logbook_schemas.records.measures import ColumnRecord

__all__ = ["RULE"]

_TURNS = (360.0, 2 * pi)


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    found = [column for column in (evidence.data.columns if evidence.data else ()) if _is_angle(column, at)]
    if found:
        names = listing([column.name for column in found])
        yield Said(
            message=f"Column {names} runs from {number(found[0].min)} to {number(found[0].max)}: is it an angle?",
            where="data.inputs",
            measured=[found[0].min, found[0].max],
            expected="numbers whose ends lie apart",
            remedy="If it is, give its sine and its cosine as two columns.",
        )


def _is_angle(column: ColumnRecord, at: Thresholds) -> bool:
    if column.distinct < at.distinct or column.edge_share < at.edge:
        return False
    return any(_fills(column, turn, start, at) for turn in _TURNS for start in (0.0, -turn / 2))


def _fills(column: ColumnRecord, turn: float, start: float, at: Thresholds) -> bool:
    slack = (1 - at.filled) * turn
    rounding = 1e-6 * turn
    is_at_start = start - rounding <= column.min <= start + slack
    return is_at_start and start + turn - slack <= column.max <= start + turn + rounding


RULE = Rule(
    code="D114",
    name="wrapped-angle",
    severity="note",
    moment="data",
    title="A feature looks like an angle",
    why="359 and 1 degrees are neighbours, and as numbers farthest apart.",
    source=cite("S0-16"),
    check=check,
    bad=lambda: evidence(
        data=data(columns=(ColumnRecord(name="wind", rows=500, min=0.4, max=359.2, distinct=480, edge_share=0.09),))
    ),
    good=lambda: evidence(
        data=data(columns=(ColumnRecord(name="x", rows=700, min=-3.13, max=3.12, distinct=700, edge_share=0.006),))
    ),
    doc=__doc__ or "",
    thresholds={
        "filled": Threshold(0.98, "share of a full turn that the range fills (our own)"),
        "edge": Threshold(0.03, "share of the values in each outermost tenth; a normal column of this range has 0.006"),
        "distinct": Threshold(50, "different values from which on a range says something"),
    },
)
