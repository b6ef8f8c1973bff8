"""Rows that stand several times in the training split.

What it checks: how many training rows have the inputs of an earlier one: above 5 % is a note. With fewer than 300
distinct rows that is a matter of chance, and rows that `data.balance` repeats don't count.

Why it matters: a row that stands there ten times weighs ten times as much, and its copies may fall on both sides of a
split.

Instead: remove duplicates before splitting, unless they are cases of their own that happen to be equal.

Source: What to do when a neural network does not learn (S4-14, S4-53). 5 % is the bound of Deepchecks.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count, listing, percent
from logbook_schemas.records.rows import RepeatedRows

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    for found in evidence.data.repeated if evidence.data else ():
        share = found.repeated / max(1, found.of_rows)
        if found.split == "train" and share > at.share and found.distinct_rows >= at.distinct:
            places, kind = (found.lines, "lines") if found.lines else (found.examples, "rows")
            where = f" ({kind} {listing([str(row) for row in places], limit=3)})" if places else ""
            yield Said(
                message=f"{count(found.repeated, 'row')} of the {found.split} split, {percent(share)}, repeat the"
                f" inputs of an earlier one{where}.",
                where=found.split,
                measured=share,
                expected=f"at most {percent(at.share)}",
                remedy="Remove duplicates before splitting, unless equal rows are cases of their own.",
            )


def _repeated(rows: int) -> RepeatedRows:
    return RepeatedRows(split="train", of_rows=1440, distinct_rows=1440 - rows, repeated=rows)


RULE = Rule(
    code="D132",
    name="repeated-rows",
    severity="note",
    moment="data",
    title="Rows stand several times in the training split",
    why="A repeated row weighs as often as it stands there.",
    source=cite("S4-14", "S4-53"),
    check=check,
    bad=lambda: evidence(data=data(repeated=(_repeated(200),))),
    good=lambda: evidence(data=data(repeated=(_repeated(40),))),
    doc=__doc__ or "",
    thresholds={
        "share": Threshold(0.05, "repeated rows as a share of the training rows (Deepchecks)"),
        "distinct": Threshold(300, "distinct rows below which equal ones are a matter of chance (S4-14)"),
    },
)
