"""Categories or ids that are fed to the network as numbers.

What it checks: each column of rows of features, as loaded. Categories: whole numbers from 0 or 1 on, without gaps,
3 to 50 different ones with 5 rows each or more, whose frequencies are about even or rise and fall several times, as
those of counts and grades don't. Ids: whole numbers, each in one row alone, close to each other. Columns that a step
of preparation makes one-hot are none; where more than half of the columns look so, they are pixels. These are notes.

A warning where the labels say so: a column of 8 to 100 values, of 10 rows each in the mean and 250 in all, that
account for a fifth of the labels' variance, each by itself, while the labels jump from one value to the next as in a
random order. What changes smoothly with a number, a wave of two periods too, is an amount.

Why it matters: as a number, category 3 lies between 2 and 4, and an id is an amount. The network has to undo an
order that isn't there, with a jump from each value to the next.

Instead: one-hot or an embedding for categories, sine and cosine for hours and months; leave an id out.

Source: Troubleshooting Neural Net Training (S1-04); My Neural Network isn't working! What should I do? (S0-16).
Measured: in 4,500 tables of counts, grades, squares and hours, of 250 and 300 rows, jumps reach 0.56;
of categories in a random order 85 % to 99 % lie above 0.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.preparing import column_keys, with_step_before
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import listing, percent
from logbook_schemas.config.preparation import OneHot
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import ColumnRecord
from logbook_schemas.records.rows import TellingColumn

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    columns = evidence.data.columns if evidence.data else ()
    telling = [one for one in (evidence.data.telling if evidence.data else ()) if _jumps(one, at)]
    jumping = [one for one in telling if not _is_one_hot(evidence.config, one.name)]
    if jumping:
        yield _of_jumps(evidence, jumping)
        return
    left = [column for column in columns if not _is_one_hot(evidence.config, column.name)]
    codes = [column for column in left if _is_code(column, at)]
    if codes and 2 * len(codes) <= max(2, len(columns)):
        yield _of_codes(evidence, codes)
    ids = [column for column in left if _is_id(column, at)]
    if ids:
        yield _of_ids(ids)


def _jumps(column: TellingColumn, at: Thresholds) -> bool:
    is_enough = column.values >= at.jumping_values and column.rows >= max(
        at.jumping_rows, at.rows_a_value * column.values
    )
    return is_enough and column.category_share > at.says and column.jumps > at.jumps


def _is_one_hot(config: RunConfig | None, name: str) -> bool:
    steps = [step for step in config.data.inputs if isinstance(step, OneHot)] if config is not None else []
    return any(step.columns is None or name in map(str, step.columns) for step in steps)


def _is_code(column: ColumnRecord, at: Thresholds) -> bool:
    counts = column.counts
    if not column.is_whole or not at.fewest <= len(counts) <= at.most or min(counts) < at.rows_each:
        return False
    is_numbered = column.min in (0, 1) and column.max - column.min + 1 == len(counts)
    return is_numbered and (max(counts) <= at.even * min(counts) or _has_valley(counts))


def _has_valley(counts: Sequence[int]) -> bool:
    """Say whether a value stands between two that are clearly more common: by 3 of their standard errors."""
    return any(
        counts[place] + 3 * sqrt(counts[place]) < min(max(counts[:place]), max(counts[place + 1 :]))
        for place in range(1, len(counts) - 1)
    )


def _is_id(column: ColumnRecord, at: Thresholds) -> bool:
    return (
        column.is_whole
        and column.rows >= at.id_rows
        and column.distinct == column.rows
        and column.max - column.min + 1 <= at.id_range * column.rows
    )


def _of_codes(evidence: Evidence, found: Sequence[ColumnRecord]) -> Said:
    names = [column.name for column in found]
    values = len(found[0].counts)
    is_one = len(names) == 1
    return Said(
        message=f"Column {names[0]} holds the whole numbers from {found[0].min:.0f} to {found[0].max:.0f}"
        f" ({values} different ones): do they name categories?{'' if is_one else f' Likewise {listing(names[1:])}.'}",
        where="data.inputs",
        measured=values,
        expected="numbers that have an order, or one column for each category",
        remedy="If they do, prepare them: one-hot. Hours and months go round: sine and cosine.",
        change=with_step_before(evidence.config, {"kind": "one-hot", "columns": column_keys(names)}),
    )


def _of_jumps(evidence: Evidence, found: Sequence[TellingColumn]) -> Said:
    names = [column.name for column in found]
    worst = max(found, key=lambda column: column.category_share)
    likewise = [name for name in names if name != worst.name]
    return Said(
        message=f"Column {worst.name}: its {worst.values} values, each by itself, account for"
        f" {percent(worst.category_share)} of how the labels vary, and say nothing as numbers: from one to the next the"
        f" labels jump as in a random order.{f' Likewise {listing(likewise)}.' if likewise else ''}",
        where="data.inputs",
        measured=worst.jumps,
        expected="labels that change smoothly with a number, or one column for each category",
        remedy="If they name categories, prepare them: one-hot, or an embedding.",
        change=with_step_before(evidence.config, {"kind": "one-hot", "columns": column_keys(names)}),
        severity="warning",
        explains=NOT_LEARNING,
    )


def _of_ids(found: Sequence[ColumnRecord]) -> Said:
    names = listing([column.name for column in found])
    return Said(
        message=f"Column {names} holds a different whole number in each row: it looks like an id or a row number.",
        where="data.source",
        measured=found[0].distinct,
        expected="numbers that say something of the row",
        remedy="Leave the column out, unless its order means something.",
    )


RULE = Rule(
    code="D113",
    name="number-coded-category",
    severity="note",
    moment="data",
    title="Categories or ids are fed as numbers",
    why="As a number, category 3 lies between 2 and 4, and an id is an amount.",
    source=cite("S1-04", "S0-16"),
    check=check,
    bad=lambda: evidence(
        data=data(
            columns=(
                ColumnRecord(name="brand", rows=400, max=3, is_whole=True, distinct=4, counts=(90, 110, 105, 95)),
                ColumnRecord(name="age", rows=400, max=80.0, distinct=60),
            )
        )
    ),
    good=lambda: evidence(
        data=data(
            columns=(
                ColumnRecord(name="children", rows=400, max=3, is_whole=True, distinct=4, counts=(200, 120, 60, 20)),
                ColumnRecord(name="age", rows=400, max=80.0, distinct=60),
            )
        )
    ),
    doc=__doc__ or "",
    thresholds={
        "fewest": Threshold(3, "different values from which on a column may be a code (S1-04)"),
        "most": Threshold(50, "different values up to which it may be one (S1-04)"),
        "rows_each": Threshold(5, "rows of the rarest value"),
        "even": Threshold(2.0, "rows of the most common value over those of the rarest, up to which they are even"),
        "jumping_values": Threshold(
            8, "different values from which it can be told that labels jump: of few, chance may"
        ),
        "jumping_rows": Threshold(250, "rows from which it can be told (measured)"),
        "rows_a_value": Threshold(10, "the same for each value, in the mean"),
        "says": Threshold(0.2, "share of the labels' variance that they account for, each by itself (our own)"),
        "jumps": Threshold(
            0.6, "difference from value to value over that of a random order; two periods of a wave over 12 values: 0.5"
        ),
        "id_rows": Threshold(30, "rows from which on different whole numbers may be ids"),
        "id_range": Threshold(20.0, "range over rows up to which they may be: of a sample, ids have gaps"),
    },
    version=2,
)
