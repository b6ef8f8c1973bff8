"""Regression targets in numbers that an untrained network is far from.

What it checks: the training targets as the network meets them, after preparation: a standard deviation outside
0.1 to 10, or a mean of more than 3 standard deviations.

Why it matters: an untrained network answers between about -1 and 1. Targets in the thousands give a first loss
in the millions and gradients to match; tiny ones are met by answering nothing at all.

Instead: subtract the mean and divide by the standard deviation of the training targets. Predictions and metrics
are given in original units all the same.

Source: My Neural Network isn't working! What should I do? (S0-02, S0-03); What to do when a neural network does
not learn (S4-21).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, regression_data
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import ArrayRecord

__all__ = ["RULE"]

_STD = (0.1, 10.0)
_MEAN = 3.0


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None or data.task != "regression" or data.targets is None:
        return
    mean, std = data.targets.mean, data.targets.std
    if mean is None or std is None or (_STD[0] <= std <= _STD[1] and abs(mean) <= _MEAN * std):
        return
    constant = std == 0
    yield Said(
        message=f"Every training target is {number(mean)}: there is nothing to learn."
        if constant
        else f"The targets have mean {number(mean)} and standard deviation {number(std)}.",
        where="data.targets",
        measured={"mean": mean, "std": std},
        expected="mean about 0 and standard deviation about 1",
        remedy="Check which column is the target." if constant else "Prepare the targets: standardize.",
        change={} if constant else {"data.targets": [{"kind": "standardize"}]},
    )


RULE = Rule(
    code="D106",
    name="unscaled-targets",
    severity="warning",
    moment="data",
    title="The regression targets are not scaled",
    why="Targets far from what an untrained network answers give huge first losses and gradients.",
    source=cite("S0-02", "S0-03", "S4-21"),
    check=check,
    bad=lambda: evidence(data=regression_data(targets=ArrayRecord(mean=152.0, std=77.0, min=25.0, max=346.0))),
    good=lambda: evidence(data=regression_data()),
    doc=__doc__ or "",
    explains=("nonfinite-loss", "diverging-loss", "stuck-loss", "no-better-than-baseline"),
)
