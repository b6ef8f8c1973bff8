"""Whether rows of a table have mean 0 and deviation 1, each by itself, as columns should have."""

from __future__ import annotations

import numpy as np

from logbook.training.data.arrays import Array
from logbook_schemas.records.rows import RowScalingRecord

__all__ = ["measure_row_scaling"]

_FEWEST_ROWS = 10
_FEWEST_COLUMNS = 3


def measure_row_scaling(inputs: Array) -> RowScalingRecord | None:
    """Return how near rows [N, D] are to that, and how far columns lie from 0; None where rows are no such table."""
    if inputs.ndim != 2 or inputs.shape[1] < _FEWEST_COLUMNS or len(inputs) < _FEWEST_ROWS:
        return None
    inputs = inputs.astype(np.float64)
    if not np.isfinite(inputs).all():
        return None
    std = inputs.std(axis=0)
    varies = std > 0
    if not varies.any():
        return None
    # pandas and torch divide by N - 1
    deviations = (inputs.std(axis=1), inputs.std(axis=1, ddof=1))
    return RowScalingRecord(
        mean_error=float(np.abs(inputs.mean(axis=1)).max()),
        std_error=min(float(np.abs(one - 1).max()) for one in deviations),
        distance=float(np.median(np.abs(inputs.mean(axis=0)[varies]) / std[varies])),
    )
