"""Regression targets that take a few whole numbers only, as classes do.

What it checks: the training targets of a regression with one output. Where they take 2 to 10 values, all of them
whole numbers without gaps, and there are 20 rows or more for each, it is a note. Three values or more from 0 or 1, of
which there are as many of each as of the next, are a warning: classes are often collected so, and counts and grades
lie about a middle.

Why it matters: as numbers, class 2 lies between 1 and 3, and a network that can't decide answers in between. Numbers
that have an order, such as grades or counts, may well be predicted as numbers.

Instead: say `"task": "classification"` (`"binary"` for two) where the values name classes.

Source: Troubleshooting Neural Net Training (S1-21, S1-23); What to do when a neural network does not
learn (S4-08); the bounds are our own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, regression_data
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import LAYERS, NOT_LEARNING

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None or data.task != "regression" or data.output_size != 1 or "train" not in data.splits:
        return
    values = data.target_values
    is_numbered = bool(values) and values[-1] - values[0] + 1 == len(values)
    if not (2 <= len(values) <= at.most and is_numbered and data.splits["train"].rows >= at.rows_each * len(values)):
        return
    task = "binary" if len(values) == 2 else "classification"
    yield Said(
        message=f"The targets take {len(values)} values only, the whole numbers from {values[0]} to {values[-1]}:"
        " do they name classes?",
        where="task",
        measured=len(values),
        expected="numbers that may lie in between",
        remedy=f'Set "task": "{task}" if they do; numbers with an order, such as grades, may stay.',
        change={"task": task},
        severity="warning" if _are_even(evidence, at) else "note",
    )


def _are_even(evidence: Evidence, at: Thresholds) -> bool:
    """Say whether values from 0 or 1 have the mean and the deviation of values that are equally frequent."""
    data = evidence.data
    found = (data.raw_targets or data.targets) if data else None
    if data is None or found is None or found.mean is None or found.std is None or len(data.target_values) < at.fewest:
        return False
    low, high, count = data.target_values[0], data.target_values[-1], len(data.target_values)
    middle, deviation = (low + high) / 2, math.sqrt((count**2 - 1) / 12)
    is_central = abs(found.mean - middle) <= at.uneven * (high - low)
    return low in (0, 1) and is_central and abs(found.std / deviation - 1) <= at.uneven


RULE = Rule(
    code="D108",
    name="classification-as-regression",
    severity="note",
    moment="data",
    title="The regression targets look like classes",
    why="As numbers, class 2 lies between 1 and 3, and a network that can't decide answers in between.",
    source=cite("S1-21", "S1-23", "S4-08"),
    check=check,
    bad=lambda: evidence(data=regression_data(target_values=(0, 1, 2))),
    good=lambda: evidence(data=regression_data()),
    doc=__doc__ or "",
    thresholds={
        "most": Threshold(10, "different values up to which targets look like classes (our own)"),
        "rows_each": Threshold(20, "rows for each of them (our own)"),
        "fewest": Threshold(3, "values from which on evenness is a warning: 0 and 1 may be predicted as numbers"),
        "uneven": Threshold(
            0.1, "relative distance from the mean and deviation of even values: iris 0, digits 0.01, wine 0.05"
        ),
    },
    explains=(*LAYERS, *NOT_LEARNING),
    version=2,
)
