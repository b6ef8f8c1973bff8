"""Targets far beyond what the untrained network says.

What it checks: the root mean square of target minus output over that of the outputs, or over 1 where they are smaller.
Above 10 is a note, above 100 a warning.

Why it matters: an untrained network answers between about -1 and 1. Targets in the thousands make the first errors and
gradients enormous, and many steps go into getting there at all.

Instead: scale the targets (subtract the mean, divide by the standard deviation), or let the last bias begin at their
mean.

Source: My Neural Network isn't working! What should I do? (S0-03).
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.start import OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, config = evidence.start, evidence.config
    if start is None or config is None or config.task not in ("regression", "reconstruction"):
        return
    beyond = start.behaviour.beyond
    if beyond is None or not beyond > at.note or start.loss.takes not in ("values", ""):
        return
    change: dict[str, JsonValue] = {"data.targets": [{"kind": "standardize"}]} if config.task == "regression" else {}
    yield Said(
        message=f"The targets are {number(beyond)} times as far from the untrained outputs as these are large.",
        where="data.targets" if config.task == "regression" else "data.inputs",
        measured=beyond,
        expected=f"below {number(at.note)}",
        remedy="Prepare the targets: standardize." if change else "Scale the inputs, which are the targets here.",
        change=change,
        severity="warning" if beyond > at.warning else "note",
    )


RULE = Rule(
    code="M219",
    name="targets-beyond-outputs",
    severity="warning",
    moment="start",
    title="The targets are far beyond what the untrained network says",
    why="The first errors and gradients are enormous, and many steps go into getting there at all.",
    source=cite("S0-03"),
    check=check,
    bad=lambda: evidence(
        config=config(data={"source": {"kind": "sklearn", "dataset": "diabetes"}}),
        start=start(behaviour=OutputRecord(beyond=170.0)),
    ),
    good=lambda: evidence(
        config=config(data={"source": {"kind": "sklearn", "dataset": "diabetes"}}),
        start=start(behaviour=OutputRecord(beyond=1.1)),
    ),
    thresholds={
        "note": Threshold(10.0, "distance of targets and outputs over the outputs or 1 (S0-03)"),
        "warning": Threshold(100.0, "the same, from which it is a warning; raw house prices of 22 trained well"),
    },
    explains=(*TRAINING,),
    doc=__doc__ or "",
)
