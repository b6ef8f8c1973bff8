"""A feature whose few largest values dwarf all others.

What it checks: each column of rows of features: a skewness beyond ±5 after preparation; or one beyond ±2 where, as
loaded, the largest absolute value is more than 1,000 times the median one. Columns of at most 10 different values,
and columns that are mostly one value, are sparse or codes and are left alone.

Why it matters: a mean and a deviation fit no such column. Standardised, nearly all rows lie in a narrow band, where
their differences are lost, and a few far outside.

Instead: take the logarithm before scaling, or `tanh-squash` or `quantile`.

Source: Practical Advice for Building Deep Neural Networks (S2-12). Measured on scikit-learn's tables: the largest
skewness is 5.4 (breast cancer, area error), which is such a column; without it 5.1, 3.8 and below.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.preparing import column_keys, with_step_before
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import listing, number
from logbook_schemas.records.measures import ColumnRecord

__all__ = ["RULE"]

_MANY_VALUES = 10


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    found = [column for column in (evidence.data.columns if evidence.data else ()) if _is_heavy(column, at)]
    if not found:
        return
    worst = max(found, key=lambda column: abs(column.skew))
    names = [column.name for column in found]
    yield Said(
        message=f"{'Columns' if len(names) > 1 else 'Column'} {listing(names)}: a few values dwarf all others (skewness"
        f" {number(worst.skew)}, as loaded from {number(worst.min)} to {number(worst.max)}).",
        where="data.inputs",
        measured=worst.skew,
        expected=f"a skewness within ±{number(at.skew)}",
        remedy="Take the logarithm before scaling.",
        change=with_step_before(evidence.config, {"kind": "log", "columns": column_keys(names)}),
    )


def _is_heavy(column: ColumnRecord, at: Thresholds) -> bool:
    if column.rows < at.rows or column.distinct <= _MANY_VALUES or column.most_common > at.common:
        return False
    return abs(column.skew) > at.skew or (column.tail > at.tail and abs(column.skew) > at.skew_with_tail)


RULE = Rule(
    code="D111",
    name="heavy-tailed-feature",
    severity="note",
    moment="data",
    title="A feature has a heavy tail",
    why="A mean and a deviation fit no such column: nearly all rows end up in a narrow band.",
    source=cite("S2-12"),
    check=check,
    bad=lambda: evidence(
        data=data(columns=(ColumnRecord(name="income", rows=500, max=1.4e8, distinct=490, skew=18.0, tail=4e3),))
    ),
    good=lambda: evidence(data=data(columns=(ColumnRecord(name="age", rows=500, distinct=60, skew=0.4, tail=2.2),))),
    doc=__doc__ or "",
    thresholds={
        "skew": Threshold(5.0, "absolute skewness after preparation (S2-12)"),
        "tail": Threshold(1000.0, "largest absolute value over the median one, as loaded (S2-12)"),
        "skew_with_tail": Threshold(2.0, "absolute skewness beside such a tail, so that it's there after preparation"),
        "common": Threshold(0.5, "share of one value from which on a column counts as sparse"),
        "rows": Threshold(50, "values from which on a tail can be told"),
    },
)
