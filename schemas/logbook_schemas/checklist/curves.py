"""What rules ask of a run's curves: the epochs of its last phase, plain numbers, and the gain over a baseline."""

from __future__ import annotations

import math
from collections.abc import Iterable

from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.records.measures import EpochRecord

__all__ = ["finite", "gain", "is_finite", "last_phase", "planned_share", "present"]

_PERFECT_ONE = frozenset({"accuracy", "balanced-accuracy", "r2", "nearest-neighbour-accuracy"})


def last_phase(evidence: Evidence) -> tuple[EpochRecord, ...]:
    """Return the epochs of training; losses of different phases don't compare.

    None while pre-training lasts: it goes from layer to layer, and no baseline is of its losses.
    """
    return evidence.trained


def is_finite(value: float | None) -> bool:
    """Return whether a number was measured and is neither NaN nor infinite."""
    return value is not None and math.isfinite(value)


def present(values: Iterable[float | None]) -> list[float]:
    """Return what was measured, NaN and infinities included."""
    return [value for value in values if value is not None]


def finite(values: Iterable[float | None]) -> list[float]:
    """Return what was measured and is a plain number."""
    return [value for value in present(values) if math.isfinite(value)]


def planned_share(evidence: Evidence, share: float) -> int:
    """Return a share of the planned epochs, rounded up; 0 where the plan isn't known."""
    return math.ceil(share * evidence.config.training.epochs) if evidence.config else 0


def gain(name: str, value: float, baseline: float, *, mode: str) -> float:
    """Return how much of the way from the baseline to perfection a value has gone; negative is worse.

    Perfection is 1 for accuracy, balanced accuracy and R², 0 for what is to be small. A person's own metric to
    be large has no known perfection: there the gain is relative to the baseline's size.
    """
    if not math.isfinite(value):
        return -math.inf
    better = value - baseline if mode == "max" else baseline - value
    way = 1 - baseline if name in _PERFECT_ONE else abs(baseline)
    if way <= 0:
        # The baseline is perfect already (one class, constant targets): nothing is left to gain.
        return 1.0 if better >= 0 else -math.inf
    return better / way
