"""A recipe that was tried before and judged a dead end.

What it checks: whether a run of the same recipe (everything in the config that can change the result; the seed
and the name don't) has the outcome `dead-end`. An error; a warning where the code or the data are known to have
changed since, and where the logbook suggests the outcome and no person has confirmed it.

Why it matters: forgetting what didn't work is how weeks are lost.

Instead: change the config. `logbook show` on that run says how it ended; `logbook run --again` repeats it on
purpose; `logbook outcome` confirms or overrules what is only suggested.

Source: What to do when a neural network does not learn (S4-51).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, past
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.records.runs import PastRun

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    for run in evidence.history.same_recipe if evidence.history else ():
        if run.outcome == "dead-end":
            yield _said(run)


def _said(run: PastRun) -> Said:
    changed = [what for what, same in (("code", run.same_code), ("data", run.same_data)) if same is False]
    reason = f": {run.outcome_reason}" if run.outcome_reason else ""
    since = f" (the {' and the '.join(changed)} changed since)" if changed else ""
    is_suggested = run.outcome_by == "logbook"
    way_on = f"logbook outcome {run.id} confirms or overrules it" if is_suggested else "--again repeats it on purpose"
    ending = "looks like a dead end" if is_suggested else "is a dead end"
    return Said(
        message=f"The same recipe ran as {run.id} and {ending}{since}{reason.rstrip('.')}.",
        where=run.id,
        measured=run.outcome_reason,
        expected="a recipe that isn't known to fail",
        remedy=f"Change the config; logbook show {run.id} says how it ended, {way_on}.",
        severity="warning" if changed or is_suggested else "error",
    )


RULE = Rule(
    code="H101",
    name="repeated-dead-end",
    severity="error",
    moment="config",
    title="The same recipe was tried before and is a dead end",
    why="Forgetting what didn't work is how weeks are lost.",
    source=cite("S4-51"),
    check=check,
    bad=lambda: evidence(history=past(outcome="dead-end", outcome_reason="exploded at every rate")),
    good=lambda: evidence(history=past(outcome="baseline")),
    doc=__doc__ or "",
    version=2,
)
