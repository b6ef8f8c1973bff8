"""Several settings changed since the run before.

What it checks: the settings that differ from the newest run of the same name and can change the result; a section of
another kind counts once. More than one is a note.

Why it matters: settings interact, and when the result is another, nobody can tell which change made it so.

Instead: change one thing at a time; where two belong together, say why in `hypothesis`.

Source: What to do when a neural network does not learn (S4-29, S4-49).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count, listing
from logbook_schemas.records.runs import HistoryRecord, PreviousRun

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    before = evidence.history.previous if evidence.history else None
    if before is not None and len(before.changes) > at.changes:
        yield Said(
            message=f"{count(len(before.changes), 'setting')} changed since {before.id}: {listing(before.changes)}.",
            where=before.id,
            measured=len(before.changes),
            expected="one change at a time",
            remedy=f"Change one and keep the rest as in {before.id}, to see what it does.",
        )


def _after(*changes: str) -> HistoryRecord:
    return HistoryRecord(previous=PreviousRun(id="r3", status="finished", changes=changes))


RULE = Rule(
    code="H104",
    name="several-changes",
    severity="note",
    moment="config",
    title="Several settings changed since the run before",
    why="When the result is another, nobody can tell which change made it so.",
    source=cite("S4-29", "S4-49"),
    check=check,
    bad=lambda: evidence(history=_after("optimizer", "training.batch_size")),
    good=lambda: evidence(history=_after("optimizer")),
    doc=__doc__ or "",
    thresholds={"changes": Threshold(1.0, "settings that differ above which it is noted (S4-29)")},
)
