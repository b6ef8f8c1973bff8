"""In which order the labels stand in the source: sorted data that are cut in order leave classes out."""

from __future__ import annotations

import numpy as np

from logbook.training.data.arrays import Array
from logbook_schemas.records.rows import LabelOrder

__all__ = ["measure_order"]

_MOST_ROWS = 1_000_000
_OVERLAP = 0.02
"""Share of the validation targets that may lie within the range of the training targets at the cut."""


def measure_order(
    train: Array, validation: Array | None, *, rows: tuple[Array, Array | None], has_classes: bool
) -> LabelOrder:
    """Return the order of the training labels [N], as class indices or numbers, in the source.

    `rows` are the row numbers of both splits in the source; those of a validation split that the source gives by
    itself follow the training rows.
    """
    places, others = rows
    order = np.argsort(places, kind="stable")[:_MOST_ROWS]
    labels = train[order]
    runs, chance = _class_runs(labels) if has_classes else _turns(labels)
    follows = validation is not None and others is not None and len(others) > 0 and others.min() > places.max()
    return LabelOrder(
        rows=len(labels),
        runs=runs,
        chance_runs=chance,
        classes=len(np.unique(labels)) if has_classes else 0,
        goes_on=bool(follows and validation is not None and _goes_on(labels, validation, has_classes=has_classes)),
    )


def _class_runs(labels: Array) -> tuple[int, float]:
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return int((labels[1:] != labels[:-1]).sum()) + 1, 1 + (len(labels) - 1) * float(1 - (shares**2).sum())


def _turns(values: Array) -> tuple[int, float]:
    """Return the stretches in which values only rise or only fall; equal neighbours don't end one."""
    steps = np.sign(np.diff(values))
    steps = steps[steps != 0]
    turns = int((steps[1:] != steps[:-1]).sum()) if len(steps) else 0
    return turns + 1, 1 + 2 / 3 * max(0, len(steps) - 1)


def _goes_on(labels: Array, validation: Array, *, has_classes: bool) -> bool:
    """Say whether the validation labels follow the training labels where these end, rather than begin anew."""
    if has_classes:
        return not np.isin(validation, labels[labels != labels[-1]]).any()
    low, high = labels.min(), labels.max()
    inside = ((validation > low) & (validation < high)).mean()
    return bool(inside <= _OVERLAP and (validation.min() != validation.max()))
