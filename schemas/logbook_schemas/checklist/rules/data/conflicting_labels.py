"""The same inputs with different labels.

What it checks: the training rows of a classification whose inputs stand there again with another class: above 1 % of
the rows is a note, where there are 300 distinct rows or more. It is a warning above 5 % where two equal rows differ in
their class as often as any two rows, or more often, and columns have too many values for equal rows to be chance. A
table of few categories, in which equal cases end differently, is no more than a note.

Why it matters: no network can be right on both; it learns the more frequent answer, and the loss stops far from 0.

Instead: look at the pairs; correct or remove them. If half the rows conflict, look at how inputs and labels were
joined.

Source: What to do when a neural network does not learn (S4-13).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING
from logbook_schemas.checklist.words import count, listing, percent
from logbook_schemas.records.rows import RepeatedRows

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    for found in evidence.data.repeated if evidence.data else ():
        share = found.conflicting / max(1, found.of_rows)
        if found.split == "train" and share > at.share and found.distinct_rows >= at.distinct:
            yield _said(found, share, at)


def _said(found: RepeatedRows, share: float, at: Thresholds) -> Said:
    # Equal rows that say nothing of each other's class were joined wrongly; cases of a kind agree more often.
    says_nothing = found.conflict_rate > at.rate * found.chance_conflict_rate
    is_grave = share > at.grave_share and found.chance_share < at.by_chance and says_nothing
    has_lines = bool(found.conflicting_lines)
    places, kind = (found.conflicting_lines, "lines") if has_lines else (found.conflicting_examples, "rows")
    where = f" ({kind} {listing([str(row) for row in places], limit=4)})" if places else ""
    return Said(
        message=f"{count(found.conflicting, 'row')} of the {found.split} split, {percent(share)}, have the same inputs"
        f" as another row and another class{where}.",
        where=found.split,
        measured=share,
        expected="one class for the same inputs",
        remedy="Look at these pairs: correct or remove them, or add the column that tells them apart.",
        severity="warning" if is_grave else "note",
        explains=None if is_grave else (),
    )


def _conflicting(rows: int) -> RepeatedRows:
    return RepeatedRows(
        split="train", of_rows=1440, distinct_rows=1340, repeated=100, conflicting=rows, conflict_rate=0.9
    )


RULE = Rule(
    code="D133",
    name="conflicting-labels",
    severity="warning",
    moment="data",
    title="The same inputs carry different labels",
    why="No network can be right on both.",
    source=cite("S4-13"),
    check=check,
    bad=lambda: evidence(data=data(repeated=(_conflicting(180),))),
    good=lambda: evidence(data=data(repeated=(_conflicting(14),))),
    doc=__doc__ or "",
    thresholds={
        "share": Threshold(0.01, "conflicting rows as a share of the training rows, from which it is worth a note"),
        "grave_share": Threshold(0.05, "the same share, from which it may be a warning"),
        "rate": Threshold(0.95, "how often equal rows differ in class, over how often any two rows do"),
        "by_chance": Threshold(0.01, "share of rows that chance repeats, from which columns have few values"),
        "distinct": Threshold(300, "distinct rows below which equal ones are a matter of chance (S4-14)"),
    },
    explains=(
        *TRAINING,
        *POOR_VALIDATION,
    ),
)
