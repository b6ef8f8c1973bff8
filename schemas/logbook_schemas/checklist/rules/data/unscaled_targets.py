"""Regression targets in numbers that an untrained network is far from.

What it checks: the training targets as the network meets them, after preparation: a standard deviation above 10 or
below 0.01, or a mean beyond both 3 and 3 standard deviations. A deviation below 0.1, or a mean of more than 3
deviations that is small itself, is a note: training gets there, a little later. The mean is no question where the
last bias starts at it (`output_bias`: `prior`).

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
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import number
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import ArrayRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None or data.task != "regression" or data.targets is None:
        return
    mean, std = data.targets.mean, data.targets.std
    if mean is None or std is None:
        return
    is_far = abs(mean) > at.mean * std and not _starts_at_the_mean(evidence.config)
    if at.narrow <= std <= at.wide and not is_far:
        return
    constant = std == 0
    is_mild = not constant and at.tiny <= std <= at.wide and (not is_far or abs(mean) <= at.mean_size)
    yield Said(
        message=f"Every training target is {number(mean)}: there is nothing to learn."
        if constant
        else f"The targets have mean {number(mean)} and standard deviation {number(std)}.",
        where="data.targets",
        measured={"mean": mean, "std": std},
        expected="mean about 0 and standard deviation about 1",
        remedy="Check which column is the target." if constant else "Prepare the targets: standardize.",
        change={} if constant else {"data.targets": [{"kind": "standardize"}]},
        severity="note" if is_mild else None,
    )


def _starts_at_the_mean(config: RunConfig | None) -> bool:
    """Say whether the last bias starts at the mean of the targets: their deviation alone is to be learnt (S0-03)."""
    return getattr(getattr(config.model, "output_bias", None), "kind", "") == "prior" if config is not None else False


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
    thresholds={
        "narrow": Threshold(0.1, "standard deviation of the targets below which it is said (S0-02)"),
        "tiny": Threshold(0.01, "standard deviation below which it is a warning: answering nothing is nearly right"),
        "wide": Threshold(10.0, "standard deviation above which it is said (S0-02)"),
        "mean": Threshold(3.0, "absolute mean in standard deviations (S0-02)"),
        "mean_size": Threshold(3.0, "absolute mean up to which it is a note: an untrained network answers -1 to 1"),
    },
    explains=(*SYMPTOMS, "unequal-target-scales"),
    version=2,
)
