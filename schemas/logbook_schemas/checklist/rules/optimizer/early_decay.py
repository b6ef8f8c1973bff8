"""A learning rate that has faded long before the training ends.

What it checks: the schedule, laid over all steps of the training. Where the rate falls below 1 % of its highest for
good before half of the steps are done it is a warning, before 80 % a note. Cosine and one-cycle fall to almost nothing
at the very end, and pass; what plateau will do isn't known.

Why it matters: at a hundredth of its rate a network hardly learns any more, and the rest of the training is spent
standing still. A factor on every step multiplies up: 0.9995 is below 1 % after 9,208 steps.

Instead: keep the rate constant, above all under Adam, or lower it once, late. The finding gives the rate at the end.

Source: Practical Advice for Building Deep Neural Networks (S2-14, S2-35, S2-36); What to do when a neural network does
not learn (S4-36); where the guides contradict each other on decay, its absence is never judged, its effect is (C11).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count, percent
from logbook_schemas.config.course import Course
from logbook_schemas.config.rates import factor_at

__all__ = ["RULE"]

_PLACES = 200
"""Steps looked at, evenly over the training; more would name the step more exactly and judge no better."""


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    trained = evidence.data.splits.get("train") if evidence.data else None
    if evidence.config is None or trained is None or evidence.config.schedule.kind in ("constant", "plateau"):
        return
    schedule, course = evidence.config.schedule, Course.of(evidence.config, trained.rows)
    steps = course.steps
    places = sorted({round(index * (steps - 1) / _PLACES) for index in range(_PLACES + 1)})
    factors = [factor_at(schedule, step, course) for step in places]
    highest = max(factors)
    faded = len(factors)
    while faded and factors[faded - 1] < at.faded * highest * (1 - 1e-9):
        faded -= 1
    if faded == len(factors):
        return
    share = places[faded] / max(1, steps)
    if share >= at.late:
        return
    yield Said(
        message=f"The schedule {schedule.kind} takes the learning rate below {percent(at.faded)} of its highest after"
        f" {count(places[faded], 'step')} of {steps:,}; at the end {percent(factors[-1] / highest)} is left.",
        where="schedule",
        measured=share,
        expected=f"at least {percent(at.faded)} of the rate until {percent(at.late)} of the steps are done",
        remedy="Keep the rate constant, or lower it once, late in the training.",
        change={"schedule": "constant"},
        severity="warning" if share < at.early else "note",
    )


RULE = Rule(
    code="L104",
    name="early-decay",
    severity="warning",
    moment="data",
    title="The learning rate fades long before the training ends",
    why="At a hundredth of its rate a network hardly learns, and the rest of the training stands still.",
    source=cite("S2-14", "S2-35", "S2-36", "S4-36", "C11"),
    check=check,
    bad=lambda: evidence(config=config(schedule={"kind": "geometric", "gamma": 0.98})),
    good=lambda: evidence(config=config(schedule="cosine")),
    doc=__doc__ or "",
    thresholds={
        "faded": Threshold(0.01, "share of the highest rate below which it has faded (S2-36)"),
        "early": Threshold(0.5, "share of the steps before which that is a warning; our own"),
        "late": Threshold(0.8, "share of the steps before which that is a note (C11)"),
    },
    explains=(*TRAINING,),
)
