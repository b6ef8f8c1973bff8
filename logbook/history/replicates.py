"""Runs of one recipe with other seeds or folds, taken together, and two recipes held against each other."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from logbook_schemas.records.replicates import Noise, Spread
from logbook_schemas.records.summary import RunSummary

__all__ = ["LEVEL", "noise", "spread"]

LEVEL = 0.05
"""The usual level of a test: one difference in twenty that is called one is none."""


def spread(runs: Sequence[RunSummary]) -> Spread | None:
    """Return mean and deviation (divisor N - 1) of the monitored metric at its best over runs of one recipe.

    None for fewer than two runs with a finite value, for several recipes, and for several metrics.
    """
    known = [run for run in runs if run.best_value is not None and math.isfinite(run.best_value)]
    kinds = {(run.recipe_hash, run.monitor_metric) for run in runs}
    if len(known) < 2 or len(kinds) != 1:
        return None
    values = [run.best_value for run in known if run.best_value is not None]
    return Spread(
        metric=known[0].monitor_metric,
        runs=len(values),
        mean=statistics.fmean(values),
        deviation=statistics.stdev(values),
        low=min(values),
        high=max(values),
    )


def noise(baseline: Spread | None, other: Spread | None, *, comparisons: int = 1) -> Noise | None:
    """Return whether two recipes differ by more than their seeds do; `comparisons` is how many share the baseline.

    None where one of them has fewer than two runs, and where they monitor different metrics.
    """
    if baseline is None or other is None or baseline.metric != other.metric:
        return None
    difference = other.mean - baseline.mean
    parts = [one.deviation**2 / one.runs for one in (baseline, other)]
    level = LEVEL / comparisons
    if not sum(parts):
        return Noise(difference=difference, p=0.0 if difference else 1.0, level=level, freedom=None)
    # Each deviation is estimated from its own runs: Welch and Satterthwaite's degrees of freedom.
    shares = [part / sum(parts) for part in parts]
    runs = (baseline.runs, other.runs)
    freedom = 1 / sum(share**2 / (count - 1) for share, count in zip(shares, runs, strict=True))
    p = 2 * _lower_tail(freedom, -abs(difference) / math.sqrt(sum(parts)))
    return Noise(difference=difference, p=p, level=level, freedom=freedom)


def _lower_tail(freedom: float, t: float) -> float:
    # Late: it takes 0.3 s, and few comparisons have replicates on both sides.
    from scipy.special import stdtr

    return float(stdtr(freedom, t))
