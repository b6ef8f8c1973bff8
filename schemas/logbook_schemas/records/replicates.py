"""Replicates, runs of one recipe with other seeds or folds, in a few numbers."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record

__all__ = ["Noise", "Spread"]


class Spread(Record):
    """The monitored metric at its best over several runs of one recipe; `deviation` has the divisor N - 1."""

    metric: str
    runs: int
    mean: float
    deviation: float
    low: float
    high: float


class Noise(Record):
    """Whether the means of two recipes are further apart than their seeds make them by chance.

    Welch's t-test, two-sided (B. L. Welch, Biometrika 34, 1947), which doesn't take the deviations to be equal. The
    level is 0.05, divided by the number of comparisons with one baseline (Bonferroni).
    """

    difference: float = Field(description="the mean of these runs less that of the baseline's")
    p: float = Field(description="how often seeds alone would set means as far apart")
    level: float = Field(description="below this p the difference exceeds the noise")
    freedom: float | None = Field(description="degrees of freedom; null where neither recipe varies with its seed")

    @property
    def is_exceeded(self) -> bool:
        """Whether the difference exceeds the noise between seeds."""
        return self.p < self.level
