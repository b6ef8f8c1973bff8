"""Replicates, runs of one recipe with other seeds or folds, in a few numbers."""

from __future__ import annotations

from logbook_schemas.records.base import Record

__all__ = ["Spread"]


class Spread(Record):
    """The monitored metric at its best over several runs of one recipe; `deviation` has the divisor N - 1."""

    metric: str
    runs: int
    mean: float
    deviation: float
    low: float
    high: float
