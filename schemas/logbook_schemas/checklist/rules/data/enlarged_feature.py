"""A feature of tiny numbers that scaling has made as large as all others.

What it checks: each column of rows of features: its deviation at the network over that as loaded. More than 1,000,
and more than 100 times that of the column in the middle, is a note. Columns constant up to rounding are D110's.

Why it matters: a feature may vary little because it matters little, or because all of it is noise of the measurement;
scaled by its own deviation, it counts as much as the others.

Instead: think in units; scale features of one kind together (`groups`), or leave this one out (`columns`).

Source: My Neural Network isn't working! What should I do? (S0-07). Measured: on scikit-learn's breast cancer the
most enlarged column is at 380.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import listing, number
from logbook_schemas.records.measures import ArrayRecord, DataRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None or data.raw_inputs is None or data.inputs is None or len(data.input_shape) != 1:
        return
    raw, inputs = data.raw_inputs, data.inputs
    if raw.columns != inputs.columns:
        return
    columns = zip(raw.columns, raw.column_means, raw.column_stds, inputs.column_stds, strict=False)
    factors = {name: after / before for name, mean, before, after in columns if before > at.relative * abs(mean)}
    if not factors:
        return
    usual = median(factors.values())
    found = [name for name, factor in factors.items() if factor > at.factor and factor > at.unusual * usual]
    if found:
        largest = max(factors[name] for name in found)
        yield Said(
            message=f"Column {listing(found)}: scaling makes it {number(largest)} times as large.",
            where="data.inputs",
            measured=largest,
            expected=f"at most {number(at.factor)} times, or about as much as the other columns",
            remedy="Ask whether such small differences matter; if not, scale it with others (groups) or not at all.",
        )


def _scaled(last: float) -> DataRecord:
    columns = ("a", "b", "c")
    before = ArrayRecord(columns=columns, column_means=(0.0, 5.0, 0.0), column_stds=(1.0, 2.0, last))
    after = ArrayRecord(columns=columns, column_means=(0.0, 0.0, 0.0), column_stds=(1.0, 1.0, 1.0))
    return data(input_shape=(3,), raw_inputs=before, inputs=after)


RULE = Rule(
    code="D116",
    name="enlarged-feature",
    severity="note",
    moment="data",
    title="Scaling has made a tiny feature large",
    why="What varies little may matter little; scaled by itself it counts as much as the others.",
    source=cite("S0-07"),
    check=check,
    bad=lambda: evidence(data=_scaled(1e-5)),
    good=lambda: evidence(data=_scaled(0.01)),
    doc=__doc__ or "",
    thresholds={
        "factor": Threshold(1000.0, "deviation at the network over that as loaded (S0-07)"),
        "unusual": Threshold(100.0, "the same over that of the column in the middle (our own)"),
        "relative": Threshold(1e-6, "deviation over the mean below which a column is constant up to rounding (S0-06)"),
    },
)
