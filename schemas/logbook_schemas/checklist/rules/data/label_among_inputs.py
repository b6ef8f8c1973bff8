"""A column that gives the label away: the label itself, or the number of a row in rows sorted by class.

What it checks: each column of tables of two columns or more and 50 rows or more. A warning where a column is the label:
one value for each class, or, of numbers, the target but for unit and zero point. A warning, too, where a column numbers
the rows and each class has one stretch of the numbers, as in a file that is sorted by class.

Why it matters: the network reads the answer instead of learning it. Every score is excellent, and where the answer
isn't known yet it is worth nothing.

Instead: take the column out of the inputs; leave row numbers and ids out, too.

Source: What to do when a neural network does not learn (S4-53): a low loss on other rows isn't yet understanding; My
Neural Network isn't working! What should I do? (S0-16) on ids.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count
from logbook_schemas.records.measures import DataRecord
from logbook_schemas.records.rows import TellingColumn

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None or (data.signal is not None and data.signal.is_boolean):
        return
    for column in data.telling:
        if column.rows >= at.rows and (column.is_label or column.numbers_classes):
            yield _said(data, column)


def _said(data: DataRecord, column: TellingColumn) -> Said:
    if column.numbers_classes:
        what = "numbers the rows, and the rows are sorted by class: the number gives the class away"
    elif data.classes:
        what = f"has one value for each of the {count(len(data.classes), 'class')}: it is the label itself"
    else:
        what = "is the target itself, but for unit and zero point"
    return Said(
        message=f"Column {column.name} {what}.",
        where=f"data.inputs: {column.name}",
        measured=column.values,
        expected="inputs that are known before the answer is",
        remedy="Take the column out of the inputs.",
    )


def _telling(*, is_label: bool) -> DataRecord:
    return data(telling=(TellingColumn(name="species", rows=120, values=3, is_label=is_label),))


RULE = Rule(
    code="D140",
    name="label-among-inputs",
    severity="warning",
    moment="data",
    title="A column gives the label away",
    why="The network reads the answer, and knows nothing where the answer isn't known yet.",
    source=cite("S4-53", "S0-16"),
    check=check,
    bad=lambda: evidence(data=_telling(is_label=True)),
    good=lambda: evidence(data=_telling(is_label=False)),
    doc=__doc__ or "",
    thresholds={"rows": Threshold(50, "rows from which on it is no chance: the first toy problems have four")},
    explains=("suspiciously-good-validation", "number-coded-category"),
)
