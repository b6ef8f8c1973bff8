"""Rows that stand in two splits at once.

What it checks: which rows of one split stand, value for value, in another: above 1 % is a warning, above 50 % an
error. Where columns have so few values that rows meet by chance, up to three times what chance leaves is silent. With
fewer than 300 distinct rows equal rows are a matter of chance in any case, and only a split that stands whole in
another is a finding (and not even that where a handful of distinct rows, such as a truth table, is all there is).

Why it matters: the network has seen the answers. Validation looks better than it is, and memorizing looks like
learning.

Instead: remove duplicates before splitting, split by group where rows belong together, and never validate on the
array that is trained on.

Source: What to do when a neural network does not learn (S4-14, S4-15, S4-53).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION
from logbook_schemas.checklist.words import count, listing, percent
from logbook_schemas.records.measures import SharedRows

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    for shared in evidence.data.shared if evidence.data else ():
        if shared.share > max(at.share, at.chance * shared.chance_share) and not _is_chance(shared, at):
            yield _said(shared, at)


def _is_chance(shared: SharedRows, at: Thresholds) -> bool:
    """Return whether there are so few distinct rows that equal ones say nothing.

    A split that stands whole in another says something even then, unless rows repeat anyway.
    """
    if shared.distinct_rows >= at.distinct:
        return False
    is_whole = shared.share >= 1 and shared.distinct_rows >= max(at.truth_table, shared.rows / 2)
    return not is_whole


def _said(shared: SharedRows, at: Thresholds) -> Said:
    examples, kind = (shared.lines, "lines") if shared.lines else (shared.examples, "rows")
    rows = f" ({kind} {listing([str(row) for row in examples], limit=3)})" if examples else ""
    verb = "stands" if shared.rows == 1 else "stand"
    return Said(
        message=f"{count(shared.rows, 'row')} of the {shared.split} split, {percent(shared.share)}, also"
        f" {verb} in the {shared.other} split{rows}.",
        where=f"{shared.split}, {shared.other}",
        measured=shared.share,
        expected=f"at most {percent(at.share)}",
        remedy="Remove duplicates before splitting; keep rows that belong together in one split.",
        severity="error" if shared.share > at.most else "warning",
    )


RULE = Rule(
    code="D103",
    name="shared-rows",
    severity="warning",
    moment="data",
    title="Two splits share rows",
    why="What was trained on can't show how well new examples are predicted.",
    source=cite("S4-14", "S4-15", "S4-53"),
    check=check,
    bad=lambda: evidence(
        data=data(shared=(SharedRows(split="validation", other="train", rows=36, share=0.1, distinct_rows=1700),))
    ),
    good=lambda: evidence(
        data=data(shared=(SharedRows(split="validation", other="train", rows=1, share=0.003, distinct_rows=1796),))
    ),
    doc=__doc__ or "",
    thresholds={
        "share": Threshold(0.01, "shared rows as a share of the split's rows (S4-14; Deepchecks bears 5 %)"),
        "most": Threshold(0.5, "the same share, from which the split is no test at all (S4-14)"),
        "distinct": Threshold(300, "distinct rows below which equal ones are a matter of chance (S4-14)"),
        "chance": Threshold(3.0, "times the share that chance leaves where columns have few values (measured)"),
        "truth_table": Threshold(
            20, "distinct rows below which even a split that stands whole in another says nothing"
        ),
    },
    explains=POOR_VALIDATION,
    version=2,
)
