"""A schedule that raises the learning rate for good.

What it checks: the schedules whose factor may be above 1 (`step`, `multi-step`, `geometric`, `final-drop`), laid over
all steps of the training. A rate that ends at twice its start or more is a warning.

Why it matters: schedules are there to lower the rate. A factor of 10 where 0.1 was meant makes the loss explode in the
middle of a training that went well.

Instead: a factor below 1.

Source: Practical Advice for Building Deep Neural Networks (S2-36, S2-39); the bound is our own.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.config.course import Course
from logbook_schemas.config.rates import factor_at

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    trained = evidence.data.splits.get("train") if evidence.data else None
    gamma = getattr(evidence.config.schedule, "gamma", 1.0) if evidence.config else 1.0
    if evidence.config is None or trained is None or gamma <= 1:
        return
    course = Course.of(evidence.config, trained.rows)
    factor = factor_at(evidence.config.schedule, course.steps - 1, course)
    if factor >= at.factor:
        yield Said(
            message=f"The schedule raises the learning rate: at the end it is {number(factor)} times what it was.",
            where="schedule.gamma",
            measured=gamma,
            expected="a factor below 1",
            remedy=f"Write {number(1 / gamma)} if the rate is to fall.",
            change={"schedule.gamma": 1 / gamma},
        )


RULE = Rule(
    code="L109",
    name="growing-learning-rate",
    severity="warning",
    moment="data",
    title="The schedule raises the learning rate for good",
    why="Schedules are there to lower the rate; one that grows makes the loss explode in the middle of a training.",
    source=cite("S2-36", "S2-39"),
    check=check,
    bad=lambda: evidence(config=config(schedule={"kind": "step", "step_size": 5, "gamma": 10.0})),
    good=lambda: evidence(config=config(schedule={"kind": "step", "step_size": 5, "gamma": 0.1})),
    doc=__doc__ or "",
    thresholds={"factor": Threshold(2.0, "rate at the last step over that of the first; our own")},
    explains=(
        *TRAINING,
        *POOR_VALIDATION,
    ),
)
