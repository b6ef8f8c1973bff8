"""Runs of one recipe with other seeds or folds, taken together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from logbook_schemas.records.replicates import Spread
from logbook_schemas.records.summary import RunSummary

__all__ = ["spread"]


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
