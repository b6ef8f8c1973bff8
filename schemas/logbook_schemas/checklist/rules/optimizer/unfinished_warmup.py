"""A warm-up of the learning rate that is longer than the training.

What it checks: `schedule.warmup` against the optimizer steps of the whole training. A warm-up that isn't over by the
last step is a warning.

Why it matters: the learning rate never becomes what the config says, so that the run is one of a lower rate, which
looks like a network that learns slowly or not at all. Warm-up counts steps, not epochs.

Instead: warm up over a small part of the training, a tenth of the steps or less.

Source: Troubleshooting Neural Net Training (S1-14); the bound is our own.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count, percent
from logbook_schemas.config.course import Course

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    trained = evidence.data.splits.get("train") if evidence.data else None
    if evidence.config is None or trained is None:
        return
    warmup = evidence.config.schedule.warmup
    course = Course.of(evidence.config, trained.rows)
    steps = course.steps
    if warmup < max(at.share * steps, 1):
        return
    shorter = steps // 10
    advice = f"Warm up for at most {count(shorter, 'step')}" if shorter else "Leave the warm-up out"
    yield Said(
        message=f"The warm-up takes {count(warmup, 'step')} and the whole training {count(steps, 'step')}"
        f" ({count(course.epochs, 'epoch')}): the learning rate gets to {percent(steps / (warmup + 1))} of what"
        " the config says.",
        where="schedule.warmup",
        measured=warmup,
        expected=f"fewer than {count(steps, 'step')}",
        remedy=f"{advice}, or train for more epochs.",
        change={"schedule.warmup": shorter},
    )


RULE = Rule(
    code="L102",
    name="unfinished-warmup",
    severity="warning",
    moment="data",
    title="The warm-up of the learning rate is longer than the training",
    why="The learning rate never becomes what the config says, and the network learns slowly or not at all.",
    source=cite("S1-14"),
    check=check,
    bad=lambda: evidence(config=config(schedule={"kind": "constant", "warmup": 1000})),
    good=lambda: evidence(config=config(schedule={"kind": "constant", "warmup": 100})),
    doc=__doc__ or "",
    thresholds={"share": Threshold(1.0, "steps of the warm-up over those of the training; our own")},
    explains=(*TRAINING,),
)
