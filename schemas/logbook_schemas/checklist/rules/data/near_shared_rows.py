"""Rows of one split that lie almost upon rows of another.

What it checks: a sample of the validation and of the test rows. A row counts that lies within a fifth of the typical
distance between neighbours of one training row, and five times as near to it as any other row does. Above 5 %, and
more than three times as many as among the training rows themselves, is a warning. Equal rows have a rule of their own.

Why it matters: a copy with a little noise, a crop, a rounding, gives the answer away as an exact copy does.
Validation looks better than it is.

Instead: split first, then augment; keep what comes from one original (a photo, a recording, a patient) in one split.

Source: What to do when a neural network does not learn (S4-14, S4-53). The distances are measured: among rows drawn
alike the shares are equal within chance, whatever the data (blobs, spirals, digits, tables, a sine of 20,000 rows).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION
from logbook_schemas.checklist.words import listing, percent
from logbook_schemas.records.rows import NearRows

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    for near in evidence.data.near if evidence.data else ():
        is_more = near.share > near.expected_share + at.share and near.share > at.ratio * near.expected_share
        if is_more and _deviations(near) > at.deviations:
            yield Said(
                message=f"{percent(near.share)} of the {near.split} rows lie almost upon a row of the {near.other}"
                f" split; of the {near.other} rows themselves {percent(near.expected_share)} do"
                f" (rows {listing([str(row) for row in near.examples], limit=3)}; {near.rows:,} were looked at).",
                where=f"{near.split}, {near.other}",
                measured=near.share,
                expected=f"about {percent(near.expected_share)}",
                remedy="Split before augmenting, and keep copies of one original in one split (data.split group).",
            )


def _deviations(near: NearRows) -> float:
    """Return how far the share lies above what chance leaves, in standard deviations of the difference."""
    rows, others = max(1, near.rows), max(1, near.expected_rows)
    both = (near.share * rows + near.expected_share * others) / (rows + others)
    spread = sqrt(both * (1 - both) * (1 / rows + 1 / others))
    return (near.share - near.expected_share) / spread if spread > 0 else float("inf")


def _near(share: float, expected: float) -> NearRows:
    return NearRows(
        split="validation", other="train", rows=360, share=share, expected_rows=1000, expected_share=expected
    )


RULE = Rule(
    code="D131",
    name="near-shared-rows",
    severity="warning",
    moment="data",
    title="Two splits share rows, but for a little noise",
    why="What was trained on, or its near copy, can't show how well new examples are predicted.",
    source=cite("S4-14", "S4-53"),
    check=check,
    bad=lambda: evidence(data=data(near=(_near(0.9, 0.01),))),
    good=lambda: evidence(data=data(near=(_near(0.2, 0.18),))),
    doc=__doc__ or "",
    thresholds={
        "share": Threshold(0.05, "share of the rows above the training rows' own; measured, healthy: up to 0.024"),
        "ratio": Threshold(3.0, "times the training rows' own share"),
        "deviations": Threshold(5.0, "standard deviations of the difference of the two shares"),
    },
    explains=POOR_VALIDATION,
)
