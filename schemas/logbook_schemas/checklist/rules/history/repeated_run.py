"""A recipe that ran before, with the same code and data.

What it checks: whether earlier runs share the recipe, and neither their code nor their data are known to differ.
Dead ends are left to repeated-dead-end, and another fold of a cross-validation is no repetition. A note: a
repetition with another seed says how much of a result is chance.

Why it matters: what the run will show may be known already.

Instead: look at the earlier runs first; change the seed when it is chance that you ask about.

Source: What to do when a neural network does not learn (S4-51).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, past
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.words import count, listing, number
from logbook_schemas.records.runs import PastRun

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    runs = [run for run in (evidence.history.same_recipe if evidence.history else ()) if _is_same(run)]
    if runs:
        yield Said(
            message=f"The same recipe ran {count(len(runs), 'time')} before:"
            f" {listing([_ending(run) for run in runs], limit=3)}.",
            where=runs[0].id,
            measured=[run.id for run in runs],
            expected="a recipe that didn't run yet, or another seed",
            remedy=f"Look at logbook show {runs[0].id} first; take another seed to see what is chance.",
        )


def _is_same(run: PastRun) -> bool:
    return run.same_fold and run.outcome != "dead-end" and run.same_code is not False and run.same_data is not False


def _ending(run: PastRun) -> str:
    parts: list[str] = [run.outcome or run.status]
    if run.best_value is not None:
        parts.append(f"best {run.monitor_metric} {number(run.best_value)}")
    if run.same_seed:
        parts.append("same seed")
    elif run.seed is not None:
        parts.append(f"seed {run.seed}")
    if run.fold is not None:
        parts.append(f"fold {run.fold}")
    return f"{run.id} ({', '.join(parts)})"


RULE = Rule(
    code="H102",
    name="repeated-run",
    severity="note",
    moment="config",
    title="The same recipe ran before",
    why="What the run will show may be known already.",
    source=cite("S4-51"),
    check=check,
    bad=lambda: evidence(history=past()),
    good=lambda: evidence(history=past(same_code=False)),
    doc=__doc__ or "",
)
